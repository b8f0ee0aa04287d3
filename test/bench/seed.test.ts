/** Accounts that a bench loads in bulk are, to the byte, those that the product stores; only the versions of documents are random. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadIntoFolder } from '../../bench/seed/seed.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { openLmdbFile } from '../../src/store/lmdb-file.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { dumpInBulk, makeByProduct } from './seeded.ts';

const tables = ['documents', 'indexes', 'expiries', 'counters'];

/** Every entry of the store's file, as bytes. */
async function contentsOf(folder: string): Promise<Record<string, string[]>> {
  const root = openLmdbFile(join(folder, 'ringkey.mdb'));
  const contents = tables.map((name) => {
    const table = root.openDB<Buffer, string[]>({ name, encoding: 'binary' });
    const entries = [...table.getRange()].map(({ key, value }) => `${JSON.stringify(key)} ${String(value)}`);
    return [name, entries.map((entry) => entry.replace(/"version":"[0-9a-f-]{36}"/, '"version":"…"'))];
  });
  await root.close();
  return Object.fromEntries(contents);
}

test('in the folder', async () => {
  const [byProduct, inBulk, dump] = [makeTemporaryFolder(), makeTemporaryFolder(), makeTemporaryFolder()];
  const now = Date.now();
  const store = await openEmbeddedStore({ folder: byProduct, clock: () => now });
  await makeByProduct(store, now);
  await store.close();

  await dumpInBulk(dump, now);
  await loadIntoFolder(dump, inBulk);

  const expected = await contentsOf(byProduct);
  expect(expected.documents?.length).toBeGreaterThan(100);
  expect(await contentsOf(inBulk)).toEqual(expected);
});
