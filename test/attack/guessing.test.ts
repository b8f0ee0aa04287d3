import { describeGuessing } from './guessing.ts';

describeGuessing('the embedded store', async () => ({}));
