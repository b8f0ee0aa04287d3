import { stealFolder } from './steal.ts';
import { describeTheft } from './theft.ts';

describeTheft('the embedded store', { env: async () => ({}), steal: stealFolder });
