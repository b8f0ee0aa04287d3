import { describeImportCommand } from './import.ts';

describeImportCommand('the embedded store', async () => ({}));
