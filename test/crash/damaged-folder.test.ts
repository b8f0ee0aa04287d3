/** A folder that is damaged where a look at the file's first pages doesn't show it, or that is somebody else's: as its operator meets it. */
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { runRingkey } from '../support/ringkey-process.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A folder with a few users, whose service was killed, and the file in it. */
async function usedFolder(): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = temporaryFolder();
  const service = await startServiceProcess({ env: { DATA_DIR: folder, LOG_LEVEL: 'error' } });
  for (const extension of ['4711', '4712']) await service.api('POST', '/users', { extension });
  await service.end('SIGKILL');
  return { folder, file: join(folder, 'ringkey.mdb') };
}

/** What the operator reads: the last line, since LMDB may say something of its own before. */
async function refusalOf(folder: string): Promise<string> {
  const { code, out, err } = await runRingkey({ DATA_DIR: folder });
  expect([code, out]).toEqual([1, '']);
  expect(err).not.toMatch(/\n\s+at /);
  return err.trim().split('\n').at(-1) ?? '';
}

describe('a folder that can not be used stops the start, and says in a line what to do', () => {
  it.each<[string, (bytes: Buffer) => void]>([
    ['a flipped bit in the first header', (bytes) => bytes.writeUInt8(bytes.readUInt8(24) ^ 1, 24)],
    ['zeros in all pages of data', (bytes) => bytes.fill(0, 8192)],
    ['ones in all pages of data', (bytes) => bytes.fill(0xff, 8192)],
  ])('with %s', async (_, damage) => {
    const { folder, file } = await usedFolder();
    const bytes = readFileSync(file);
    damage(bytes);
    writeFileSync(file, bytes);
    expect(await refusalOf(folder)).toMatch(/ringkey\.mdb.*restore it from a backup/);
  });

  it('with a document that is no JSON any more', async () => {
    const { folder, file } = await usedFolder();
    const bytes = readFileSync(file);
    for (let at = 0; at !== -1; at = bytes.indexOf('"pepperId"', at + 1)) if (at > 0) bytes.write('?', at);
    writeFileSync(file, bytes);
    expect(await refusalOf(folder)).toMatch(/can't be read.*restore it from a backup/);
  });

  it('with its last page cut off, which no root shows', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'ringkey.mdb');
    const store = await openEmbeddedStore({ folder, clock: Date.now });
    const put = (name: string, value: string) =>
      store.commit([{ type: 'put', key: { partition: 'p', name }, expected: null, value }]);
    // The first ones leave free pages behind, where the roots go when the last one takes new pages at the end.
    for (let n = 0; n < 20; n += 1) await put(`small-${n}`, 'x');
    await put('large', 'x'.repeat(50_000));
    await store.close();
    truncateSync(file, statSync(file).size - 4096);
    const before = readFileSync(file);
    const opening = openEmbeddedStore({ folder, clock: Date.now });
    await expect(opening).rejects.toThrow(/ringkey\.mdb.*was cut short.*restore it from a backup/);
    expect(readFileSync(file)).toEqual(before);
  });

  it('with the file of another program', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'ringkey.mdb');
    const other = open({ path: file, noSubdir: true });
    await other.put('something', 'else');
    await other.close();
    const before = readFileSync(file);
    const opening = openEmbeddedStore({ folder, clock: Date.now });
    await expect(opening).rejects.toThrow(/ringkey\.mdb.*another program.*DATA_DIR/);
    expect(readFileSync(file)).toEqual(before);
  });
});
