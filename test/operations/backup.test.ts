/** Backup and restore of the data folder, by the commands that docs/operations.md names. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, it, onTestFinished } from 'vitest';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { type RingkeyProcess, startRingkey } from '../support/ringkey-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('../../src/backup.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

const secrets = {
  PIN_PEPPER: Buffer.alloc(32, 23).toString('base64'),
  ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
};

async function start(dataDir: string): Promise<RingkeyProcess> {
  const ringkey = await startRingkey({ ...secrets, DATA_DIR: dataDir });
  onTestFinished(() => ringkey.end('SIGKILL'));
  return ringkey;
}

async function backUp(dataDir: string, ...args: string[]) {
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: dataDir };
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: root,
    env,
  });
  return run.then(
    ({ stdout }) => ({ code: 0, told: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, told: stderr }),
  );
}

/** Adds users until it is told to stop; how many were answered for. */
function addUsersUntil(ringkey: RingkeyProcess, isOver: () => boolean): Promise<number> {
  return (async () => {
    let added = 0;
    for (; !isOver(); added += 1) {
      await ringkey.api('POST', '/users', { extension: String(5000 + added), displayName: 'Of many' });
    }
    return added;
  })();
}

async function signIn(ringkey: RingkeyProcess, extension: string, pin: string): Promise<string> {
  const call = await ringkey.dial();
  await call.press(`${extension}#`);
  await call.press(`${pin}#`);
  const heard = call.heard();
  await call.hangUp();
  return heard;
}

async function setPin(ringkey: RingkeyProcess, extension: string, pin: string): Promise<void> {
  const { status } = await ringkey.api('POST', `/users/${extension}/pin/reset`, { pin, pinExpired: false });
  expect(status).toBe(200);
}

async function statusWith(ringkey: RingkeyProcess, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${ringkey.url}/api/v1/users`, { headers })).status;
}

/** Several processes are started one after the other. */
const patience = { timeout: 120_000 };

describe('a backup that is made while the service writes', patience, () => {
  it('is one state, from which users sign in again, and which knows nothing of what came later', async () => {
    const folder = temporaryFolder();
    const ringkey = await start(join(folder, 'data'));
    for (const extension of ['1001', '1002']) {
      await ringkey.api('POST', '/users', { extension });
      await setPin(ringkey, extension, '271804');
    }
    const token = await ringkey.api('POST', '/tokens', { name: 'leaver', role: 'viewer' });
    let isCopied = false;
    const adding = addUsersUntil(ringkey, () => isCopied);
    const copy = await backUp(join(folder, 'data'), join(folder, 'copy'));
    isCopied = true;
    const added = await adding;
    expect(copy.code).toBe(0);
    expect(copy.told).toMatch(/ringkey\.mdb: \d+ documents, \d+ bytes\. The secrets are not in it\./);
    expect(readdirSync(join(folder, 'copy'))).toEqual(['ringkey.mdb']);
    expect(statSync(join(folder, 'copy', 'ringkey.mdb')).mode & 0o777).toBe(0o600);

    // What the backup can't know.
    await setPin(ringkey, '1002', '604827');
    await signIn(ringkey, '1001', '592631');
    await ringkey.api('DELETE', `/tokens/${String(token.body.id)}`);
    await ringkey.api('POST', '/users', { extension: '1003' });
    await ringkey.end('SIGKILL');

    const restored = await start(join(folder, 'copy'));
    expect(await signIn(restored, '1001', '271804')).toMatch(/signed in/);
    expect(await signIn(restored, '1002', '271804')).toMatch(/signed in/);
    const status = await restored.api('GET', '/users/1001/pin');
    expect(status.body).toMatchObject({ failedAttempts: 0 });
    expect((await restored.api('GET', '/users/1003')).status).toBe(404);
    // A token that was revoked since is good again: the document says to revoke it once more.
    expect(await statusWith(restored, String(token.body.token))).toBe(200);

    const list = await restored.api('GET', '/users?limit=1000');
    const users = list.body.users as { extension: string }[];
    expect(users.length).toBeGreaterThanOrEqual(2);
    expect(users.length).toBeLessThanOrEqual(2 + added);
    for (const { extension } of users) {
      expect((await restored.api('GET', `/users/${extension}`)).status).toBe(200);
    }
    expect((await restored.api('GET', '/audit/verification')).body).toMatchObject({ intact: true });
  });
});

describe('the copy', patience, () => {
  it('is for its owner alone from its first byte, wherever it is put', async () => {
    const folder = temporaryFolder();
    const store = await openEmbeddedStore({ folder: join(folder, 'data'), clock: Date.now });
    // Large enough to be seen while it is written.
    for (let name = 0; name < 100; name += 1) {
      const key = { partition: 'p', name: String(name) };
      const value = { schemaVersion: 1, text: 'x'.repeat(1_000_000) };
      await store.commit([{ type: 'put', key, expected: null, value }]);
    }
    await store.close();
    const target = join(folder, 'copy');
    mkdirSync(target, { mode: 0o755 });
    const seen = new Map<string, number>();
    const watching = setInterval(() => {
      for (const name of readdirSync(target)) {
        const found = statSync(join(target, name), { throwIfNoEntry: false });
        if (found !== undefined) seen.set(name, (seen.get(name) ?? 0) | (found.mode & 0o777));
      }
    }, 1);
    const copy = await backUp(join(folder, 'data'), target);
    clearInterval(watching);
    expect(copy.code).toBe(0);
    expect([...seen.keys()].some((name) => name !== 'ringkey.mdb')).toBe(true);
    expect(new Set(seen.values())).toEqual(new Set([0o600]));
  });
});

describe('the commands for systemd', patience, () => {
  const document = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const [, section = ''] = /^\*\*Under systemd\*\*(.*?)^### /ms.exec(document) ?? [];

  it('make a backup while the service runs, and put it back into an empty folder', async () => {
    const folder = temporaryFolder();
    const places = [
      ['/opt/ringkey', root],
      ['/var/lib/private', join(folder, 'private')],
      ['/var/lib', folder],
      ['/var/backups', join(folder, 'backups')],
    ] as const;
    const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) =>
      places.reduce((text, [place, ours]) => text.replaceAll(place, ours), block),
    );
    const [backup = '', restore = ''] = blocks;
    expect(restore).toMatch(/^systemctl stop ringkey\n.*\nsystemctl start ringkey\n$/s);
    const shell = (text: string) =>
      promisify(execFile)('sh', ['-ec', `umask 022\n${text.replaceAll(/^systemctl .*\n/gm, '')}`]);
    const data = join(folder, 'private', 'ringkey');
    mkdirSync(data, { recursive: true });
    symlinkSync(join('private', 'ringkey'), join(folder, 'ringkey'));

    const ringkey = await start(join(folder, 'ringkey'));
    await ringkey.api('POST', '/users', { extension: '1001' });
    await setPin(ringkey, '1001', '271804');
    await shell(backup);
    await ringkey.api('POST', '/users', { extension: '1002' });
    await ringkey.end();

    await shell(restore);
    expect(readdirSync(data)).toEqual(['ringkey.mdb']);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'ringkey.mdb')).mode & 0o777).toBe(0o600);
    const restored = await start(join(folder, 'ringkey'));
    expect(await signIn(restored, '1001', '271804')).toMatch(/signed in/);
    expect((await restored.api('GET', '/users/1002')).status).toBe(404);
  });
});

describe('a backup that can not be made', patience, () => {
  it('says why, and touches nothing', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'there'));
    writeFileSync(join(folder, 'there', 'ringkey.mdb'), 'an earlier backup');
    mkdirSync(join(folder, 'foreign'));
    writeFileSync(join(folder, 'foreign', 'ringkey.mdb'), 'something else'.repeat(1000));
    const ringkey = await start(join(folder, 'data'));
    await ringkey.end();

    const overwriting = await backUp(join(folder, 'data'), join(folder, 'there'));
    expect(overwriting).toEqual({ code: 1, told: expect.stringMatching(/there already/) });
    expect(readFileSync(join(folder, 'there', 'ringkey.mdb'), 'utf8')).toBe('an earlier backup');
    const empty = await backUp(join(folder, 'none'), join(folder, 'copy'));
    expect(empty).toEqual({ code: 1, told: expect.stringMatching(/no .*ringkey\.mdb: set DATA_DIR/) });
    const damaged = await backUp(join(folder, 'foreign'), join(folder, 'copy'));
    expect(damaged).toEqual({ code: 1, told: expect.stringMatching(/no LMDB file/) });
    const nowhere = await backUp(join(folder, 'data'), '/proc/ringkey');
    expect(nowhere).toEqual({ code: 1, told: expect.stringMatching(/\/proc\/ringkey.*can't be written/) });
    expect(await backUp(join(folder, 'data'))).toEqual({ code: 2, told: expect.stringMatching(/^Usage/) });
    expect(readdirSync(folder).sort()).toEqual(['data', 'foreign', 'there']);
  });
});
