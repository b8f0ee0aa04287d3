/**
 * `ringkey pin` and `ringkey user`: the real program against a real service. Run on each engine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, runAtTerminal, runCommand, runProcess } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

export function describePinCommands(engine: string, settings: Settings): void {
  let service: TestService;

  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    return () => service.stop();
  });

  const run = (args: readonly string[], input?: string) =>
    runCommand(service, args, input === undefined ? {} : { input });

  async function statusOf(extension: string) {
    return (await service.api('GET', `/users/${extension}/pin`)).body;
  }

  describe(`ringkey user on ${engine}`, () => {
    it('makes a user with every field, and shows it', async () => {
      const added = await run([
        ...['user', 'add', '1001', '--display-name', 'Ada Lovelace', '--email', 'ada@example.com'],
        ...['--upn', 'ada@corp.example.com', '--alias', 'ada', '--sip-address', 'sip:ada@example.com'],
        ...['--account', 'CORP\\ada', '--dn', 'CN=Ada,OU=Staff,DC=example,DC=com'],
        ...['--legacy-exchange-dn', '/o=Example/cn=ada', '--phone-numbers', '+14155550100', '+14155550101'],
        ...['--locale', 'de-DE', '--policy', 'lync', '--no-enabled'],
      ]);
      expect(added).toMatchObject({ code: 0, err: '' });
      const [user] = recordsOf(added);
      expect(user).toMatchObject({
        extension: '1001',
        displayName: 'Ada Lovelace',
        email: 'ada@example.com',
        upn: 'ada@corp.example.com',
        alias: 'ada',
        sipAddress: 'sip:ada@example.com',
        account: 'CORP\\ada',
        dn: 'CN=Ada,OU=Staff,DC=example,DC=com',
        legacyExchangeDn: '/o=Example/cn=ada',
        phoneNumbers: ['+14155550100', '+14155550101'],
        locale: 'de-DE',
        policy: 'lync',
        enabled: false,
      });
      expect(recordsOf(await run(['user', 'get', 'ada@example.com']))).toEqual([user]);
    });

    it('says what is wrong with a field, and with one that is taken', async () => {
      expect(await run(['user', 'add', '10-01'])).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('extension must be 1 to 20 digits'),
      });
      await service.addUser({ extension: '1001' });
      expect(await run(['user', 'add', '1001'])).toMatchObject({
        code: 1,
        err: expect.stringContaining('identity_taken'),
      });
    });
  });

  describe(`ringkey pin on ${engine}`, () => {
    it('shows the status that the API gives', async () => {
      await service.addUser({ extension: '1001' }, '271803');
      const shown = await run(['pin', 'get', '1001']);
      expect(shown).toMatchObject({ code: 0, err: '' });
      expect(recordsOf(shown)).toEqual([await statusOf('1001')]);
    });

    it('resets to a generated PIN and shows it, this once', async () => {
      await service.addUser({ extension: '1001' });
      const reset = await run(['pin', 'reset', '1001', '--reveal']);
      const [record] = recordsOf(reset);
      expect(record).toMatchObject({ extension: '1001', pinSet: true, pinExpired: true, lockedOut: false });
      const pin = String(record?.pin);
      expect(pin).toMatch(/^\d{6,}$/);
      const call = await service.dial();
      await call.press(`1001#${pin}#`);
      expect(call.heard()).toContain('choose a PIN of your own');
    });

    it('resets to a PIN from standard input or a file, with the change and the lock that are asked for', async () => {
      await service.addUser({ extension: '1001' });
      const file = join(temporaryFolder(), 'pin.txt');
      writeFileSync(file, '271803\n');
      const reset = await run([
        'pin',
        'reset',
        '1001',
        '--pin-file',
        file,
        '--no-pin-expired',
        '--locked-out',
      ]);
      expect(reset).toMatchObject({ code: 0, err: '' });
      expect(recordsOf(reset)).toMatchObject([{ pinExpired: false, lockedOut: true }]);
      expect(reset.out).not.toContain('271803');
      expect(recordsOf(await run(['pin', 'reset', '1001', '--pin', '-'], '1985848\n'))).toMatchObject([
        { pinExpired: true, lockedOut: false },
      ]);
      const call = await service.dial();
      await call.press('1001#1985848#');
      expect(call.heard()).toContain('choose a PIN of your own');
    });

    it('refuses a PIN on the command line, and one that the policy refuses, without repeating it', async () => {
      await service.addUser({ extension: '1001' });
      const typed = await run(['pin', 'reset', '1001', '--pin', '271803']);
      expect(typed).toMatchObject({ code: 2, out: '', err: expect.stringContaining('command line') });
      expect(typed.err).not.toContain('271803');
      const weak = await run(['pin', 'reset', '1001', '--pin', '-'], '123456');
      expect(weak).toMatchObject({ code: 1, out: '', err: expect.stringContaining('pin_refused: sequence') });
      expect(weak.err).not.toContain('123456');
      expect(await statusOf('1001')).toMatchObject({ pinSet: false });
    });

    it('locks, unlocks and expires, one and several', async () => {
      await service.addUser({ extension: '1001' }, '271803');
      await service.addUser({ extension: '1002' }, '718281');
      expect(recordsOf(await run(['pin', 'lock', '1001']))).toMatchObject([{ lockedOut: true }]);
      expect(await statusOf('1001')).toMatchObject({ lockedOut: true, lockReason: 'administrator' });
      const expired = await run(['pin', 'expire', '1001', '1002', '--yes']);
      expect(expired).toMatchObject({ code: 0, err: '2 done, 0 failed.\n' });
      expect(recordsOf(expired)).toMatchObject([
        { extension: '1001', pinExpired: true, lockedOut: true },
        { extension: '1002', pinExpired: true, lockedOut: false },
      ]);
      expect(recordsOf(await run(['pin', 'unlock', '1001']))).toMatchObject([{ lockedOut: false }]);
      expect(await statusOf('1001')).toMatchObject({ lockedOut: false, pinExpired: true });
    });

    it('takes identities from a pipe, plain or as it printed them, and goes on after one that fails', async () => {
      for (const extension of ['1001', '1002', '1003']) {
        await service.addUser({ extension, email: `u${extension}@example.com` }, '271803', {
          lockedOut: true,
        });
      }
      const piped = await run(['pin', 'get', '1001']);
      const users = await run(['user', 'get', '1002']);
      const unlocked = await run(
        ['pin', 'unlock', '-', '--yes'],
        `${piped.out}${users.out}\n4711\r\n u1003@example.com \n`,
      );
      expect(unlocked).toMatchObject({
        code: 1,
        err: '4711: No account has this identity. (not_found)\n3 done, 1 failed.\n',
      });
      expect(recordsOf(unlocked).map(({ extension }) => extension)).toEqual(['1001', '1002', '1003']);
      for (const extension of ['1001', '1002', '1003'])
        expect(await statusOf(extension)).toMatchObject({ lockedOut: false });
    });

    it('with --what-if has it checked, says what would be, and does nothing', async () => {
      await service.addUser({ extension: '1001' }, '271803');
      const before = await statusOf('1001');
      const locked = { lockedOut: true, lockReason: 'administrator' };
      for (const [command, what, then] of [
        [['lock'], 'Lock', locked],
        [['expire'], 'Expire the PIN of', { pinExpired: true }],
        [['reset', '--reveal'], 'Reset the PIN of', { pinExpired: true, mailTo: null }],
      ] as const) {
        const told = await run(['pin', ...command, '1001', '--what-if']);
        expect(recordsOf(told)).toEqual([
          { ...before, lockedUntil: null, ...then, dryRun: true, whatIf: `${what} 1001` },
        ]);
      }
      const refused = await run(['pin', 'reset', '1001', '--pin', '-', '--what-if'], '123456\n');
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('pin_refused: sequence') });
      expect(await run(['pin', 'lock', '4711', '--what-if'])).toMatchObject({ code: 4 });
      expect(await statusOf('1001')).toEqual(before);
    });

    it('mails the new PIN unless it is told not to, or to whom it is told', async () => {
      await service.addUser({ extension: '1001', email: 'ada@example.com' });
      const mailed = await run(['pin', 'reset', '1001']);
      expect(mailed).toMatchObject({ code: 0, err: '' });
      const [record] = recordsOf(mailed);
      expect(record).toMatchObject({ mailTo: 'ada@example.com' });
      expect(record).not.toHaveProperty('pin');
      expect(
        recordsOf(await run(['pin', 'reset', '1001', '--notify-email', 'desk@example.com'])),
      ).toMatchObject([{ mailTo: 'desk@example.com' }]);
      expect(await run(['pin', 'reset', '1001', '--no-send-email'])).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('pin_not_deliverable'),
      });
      const silent = recordsOf(await run(['pin', 'reset', '1001', '--no-send-email', '--reveal']));
      expect(silent).toMatchObject([{ mailTo: null, pin: expect.stringMatching(/^\d{6,}$/) }]);
      expect(await run(['pin', 'reset', '--all', '--notify-email', 'desk@example.com'])).toMatchObject({
        code: 2,
      });
    });

    it('changes many only after a yes', async () => {
      await service.addUser({ extension: '1001' });
      await service.addUser({ extension: '1002' });
      const line = 'printf "1001\\n1002\\n" | ringkey pin lock -';
      expect(await runAtTerminal(service, line, [['Lock 2 users? [y/N]', 'n\r']])).toMatchObject({ code: 1 });
      expect(await statusOf('1002')).toMatchObject({ lockedOut: false });
      expect(await runAtTerminal(service, line, [['Lock 2 users? [y/N]', 'y\r']])).toMatchObject({ code: 0 });
      expect(await statusOf('1001')).toMatchObject({ lockedOut: true });
      expect(await statusOf('1002')).toMatchObject({ lockedOut: true });
    });

    it('asks before one with --confirm', async () => {
      await service.addUser({ extension: '1001' });
      const asked = await runAtTerminal(service, 'ringkey pin lock 1001 --confirm', [
        ['Lock 1001? [y/N]', '\r'],
      ]);
      expect(asked).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was changed.') });
      expect(await statusOf('1001')).toMatchObject({ lockedOut: false });
    });

    it('has a PIN typed twice, unseen', async () => {
      await service.addUser({ extension: '1001' });
      const differing = await runAtTerminal(service, 'ringkey pin reset 1001 --pin -', [
        ['PIN: ', '271803\r'],
        ['PIN once more: ', '271804\r'],
      ]);
      expect(differing).toMatchObject({ code: 2, out: expect.stringContaining('not the same twice') });
      expect(await statusOf('1001')).toMatchObject({ pinSet: false });
      const typed = await runAtTerminal(service, 'ringkey pin reset 1001 --pin - --no-pin-expired', [
        ['PIN: ', '27180\u007f03\r'],
        ['PIN once more: ', '271803\r'],
      ]);
      expect(typed.code).toBe(0);
      // An id holds any four digits now and then.
      expect((typed.out + differing.out).replace(/^userId .*$/m, '')).not.toMatch(/2718/);
      const call = await service.dial();
      await call.press('1001#271803#');
      expect(call.heard()).toContain('You are signed in');
    });
  });

  describe(`what is printed on ${engine}`, () => {
    it('is a table on a terminal, a list for one, and lines of JSON with --json', async () => {
      await service.addUser({ extension: '1001', displayName: 'Ada Lovelace' }, '271803');
      await service.addUser({ extension: '1002' });
      const table = await runAtTerminal(service, 'ringkey pin get 1001 1002');
      expect(table.out.split('\n').slice(0, 3)).toEqual([
        'extension  pinSet  pinExpired  lockedOut  firstTimeUser  failedAttempts',
        expect.stringMatching(/^1001 {7}yes {5}no {10}no {9}yes {12}0$/),
        expect.stringMatching(/^1002 {7}no {6}/),
      ]);
      const list = await runAtTerminal(service, 'ringkey user get 1001');
      expect(list.out).toMatch(/^displayName +Ada Lovelace$/m);
      expect(list.out).toMatch(/^email +-$/m);
      const json = await runAtTerminal(service, 'ringkey pin get 1001 --json');
      expect(recordsOf(json)).toEqual([await statusOf('1001')]);
    });

    it('never holds the token or a typed PIN, in the output, in a log, or in the arguments of the process', async () => {
      await service.addUser({ extension: '1001' });
      const token = service.secrets.adminToken;
      let commandLine = '';
      const reset = await runProcess(service, ['pin', 'reset', '1001', '--pin', '-'], {
        input: '271803\n',
        onStart: ({ pid }) => {
          commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        },
      });
      expect(reset.code).toBe(0);
      const failed = await runCommand(service, ['pin', 'get', '4711']);
      const seen = [commandLine, reset.out, reset.err, failed.out, failed.err, ...service.logged].join('\n');
      expect(seen).toContain('1001');
      expect(seen).not.toContain(token);
      expect(seen).not.toContain('271803');
    });
  });
}
