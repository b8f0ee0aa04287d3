import { describeKillMidChange } from './kill-mid-change.ts';

describeKillMidChange('the embedded store', async () => ({}));
