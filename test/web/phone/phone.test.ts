import { describePhonePage } from './phone.ts';

describePhonePage('the embedded store', async () => ({}));
