import { describeCmdletTable } from './cmdlet-table.ts';

describeCmdletTable('the embedded store', async () => ({}));
