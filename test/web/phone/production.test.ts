import { describePhoneInProduction } from './production.ts';

describePhoneInProduction('the embedded store', async () => ({}));
