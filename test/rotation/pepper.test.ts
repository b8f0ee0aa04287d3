import { describePepperRotation } from './pepper.ts';

describePepperRotation({ engine: 'the embedded store', machines: 1, settings: async () => ({}) });
