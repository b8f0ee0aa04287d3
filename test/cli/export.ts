/**
 * `ringkey user export` and `ringkey export`: the real program against a real service. Run on each engine.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsOf, runCommand, runShell } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

export function describeExportCommands(engine: string, settings: Settings): void {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    await service.addUser(
      { extension: '1001', displayName: '=Ada', phoneNumbers: ['+14155550100'] },
      '596183',
    );
    await service.addUser({ extension: '1002' });
    return () => service.stop();
  });

  describe(`ringkey export on ${engine}`, () => {
    it('prints CSV that the import takes back', async () => {
      const file =
        'export=$(mktemp); ringkey user export --no-pin-set > "$export"; ringkey user remove 1002 --yes';
      const again = await runShell(service, `${file}; ringkey user import "$export" --yes`);
      expect(again).toMatchObject({ code: 0, err: '1 created.\n' });
      const all = await runCommand(service, ['user', 'export']);
      expect(all.out).toContain('\ufeffextension,displayName');
      expect(all.out).toContain("1001,'=Ada,");
    });

    it('prints lines of JSON with --json, and everything but secrets', async () => {
      const users = await runCommand(service, ['user', 'export', '--json', '--pin-set']);
      expect(recordsOf(users)).toMatchObject([{ extension: '1001', pin: { pinSet: true } }]);
      const all = await runCommand(service, ['export']);
      expect(all).toMatchObject({ code: 0, err: '' });
      expect(recordsOf(all).at(-1)).toEqual({ end: { policies: 3, users: 2, tokens: 0 } });
      expect(all.out).not.toMatch(/argon2|596183/);
      expect(all.out).not.toContain(service.secrets.adminToken);
    });

    it('ends with the exit code of what went wrong', async () => {
      const { token } = (await service.api('POST', '/tokens', { name: 'desk', role: 'helpdesk' })).body;
      const env = { RINGKEY_URL: service.service.url, RINGKEY_TOKEN: String(token) };
      expect(await runCommand(service, ['export'], { env })).toMatchObject({ code: 3, out: '' });
      expect((await runCommand(service, ['user', 'export'], { env })).code).toBe(0);
      expect(await runCommand(service, ['user', 'export', '--ou', 'x'])).toMatchObject({ code: 2, out: '' });
    });
  });
}
