import { describeMePage } from './me-page.ts';

describeMePage('the embedded store', async () => ({}));
