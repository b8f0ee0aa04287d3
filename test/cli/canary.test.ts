import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCommandCanary } from './canary.ts';

describeCommandCanary(
  'the embedded store',
  // Given, since one that is made would be kept in the data folder.
  async () => ({ ADMIN_TOKEN: 'the-first-token-for-tests-of-32-characters' }),
  async (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n'),
);
