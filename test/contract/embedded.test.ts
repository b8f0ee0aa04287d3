import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, normalize } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { StoreOpenError } from '../../src/store/open-error.ts';
import { type Json, StoreUnavailableError } from '../../src/store/store.ts';
import { fakeClock } from '../support/clock.ts';
import { endProcess, startProcess } from '../support/processes.ts';
import { makeTemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { describeStore } from './store.contract.ts';

const contractFolder = makeTemporaryFolder();
afterAll(() => rmSync(contractFolder, { recursive: true, force: true }));

describeStore('the embedded engine', (clock) => openEmbeddedStore({ folder: contractFolder, clock }));

const key = { partition: 'p', name: 'document' };

describe('what was answered', () => {
  test('is still there when the process is killed right after', async () => {
    const folder = temporaryFolder();
    const child = await startCommitter(folder);
    await endProcess(child, 'SIGKILL');
    const store = await open(folder);
    const found = await store.get({ partition: 'durable', name: 'document' });
    expect(found?.value).toBe('answered');
    expect(await store.readCounter({ name: 'durable', windowMs: 3_600_000 })).toBe(3);
  });

  test('is still there after a close and a new start', async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    await first.commit([{ type: 'put', key, expected: null, value: 'kept' }]);
    await first.close();
    expect((await (await open(folder)).get(key))?.value).toBe('kept');
  });
});

describe('a long series of reads', () => {
  test('lets others have their turn, and reads the same', async () => {
    const store = await open(temporaryFolder());
    await store.commit([{ type: 'put', key, expected: null, value: 'here' }]);
    let turns = 0;
    let isOver = false;
    const takeTurns = () => {
      turns += 1;
      if (!isOver) setImmediate(takeTurns);
    };
    setImmediate(takeTurns);
    for (let n = 0; n < 300; n += 1) expect((await store.get(key))?.value).toBe('here');
    const atOnce = await Promise.all(Array.from({ length: 300 }, () => store.get(key)));
    isOver = true;
    expect(atOnce.every((found) => found?.value === 'here')).toBe(true);
    expect(turns).toBeGreaterThan(10);
  });
});

describe('the folder', () => {
  test('is made, for this user only', async () => {
    const asked = `${temporaryFolder()}/nothing/../made/here/`;
    const folder = normalize(asked);
    await open(asked);
    expect(modeOf(folder)).toBe(0o700);
    for (const file of ['ringkey.mdb', 'ringkey.mdb-lock', 'lock']) {
      expect(modeOf(join(folder, file)), file).toBe(0o600);
    }
  });

  test('that another process has open is refused, and says which process', async () => {
    const folder = temporaryFolder();
    const child = await startCommitter(folder);
    const error = await refusalOf(folder);
    expect(error.message).toContain(folder);
    expect(error.message).toContain(`process ${child.pid}`);
    await endProcess(child, 'SIGKILL');
    await open(folder);
  });

  test('that this process has open is refused until it is closed', async () => {
    const folder = temporaryFolder();
    const first = await open(folder);
    await first.commit([{ type: 'put', key, expected: null, value: 1 }]);
    expect((await refusalOf(folder)).message).toContain(`process ${process.pid}`);
    expect((await first.get(key))?.value).toBe(1);
    await first.close();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    await open(folder);
  });

  test.each([
    ['names a process that is gone', `${goneProcessId()} boot 1`],
    ['names an id that another process has been given', `${process.ppid} another-boot 1`],
    ['names our own id, which a process before us had', `${process.pid} another-boot 1`],
    ['is empty after a power failure', ''],
    ['is garbage', 'garbage'],
  ])('opens when a lock that was left behind %s', async (_, lock) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), lock);
    await (await open(folder)).ping();
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  });

  test('is refused when it lies within a file', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const folder of [file, join(file, 'data')]) {
      expect((await refusalOf(folder)).message).toMatch(`The data folder ${folder} can't be used (E`);
    }
  });

  test.each([0o500, 0o000])('is refused when this user has no right to write it (%o)', async (mode) => {
    const folder = temporaryFolder();
    chmodSync(folder, mode);
    const error = await asAnybody(() => refusalOf(folder));
    expect(error.message).toContain(folder);
    expect(error.message).toContain('EACCES');
  });

  test("is refused when its file is somebody else's", async () => {
    const folder = temporaryFolder();
    await (await open(folder)).close();
    chmodSync(folder, 0o777);
    chmodSync(join(folder, 'ringkey.mdb'), 0o400);
    const error = await asAnybody(() => refusalOf(folder));
    expect(error.message).toContain(join(folder, 'ringkey.mdb'));
    expect(error.message).toContain('EACCES');
  });
});

describe('a file', () => {
  test.each<[string, (path: string) => void]>([
    ['holds garbage', (path) => writeFileSync(path, Buffer.alloc(65_536, 'garbage'))],
    ['holds a line of text', (path) => writeFileSync(path, 'hello\n')],
    ['was cut short', (path) => truncateSync(path, 8192)],
    ['was cut within its first page', (path) => truncateSync(path, 100)],
    ['has a damaged second page', (path) => overwrite(path, 4096)],
    ['is a folder', (path) => replaceByFolder(path)],
  ])('that %s is refused and left as it is', async (_, damage) => {
    const folder = temporaryFolder();
    const path = join(folder, 'ringkey.mdb');
    const store = await open(folder);
    await store.commit([{ type: 'put', key, expected: null, value: 'x'.repeat(50_000) }]);
    await store.close();
    damage(path);
    const before = snapshot(path);
    const error = await refusalOf(folder);
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('\n');
    expect(snapshot(path)).toEqual(before);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  test('that is empty is a new one', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ringkey.mdb'), '');
    await (await open(folder)).ping();
  });

  test('does not grow for ever by what expires', async () => {
    const folder = temporaryFolder();
    const clock = fakeClock();
    const store = await open(folder, clock.now);
    const spend = async (round: number) => {
      for (let index = 0; index < 50; index += 1) {
        const name = `${round}-${index}`;
        const value: Json = 'x'.repeat(2000);
        await store.commit([
          {
            type: 'put',
            key: { partition: 'p', name },
            expected: null,
            value,
            expiresAt: clock.now() + 1000,
          },
        ]);
        await store.addToCounter({ name, windowMs: 1000 }, 1);
      }
      clock.advance(1000);
    };
    for (let round = 0; round < 3; round += 1) await spend(round);
    const size = statSync(join(folder, 'ringkey.mdb')).size;
    for (let round = 3; round < 15; round += 1) await spend(round);
    expect(statSync(join(folder, 'ringkey.mdb')).size).toBeLessThan(size * 1.5);
  });
});

test('a write that fails leaves nothing of its commit behind, and says that the store is unavailable', async () => {
  const store = await open(temporaryFolder());
  const tooLong = { partition: 'p', name: 'n'.repeat(5000) };
  const changes = [key, tooLong].map((each) => ({
    type: 'put' as const,
    key: each,
    expected: null,
    value: 1,
  }));
  await expect(store.commit(changes)).rejects.toThrow(StoreUnavailableError);
  expect(await store.get(key)).toBeNull();
});

test('a full disk makes a commit fail and not the process, and what was there can still be read', async () => {
  // A limit on the size of files stands for the disk; the signal that comes with it must be ignored, as a disk sends none.
  const limited = 'trap "" XFSZ; ulimit -f 1000; exec "$@"';
  const script = new URL('../support/commit-until-full.ts', import.meta.url).pathname;
  const node = [process.execPath, '--import', 'tsx', script, temporaryFolder()];
  const lines: string[] = [];
  const child = await startProcess('sh', ['-c', limited, 'sh', ...node], (line) => {
    lines.push(line);
    return line.startsWith('afterwards');
  });
  await endProcess(child, 'SIGKILL');
  expect(lines).toContain('failed: StoreUnavailableError');
  expect(lines.at(-1)).toBe('afterwards: the first one is there, the failed one is not');
});

test('a closed store is unavailable', async () => {
  const folder = temporaryFolder();
  const store = await open(folder);
  await store.close();
  await expect(store.get(key)).rejects.toThrow(StoreUnavailableError);
  await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
});

async function open(folder: string, clock: () => number = Date.now) {
  const store = await openEmbeddedStore({ folder, clock });
  onTestFinished(() => store.close());
  return store;
}

async function refusalOf(folder: string): Promise<Error> {
  const error = await openEmbeddedStore({ folder, clock: Date.now }).then(
    () => new Error('It opened.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreOpenError);
  return error instanceof Error ? error : new Error();
}

/** The superuser may write everywhere, so its rights are laid down for this. */
async function asAnybody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

function startCommitter(folder: string) {
  const script = new URL('../support/commit-and-tell.ts', import.meta.url).pathname;
  const args = ['--import', 'tsx', script, 'embedded', folder];
  return startProcess(process.execPath, args, (line) => line === 'committed');
}

function goneProcessId(): string {
  return execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

function overwrite(path: string, position: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xff, position, position + 64);
  writeFileSync(path, bytes);
}

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function snapshot(path: string): unknown {
  return statSync(path).isDirectory() ? 'folder' : readFileSync(path);
}
