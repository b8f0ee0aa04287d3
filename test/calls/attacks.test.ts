import { describeAttacks } from './attacks.ts';

describeAttacks('the embedded store', async () => ({}));
