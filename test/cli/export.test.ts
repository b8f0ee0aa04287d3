import { describeExportCommands } from './export.ts';

describeExportCommands('the embedded store', async () => ({}));
