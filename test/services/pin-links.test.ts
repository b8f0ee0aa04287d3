import { rmSync } from 'node:fs';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { describePinLinks } from './pin-links.ts';

describePinLinks('the embedded store', async (clock) => {
  const folder = makeTemporaryFolder();
  const store = await openEmbeddedStore({ folder, clock });
  return {
    ...store,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
