import { describeExport } from './export.ts';

describeExport('the embedded store', async () => ({}));
