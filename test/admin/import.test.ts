import { describeImport } from './import.ts';

describeImport('the embedded store', async () => ({}));
