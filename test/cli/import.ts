/**
 * `ringkey user import`: the real program against a real service. Run on each engine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, runAtTerminal, runCommand, runProcess } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

export function describeImportCommand(engine: string, settings: Settings): void {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    return () => service.stop();
  });

  const run = (args: readonly string[], input?: string) =>
    runCommand(service, ['user', 'import', ...args], input === undefined ? {} : { input });

  const exists = async (extension: string) =>
    (await service.api('GET', `/users/${extension}`)).status === 200;

  function fileWith(...lines: readonly string[]): string {
    const file = join(temporaryFolder(), 'users.csv');
    writeFileSync(file, lines.join('\r\n'));
    return file;
  }

  describe(`ringkey user import on ${engine}`, () => {
    it('brings users in from a file and from standard input', async () => {
      const file = fileWith('extension;pin;displayName', '1001;596183;Ada', '1002;;Grace');
      const imported = await run([file, '--yes', '--no-pin-expired']);
      expect(imported).toEqual({ code: 0, out: '', err: '2 created.\n' });
      const call = await service.dial();
      await call.press('1001#596183#');
      expect(call.heard()).toContain('You are signed in');
      const piped = await run(['-', '--yes', '--existing', 'skip'], 'extension\n1002\n1003\n');
      expect(piped).toEqual({ code: 0, out: '', err: '1 created, 1 skipped.\n' });
    });

    it('names refused rows by line and column, once, and writes nothing', async () => {
      const file = fileWith('extension,pin', '1001,596183', '1002,123456', 'x,');
      const refused = await run([file, '--yes']);
      expect(refused).toMatchObject({ code: 1, err: '2 of 3 rows refused. Nothing was changed.\n' });
      expect(recordsOf(refused)).toMatchObject([
        { line: 3, column: 'pin', code: 'pin_refused', codes: ['sequence', 'keypad_line'] },
        { line: 4, column: 'extension', code: 'invalid' },
      ]);
      expect(refused.out + refused.err).not.toContain('123456');
      expect(await exists('1001')).toBe(false);
      const asked = await runAtTerminal(service, `ringkey user import ${file} --skip-bad`, [
        ['Import 1 to be created, 2 to be refused? [y/N]', 'y\r'],
      ]);
      expect(asked).toMatchObject({ code: 1, out: expect.stringContaining('1 created, 2 refused.') });
      expect(asked.out.split('keypad_line')).toHaveLength(2);
      expect(await exists('1001')).toBe(true);
    });

    it('asks before it writes, and does nothing with --what-if or --dry-run', async () => {
      const file = fileWith('extension', '1001', '1002');
      for (const option of ['--what-if', '--dry-run']) {
        const told = await run([file, option]);
        expect(told).toEqual({ code: 0, out: '', err: '2 would be created.\n' });
      }
      expect(await run([file])).toMatchObject({ code: 2, err: expect.stringContaining('Say --yes.') });
      const line = `ringkey user import ${file}`;
      const no = await runAtTerminal(service, line, [['Import 2 to be created? [y/N]', 'n\r']]);
      expect(no).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was changed.') });
      expect(await exists('1001')).toBe(false);
      const yes = await runAtTerminal(service, line, [['Import 2 to be created? [y/N]', 'y\r']]);
      expect(yes).toMatchObject({ code: 0, out: expect.stringContaining('2 created.') });
      expect(await exists('1001')).toBe(true);
    });

    it('knows the exports of other products, and says what it leaves out', async () => {
      const file = fileWith('#TYPE x', '"Extensions","DisplayName","UMDialPlan"', '"1001","Ada","Plan"');
      const imported = await run([file, '--preset', 'exchange-um', '--what-if']);
      expect(imported).toMatchObject({ code: 0, err: 'Ignored columns: UMDialPlan\n1 would be created.\n' });
    });

    it('shows how far it is, on a terminal', async () => {
      const extensions = Array.from({ length: 1400 }, (_, n) => String(3000 + n));
      const file = fileWith('extension', ...extensions);
      const shown = await runAtTerminal(service, `ringkey user import ${file} --yes`);
      expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('1400 created.') });
      expect(shown.out).toMatch(/checking 640\b/);
      expect(shown.out).toMatch(/writing \d+/);
    });

    it('ends with the exit code of what went wrong', async () => {
      expect(await run(['/nonexistent/users.csv', '--yes'])).toMatchObject({ code: 2, out: '' });
      const unknown = await run([fileWith('extension,colour', '1,red'), '--yes']);
      expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('colour is not a column') });
      const { token } = (await service.api('POST', '/tokens', { name: 'desk', role: 'helpdesk' })).body;
      const env = { RINGKEY_URL: service.service.url, RINGKEY_TOKEN: String(token) };
      const args = ['user', 'import', fileWith('extension', '1'), '--yes'];
      expect(await runCommand(service, args, { env })).toMatchObject({ code: 3, out: '' });
      const nowhere = { RINGKEY_URL: 'http://127.0.0.1:1', RINGKEY_TOKEN: 'any' };
      expect(await runCommand(service, args, { env: nowhere })).toMatchObject({ code: 5, out: '' });
    });

    it('shows no PIN of the file to anybody', async () => {
      const pins = ['596183', '740296', '15', '123456'];
      const rows = pins.map((pin, n) => `${1001 + n},${pin},"${pin === '15' ? '' : 'a'}"`);
      const file = fileWith('extension,pin,displayName', ...rows);
      let commandLine = '';
      const imported = await runProcess(service, ['user', 'import', file, '--skip-bad', '--yes'], {
        onStart: ({ pid }) => {
          commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        },
      });
      expect(imported.err).toContain('2 created, 2 refused');
      const { text } = await service.api('GET', '/audit?limit=1000');
      const seen = [commandLine, imported.out, imported.err, text, ...service.logged].join('\n');
      for (const pin of pins.filter((one) => one.length === 6)) {
        // A hash may hold any six digits somewhere inside.
        expect(seen).not.toMatch(new RegExp(`(?<![\\w-])${pin}(?![\\w-])`));
      }
      expect(seen).not.toContain(service.secrets.adminToken);
    });
  });
}
