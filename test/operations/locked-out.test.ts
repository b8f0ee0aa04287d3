/** What to do when locked out oneself: each drill of docs/operations.md, through the process. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RingkeyProcess, startRingkey } from '../support/ringkey-process.ts';
import { withTestService } from '../support/service.ts';
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
    await before.api('POST', '/users', { extension: '1001' });
    await before.api('POST', '/users/1001/pin/reset', { pin: '271804', pinExpired: false });
    await before.end();
    rmSync(join(folder, 'secrets', 'admin-token'));

    const after = await start({ DATA_DIR: folder });
    expect(after.secret('admin-token')).not.toBe(old);
    expect(await statusWith(after, old)).toBe(401);
    expect(await statusWith(after, after.secret('admin-token'))).toBe(200);
    const call = await after.dial();
    await call.press('1001#271804#');
    expect(call.heard()).toMatch(/signed in/);
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

describe('when somebody guesses tokens from the same address', () => {
  it('a valid one is let through', () =>
    withTestService({}, async ({ service, secrets }) => {
      const statuses = [];
      for (let tried = 0; tried < 12; tried += 1) statuses.push(await statusWith(service, 'x'.repeat(43)));
      expect(statuses.at(-1)).toBe(429);
      expect(await statusWith(service, secrets.adminToken)).toBe(200);
    }));
});

describe("when every administrator's own account is locked", () => {
  it('a token lifts the locks: it asks nothing of an account', () =>
    withTestService({}, async (ringkey) => {
      for (const extension of ['1001', '1002']) {
        await ringkey.addUser({ extension }, '271804');
        await ringkey.api('PATCH', `/users/${extension}/pin`, { lockedOut: true });
      }
      const unlocked = await ringkey.api('POST', '/pins/unlock', {
        filter: { lockedOut: true },
        expectedCount: 2,
      });
      expect(unlocked.status).toBe(200);
      const call = await ringkey.dial();
      await call.press('1001#271804#');
      expect(call.heard()).toMatch(/signed in/);
    }));
});
