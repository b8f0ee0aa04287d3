/**
 * `ringkey pin …` with a filter in place of users: the real program against a real service. Run on each engine.
 */
import type { ChildProcess } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, runAtTerminal, runCommand, runProcess } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

export function describeManyPinsCommands(engine: string, settings: Settings): void {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    return () => service.stop();
  });

  const sales = 'OU=Sales,DC=example,DC=com';
  const run = (...args: readonly string[]) => runCommand(service, ['pin', ...args]);
  const status = async (extension: string) => (await service.api('GET', `/users/${extension}/pin`)).body;
  const extensionsOf = (ran: Parameters<typeof recordsOf>[0]) =>
    recordsOf(ran)
      .map(({ extension }) => extension)
      .sort();

  describe(`ringkey pin with a filter on ${engine}`, () => {
    beforeEach(async () => {
      await service.addUser({ extension: '1001', dn: `CN=Ada,${sales}` }, '596183', { lockedOut: true });
      await service.addUser({ extension: '1002', dn: `CN=Grace,OU=East,${sales}` }, '740296');
      await service.addUser({ extension: '1003' }, '271803', { lockedOut: true });
    });

    it('unlocks everyone who is locked, in one request that is counted and asked for', async () => {
      const line = 'ringkey pin unlock --locked-out';
      const no = await runAtTerminal(service, line, [['Unlock 2 users? [y/N]', 'n\r']]);
      expect(no).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was changed.') });
      expect(await status('1001')).toMatchObject({ lockedOut: true });
      const yes = await runAtTerminal(service, line, [['Unlock 2 users? [y/N]', 'y\r']]);
      expect(yes).toMatchObject({ code: 0, out: expect.stringContaining('2 done, 0 failed.') });
      expect(yes.out).toMatch(/Unlock \[#+\.*\] \d of 2/);
      expect(await status('1001')).toMatchObject({ lockedOut: false });
      expect(await status('1003')).toMatchObject({ lockedOut: false });
      expect(await run('unlock', '--locked-out')).toEqual({ code: 0, out: '', err: '0 done, 0 failed.\n' });
    });

    it('locks and expires those of a unit', async () => {
      const locked = await run('lock', '--ou', sales, '--no-locked-out', '--yes');
      expect(locked).toMatchObject({ code: 0, err: expect.stringContaining('1 done, 0 failed.') });
      expect(extensionsOf(locked)).toEqual(['1002']);
      expect(await status('1002')).toMatchObject({ lockedOut: true, lockReason: 'administrator' });
      expect(extensionsOf(await run('expire', '--ou', sales, '--yes'))).toEqual(['1001', '1002']);
      expect(await status('1001')).toMatchObject({ pinExpired: true });
      expect(await status('1003')).toMatchObject({ pinExpired: false });
    });

    it('gives those of a unit a PIN each, and shows them', async () => {
      const reset = await run('reset', '--ou', sales, '--reveal', '--no-pin-expired', '--yes');
      expect(reset).toMatchObject({ code: 0, err: expect.stringContaining('2 done, 0 failed.') });
      expect(extensionsOf(reset)).toEqual(['1001', '1002']);
      const { pin } = recordsOf(reset).find(({ extension }) => extension === '1001') ?? {};
      const call = await service.dial();
      await call.press(`1001#${pin}#`);
      expect(call.heard()).toContain('You are signed in');
    });

    it('does nothing with --what-if, and asks for a terminal or --yes', async () => {
      const told = await run('lock', '--all', '--what-if');
      expect(told).toMatchObject({ code: 0, err: '3 would be done.\n' });
      expect(recordsOf(told)).toHaveLength(3);
      expect(recordsOf(told)[0]).toMatchObject({ outcome: 'would-change' });
      expect(await run('lock', '--all')).toMatchObject({
        code: 2,
        err: expect.stringContaining('Say --yes.'),
      });
      expect(await status('1002')).toMatchObject({ lockedOut: false });
    });

    it('tells of those that fail, and goes on', async () => {
      await service.addUser({ extension: '1004' });
      expect(await run('expire', '--all', '--what-if')).toMatchObject({
        code: 1,
        err: '3 would be done, 1 would fail.\n',
      });
      const expired = await run('expire', '--all', '--yes');
      expect(expired).toMatchObject({ code: 1, err: expect.stringContaining('3 done, 1 failed.') });
      expect(recordsOf(expired)).toContainEqual(
        expect.objectContaining({ extension: '1004', outcome: 'failed', code: 'pin_not_set' }),
      );
    });

    it.each([
      ['nobody and no filter', ['lock']],
      ['users and a filter', ['lock', '1001', '--locked-out']],
      ['everyone and a filter', ['unlock', '--all', '--locked-out']],
      ['one PIN for many', ['reset', '--all', '--pin', '-']],
      ['a filter out of the scope', ['lock', '--all', '--ignore-scope']],
      ['a key for one user', ['lock', '1001', '--idempotency-key', '1-a']],
      ['a wrong filter', ['lock', '--ou', 'Sales', '--yes']],
    ])('refuses %s', async (_what, args) => {
      expect(await run(...args)).toMatchObject({ code: 2, out: '' });
      expect(await status('1002')).toMatchObject({ lockedOut: false });
    });

    it('goes on under its key after a cut, and gives nobody a second PIN', async () => {
      const added = Array.from({ length: 120 }, (_, n) => service.addUser({ extension: String(2000 + n) }));
      await Promise.all(added);
      const args = ['pin', 'reset', '--no-pin-set', '--reveal', '--yes'];
      let started: ChildProcess | undefined;
      const cut = await runProcess(service, args, {
        onStart(child) {
          started = child;
          child.stdout?.once('data', () => void started?.kill('SIGKILL'));
        },
      });
      const [, key = ''] = /--idempotency-key (\S+)/.exec(cut.err) ?? [];
      expect(key).toMatch(/^120-/);
      const again = await runCommand(service, [...args, '--idempotency-key', key]);
      expect(again.code).toBe(0);
      const whole = { ...cut, out: cut.out.slice(0, cut.out.lastIndexOf('\n') + 1) };
      const shown = [...recordsOf(whole), ...recordsOf(again)].filter(({ pin }) => pin !== undefined);
      const extensions = shown.map(({ extension }) => extension);
      expect(new Set(extensions).size).toBe(extensions.length);
      const left = await service.api('GET', '/users?pinSet=false');
      expect(left.body).toMatchObject({ users: [] });
    });
  });
}
