import { describeManyPins } from './many-pins.ts';

describeManyPins('the embedded store', async () => ({}));
