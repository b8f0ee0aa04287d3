import { describeStatistics } from './statistics.ts';

describeStatistics('the embedded store', async () => ({}));
