/** What to do when locked out oneself: each drill of docs/operations.md, through the process. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordsOf, runProcess } from '../support/ringkey-command.ts';
import { type RingkeyProcess, runRingkey, startRingkey } from '../support/ringkey-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function start(env: Readonly<Record<string, string>> & { readonly DATA_DIR: string }) {
  const ringkey = await startRingkey(env);
  onTestFinished(() => ringkey.end('SIGKILL'));
  return ringkey;
}

async function statusWith({ url }: { readonly url: string }, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/api/v1/tokens`, { headers })).status;
}

/** Runs the command line, with the token that the service made. */
function run(ringkey: RingkeyProcess, ...args: string[]) {
  return runProcess({ service: ringkey, secrets: { adminToken: ringkey.secret('admin-token') } }, args);
}

async function addUser(ringkey: RingkeyProcess, extension: string, pin: string): Promise<void> {
  await ringkey.api('POST', '/users', { extension });
  await ringkey.api('POST', `/users/${extension}/pin/reset`, { pin, pinExpired: false });
}

/** What a caller hears who keys these. */
async function signIn(ringkey: RingkeyProcess, extension: string, pin: string): Promise<string> {
  const call = await ringkey.dial();
  await call.press(`${extension}#${pin}#`);
  return call.heard();
}

/** Signs in to the pages; what the browser sends from then on. */
async function openSession({ url }: RingkeyProcess, token: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/admin/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const { session } = (await response.json()) as { session: { csrfToken: string } };
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
  return { cookie, 'x-csrf-token': session.csrfToken };
}

async function statusIn({ url }: RingkeyProcess, session: Record<string, string>): Promise<number> {
  return (await fetch(`${url}/api/v1/tokens`, { headers: session })).status;
}

describe('when no admin token is left', { timeout: 120_000 }, () => {
  it('the file is removed, and the next start makes another; the old one is worth nothing', async () => {
    const folder = temporaryFolder();
    const before = await start({ DATA_DIR: folder });
    const old = before.secret('admin-token');
    await addUser(before, '1001', '271804');
    await before.end();
    rmSync(join(folder, 'secrets', 'admin-token'));

    const after = await start({ DATA_DIR: folder });
    expect(after.secret('admin-token')).not.toBe(old);
    expect(await statusWith(after, old)).toBe(401);
    expect(await statusWith(after, after.secret('admin-token'))).toBe(200);
    expect(await signIn(after, '1001', '271804')).toMatch(/signed in/);
  });

  it('another ADMIN_TOKEN is set; sessions that began with the old one are over', async () => {
    const folder = temporaryFolder();
    const first = { DATA_DIR: folder, ADMIN_TOKEN: 'the-first-admin-token-of-32-characters' };
    const before = await start(first);
    const made = await before.api('POST', '/tokens', { name: 'ada', role: 'admin' });
    await before.api('DELETE', `/tokens/${String(made.body.id)}`);
    const session = await openSession(before, first.ADMIN_TOKEN);
    expect(await statusIn(before, session)).toBe(200);
    await before.end();

    const after = await start({ ...first, ADMIN_TOKEN: 'the-second-admin-token-of-32-characters' });
    expect(await statusWith(after, first.ADMIN_TOKEN)).toBe(401);
    expect(await statusWith(after, String(made.body.token))).toBe(401);
    expect(await statusIn(after, session)).toBe(401);
    const another = await after.api('POST', '/tokens', { name: 'grace', role: 'admin' });
    expect(await statusWith(after, String(another.body.token))).toBe(200);
  });
});

describe('when somebody guesses tokens from the same address', { timeout: 120_000 }, () => {
  it('a valid one is let through', async () => {
    const ringkey = await start({ DATA_DIR: temporaryFolder() });
    const statuses = [];
    for (let tried = 0; tried < 12; tried += 1) statuses.push(await statusWith(ringkey, 'x'.repeat(43)));
    expect(statuses.at(-1)).toBe(429);
    expect(await statusWith(ringkey, ringkey.secret('admin-token'))).toBe(200);
  });
});

describe("when every administrator's own account is locked", { timeout: 120_000 }, () => {
  it('the command line lifts the locks: its token asks nothing of an account', async () => {
    const ringkey = await start({ DATA_DIR: temporaryFolder() });
    for (const extension of ['1001', '1002']) {
      await addUser(ringkey, extension, '271804');
      await ringkey.api('PATCH', `/users/${extension}/pin`, { lockedOut: true });
    }
    const locked = recordsOf(await run(ringkey, 'pin', 'list', '--locked-out'));
    expect(locked.map(({ extension }) => extension).sort()).toEqual(['1001', '1002']);
    expect(await run(ringkey, 'pin', 'unlock', '--locked-out', '--yes')).toMatchObject({ code: 0 });
    expect(await signIn(ringkey, '1001', '271804')).toMatch(/signed in/);
  });
});

describe('when the pepper is lost', { timeout: 120_000 }, () => {
  it('the service starts with another once it is told so, and those who had a PIN are given a new one', async () => {
    const folder = temporaryFolder();
    const pepper = (byte: number) => ({
      DATA_DIR: folder,
      PIN_PEPPER: Buffer.alloc(32, byte).toString('base64'),
    });
    const before = await start(pepper(1));
    await addUser(before, '1001', '271804');
    await before.end();

    const refused = await runRingkey({ ...pepper(2), PORT: '0' });
    expect(refused.code).toBe(1);
    const [, lost = ''] = /was used with key ([0-9a-f]{12})/.exec(refused.err) ?? [];
    const starting = start({ ...pepper(2), PIN_PEPPER_LOST: lost });
    await expect(starting).resolves.toBeDefined();
    const after = await starting;
    expect(await signIn(after, '1001', '271804')).toMatch(/do not match/);
    const concerned = recordsOf(await run(after, 'user', 'list', '--pin-pepper', lost));
    expect(concerned.map(({ extension }) => extension)).toEqual(['1001']);
    const how = ['--reveal', '--no-send-email', '--no-pin-expired', '--yes'];
    const [reset] = recordsOf(await run(after, 'pin', 'reset', '--pin-pepper', lost, ...how));
    expect(await signIn(after, '1001', String(reset?.pin))).toMatch(/signed in/);
    await after.end();

    const forgotten = await start(pepper(2));
    expect(await signIn(forgotten, '1001', String(reset?.pin))).toMatch(/signed in/);
  });
});
