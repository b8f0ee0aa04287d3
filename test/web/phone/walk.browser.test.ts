import { describeWalks } from './walk.ts';

describeWalks('the embedded store', async () => ({}));
