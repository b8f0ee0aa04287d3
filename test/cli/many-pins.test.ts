import { describeManyPinsCommands } from './many-pins.ts';

describeManyPinsCommands('the embedded store', async () => ({}));
