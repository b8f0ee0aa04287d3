import { describeExitCodes } from './exit-codes.ts';

describeExitCodes('the embedded store', async () => ({}));
