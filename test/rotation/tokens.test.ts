import { describeTokenRotation } from './tokens.ts';

describeTokenRotation({ engine: 'the embedded store', machines: 1, settings: async () => ({}) });
