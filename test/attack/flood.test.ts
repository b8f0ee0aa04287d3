import { describeFlood } from './flood.ts';

describeFlood('the embedded store', async () => ({}));
