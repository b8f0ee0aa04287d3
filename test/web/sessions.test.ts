import { afterEach, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';
import { describeSessions } from './sessions.ts';

describe('sessions, in the folder', () => {
  describeSessions(async () => ({}));
});

describe('sessions', () => {
  const started: TestService[] = [];
  afterEach(async () => {
    for (const ringkey of started.splice(0)) await ringkey.stop();
  });

  async function start(env: Readonly<Record<string, string>>, dataDir?: string) {
    const ringkey = await startTestService({ env, ...(dataDir === undefined ? {} : { dataDir }) });
    started.push(ringkey);
    return ringkey;
  }

  const signIn = (url: string, token: string) =>
    fetch(`${url}/admin/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });

  it('are kept in a Secure cookie of this host where the address is https', async () => {
    const { service, secrets } = await start({ PUBLIC_URL: 'https://pin.example.com' });
    const answer = await signIn(service.url, secrets.adminToken);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-ringkey-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    const read = await fetch(`${service.url}/admin/session`, {
      headers: { cookie, origin: 'https://pin.example.com' },
    });
    expect(await read.json()).toMatchObject({ session: { name: 'ADMIN_TOKEN' } });
  });

  it('of ADMIN_TOKEN end when that is changed', async () => {
    const [before, after] = ['a', 'b'].map((letter) => letter.repeat(32));
    const first = await start({ ADMIN_TOKEN: before ?? '', SESSION_IDLE_MINUTES: '60' });
    const answer = await signIn(first.service.url, before ?? '');
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    const { dataDir } = first;
    await first.service.stop();
    started.splice(0);
    const same = await startTestService({ env: { ADMIN_TOKEN: before ?? '' }, dataDir, clock: first.clock });
    const read = async ({ service }: TestService) =>
      (await fetch(`${service.url}/admin/session`, { headers: { cookie } })).json();
    expect(await read(same)).toMatchObject({ session: { role: 'admin' } });
    await same.stop();
    const changed = await startTestService({
      env: { ADMIN_TOKEN: after ?? '' },
      dataDir,
      clock: first.clock,
    });
    expect(await read(changed)).toEqual({ session: null });
    await changed.stop();
  });
});
