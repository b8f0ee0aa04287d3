/**
 * `ringkey user`, `ringkey pin list` and `ringkey token`: the real program against a real service. Run on each engine.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, runAtTerminal, runCommand, runShell } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

export function describeListCommands(engine: string, settings: Settings): void {
  let service: TestService;

  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    return () => service.stop();
  });

  const run = (args: readonly string[], input?: string) =>
    runCommand(service, args, input === undefined ? {} : { input });

  /** The extensions that a list holds, in order. */
  async function extensionsIn(args: readonly string[]): Promise<unknown[]> {
    const listed = await run(args);
    expect(listed).toMatchObject({ code: 0, err: '' });
    return recordsOf(listed)
      .map(({ extension }) => extension)
      .sort();
  }

  describe(`lists on ${engine}`, () => {
    beforeEach(async () => {
      const sales = 'OU=Sales,DC=example,DC=com';
      await service.addUser(
        { extension: '1001', displayName: 'Ada Lovelace', dn: `CN=Ada,${sales}` },
        '271803',
      );
      await service.addUser({ extension: '1002', displayName: 'Adam Smith', policy: 'lync' });
      await service.addUser({ extension: '1003', dn: `CN=Grace,OU=East,${sales}` }, '718281', {
        lockedOut: true,
        pinExpired: true,
      });
    });

    it.each([
      { filter: [], found: ['1001', '1002', '1003'] },
      { filter: ['--pin-set'], found: ['1001', '1003'] },
      { filter: ['--no-pin-set'], found: ['1002'] },
      { filter: ['--locked-out'], found: ['1003'] },
      { filter: ['--no-locked-out'], found: ['1001', '1002'] },
      { filter: ['--no-pin-expired', '--pin-set'], found: ['1001'] },
      { filter: ['--first-time-user', '--pin-expired'], found: ['1003'] },
      { filter: ['--no-first-time-user'], found: [] },
      { filter: ['--ou', 'OU=Sales,DC=example,DC=com'], found: ['1001', '1003'] },
      { filter: ['--display-name', 'ada*'], found: ['1001', '1002'] },
      { filter: ['--policy', 'lync'], found: ['1002'] },
      { filter: ['--pin-pepper', '000000000000'], found: [] },
      { filter: ['--q', 'Lovelace'], found: ['1001'] },
    ])('hold what fits $filter', async ({ filter, found }) => {
      expect(await extensionsIn(['user', 'list', ...filter])).toEqual(found);
      expect(await extensionsIn(['pin', 'list', ...filter])).toEqual(found);
    });

    it('show statuses as `pin get` does, and users as `user get` does', async () => {
      const [status] = recordsOf(await run(['pin', 'list', '--locked-out']));
      expect(status).toEqual((await service.api('GET', '/users/1003/pin')).body);
      const [user] = recordsOf(await run(['user', 'list', '--locked-out']));
      expect(user).toMatchObject((await service.api('GET', '/users/1003')).body);
    });

    it('go on over many pages', async () => {
      for (let from = 2000; from < 2600; from += 50) {
        const fifty = Array.from({ length: 50 }, (_, at) =>
          service.addUser({ extension: String(from + at) }),
        );
        await Promise.all(fifty);
      }
      expect(await extensionsIn(['user', 'list'])).toHaveLength(603);
    });

    it('feed other commands: unlock everyone who is locked, a PIN for everyone who has none', async () => {
      await service.api('PATCH', '/users/1002/pin', { lockedOut: true });
      const asked = await runAtTerminal(service, 'ringkey pin list --locked-out | ringkey pin unlock -', [
        ['Unlock 2 users? [y/N]', 'y\r'],
      ]);
      expect(asked.code).toBe(0);
      expect(await extensionsIn(['pin', 'list', '--locked-out'])).toEqual([]);
      const reset = await runShell(service, 'ringkey pin list --no-pin-set | ringkey pin reset - --reveal');
      expect(reset.code).toBe(0);
      expect(recordsOf(reset)).toMatchObject([{ extension: '1002', pin: expect.stringMatching(/^\d+$/) }]);
      expect(await extensionsIn(['pin', 'list', '--no-pin-set'])).toEqual([]);
      expect(await run(['pin', 'unlock', '-'], '')).toEqual({ code: 0, out: '', err: '' });
    });
  });

  describe(`ringkey user set and remove on ${engine}`, () => {
    it('changes what is named, takes away what is cleared, and leaves the rest', async () => {
      await service.addUser({
        extension: '1001',
        displayName: 'Ada',
        email: 'ada@example.com',
        alias: 'ada',
      });
      const changed = await run([
        ...['user', 'set', '1001', '--extension', '1009', '--email', 'ada@corp.example.com', '--no-enabled'],
        ...['--clear', 'alias'],
      ]);
      expect(changed).toMatchObject({ code: 0, err: '' });
      const [user] = recordsOf(changed);
      const expected = { extension: '1009', displayName: 'Ada', email: 'ada@corp.example.com' };
      expect(user).toMatchObject({ ...expected, alias: null, enabled: false });
      expect((await service.api('GET', '/users/1009')).body).toEqual(user);
    });

    it('gives many a policy', async () => {
      for (const extension of ['1001', '1002']) await service.addUser({ extension });
      const granted = await runShell(service, 'ringkey user list | ringkey user set - --policy lync --yes');
      expect(granted).toMatchObject({ code: 0, err: '2 done, 0 failed.\n' });
      expect(await extensionsIn(['user', 'list', '--policy', 'lync'])).toEqual(['1001', '1002']);
    });

    it('removes only after a yes, even one', async () => {
      await service.addUser({ extension: '1001' });
      expect(await run(['user', 'remove', '1001', '--what-if'])).toMatchObject({ code: 0 });
      expect(await run(['user', 'remove', '1001'])).toMatchObject({
        code: 2,
        err: 'Remove 1001? There is no terminal to ask at. Say --yes.\n',
      });
      expect((await service.api('GET', '/users/1001')).status).toBe(200);
      expect(recordsOf(await run(['user', 'remove', '1001', '--yes']))).toMatchObject([
        { extension: '1001' },
      ]);
      expect((await service.api('GET', '/users/1001')).status).toBe(404);
    });
  });

  describe(`--what-if on ${engine}`, () => {
    it('has it checked, shows what would be, and does nothing', async () => {
      const [user] = recordsOf(await run(['user', 'add', '1001', '--alias', 'ada', '--what-if']));
      expect(user).toMatchObject({ id: null, extension: '1001', alias: 'ada', dryRun: true });
      expect(await extensionsIn(['user', 'list'])).toEqual([]);
      await service.addUser({ extension: '1001' });
      expect(await run(['user', 'add', '1001', '--what-if'])).toMatchObject({
        code: 1,
        err: expect.stringContaining('identity_taken'),
      });
      const [changed] = recordsOf(await run(['user', 'set', '1001', '--alias', 'ada', '--what-if']));
      expect(changed).toMatchObject({ alias: 'ada', whatIf: 'Change 1001' });
      expect((await service.api('GET', '/users/1001')).body).toMatchObject({ alias: null });

      const [token] = recordsOf(await run(['token', 'add', 'desk', '--role', 'helpdesk', '--what-if']));
      expect(token).toMatchObject({ name: 'desk', id: null });
      expect(token).not.toHaveProperty('token');
      const [made] = recordsOf(await run(['token', 'add', 'desk', '--role', 'helpdesk']));
      const revoked = await run(['token', 'revoke', String(made?.id), '--what-if']);
      expect(recordsOf(revoked)).toMatchObject([{ name: 'desk', dryRun: true }]);
      expect(recordsOf(await run(['token', 'list']))).toMatchObject([{ name: 'desk' }]);
    });
  });

  describe(`ringkey token on ${engine}`, () => {
    it('makes a token that works within its role and scope, and revokes it', async () => {
      const dn = 'CN=Ada,OU=Sales,DC=example,DC=com';
      await service.addUser({ extension: '1001', dn });
      await service.addUser({ extension: '1002', dn: 'CN=Grace,OU=Research,DC=example,DC=com' });
      const scope = 'OU=Sales,DC=example,DC=com';
      const added = await run([
        ...['token', 'add', 'sales-desk', '--role', 'helpdesk', '--scope', scope],
        ...['--may-ignore-scope', '--expires-in-days', '30'],
      ]);
      const [made] = recordsOf(added);
      expect(made).toMatchObject({ name: 'sales-desk', role: 'helpdesk', scope, mayIgnoreScope: true });
      const token = String(made?.token);
      const env = { HOME: '/nonexistent', RINGKEY_URL: service.service.url, RINGKEY_TOKEN: token };
      const as = (...args: readonly string[]) => runCommand(service, args, { env });
      expect(recordsOf(await as('pin', 'list'))).toMatchObject([{ extension: '1001' }]);
      expect(await as('pin', 'get', '1002')).toMatchObject({ code: 4 });
      const outside = 'CN=Grace,OU=Research,DC=example,DC=com';
      expect(recordsOf(await as('pin', 'lock', outside, '--ignore-scope'))).toMatchObject([
        { lockedOut: true },
      ]);
      expect(await as('user', 'add', '1003')).toMatchObject({ code: 3, out: '' });

      const listed = await run(['token', 'list']);
      expect(recordsOf(listed)).toMatchObject([{ id: made?.id, name: 'sales-desk' }]);
      expect(listed.out).not.toContain(token);
      expect(await run(['token', 'revoke', String(made?.id)])).toMatchObject({ code: 0 });
      expect(await as('pin', 'list')).toMatchObject({ code: 3, out: '' });
      expect(await run(['token', 'revoke', String(made?.id)])).toMatchObject({ code: 4 });
    });
  });
}
