import { describeTokens } from './tokens.ts';

describeTokens('the embedded store', async () => ({}));
