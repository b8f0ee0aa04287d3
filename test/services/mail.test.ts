import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMail } from './mail.ts';

describeMail(
  'the embedded store',
  async () => ({}),
  async (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n'),
);
