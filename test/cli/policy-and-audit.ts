/**
 * `ringkey policy` and `ringkey audit`: the real program against a real service. Run on each engine.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/services/documents.ts';
import type { Store } from '../../src/store/store.ts';
import { recordsOf, runCommand } from '../support/ringkey-command.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Settings = () => Promise<Readonly<Record<string, string>>>;

/** @param openStore opens the store of a service that was stopped, so that it can be tampered with. */
export function describePolicyAndAuditCommands(
  engine: string,
  settings: Settings,
  openStore: (dataDir: string) => Promise<Store>,
): void {
  let service: TestService;

  beforeEach(async () => {
    service = await startTestService({ env: await settings() });
    return () => service.stop();
  });

  const run = (...args: readonly string[]) => runCommand(service, args);

  describe(`ringkey policy on ${engine}`, () => {
    it('lists the presets, sets a policy, shows it and removes it', async () => {
      const names = recordsOf(await run('policy', 'list')).map(({ name }) => name);
      expect(names.sort()).toEqual(['default', 'exchange-um', 'lync']);
      const units = ['OU=Sales,DC=example,DC=com'];
      const settings = ['minLength=9', 'allowCommonPatterns=true', '--preset', 'lync'];
      const set = await run('policy', 'set', 'sales', ...settings, '--units', ...units);
      expect(set).toMatchObject({ code: 0, err: '' });
      const expected = { name: 'sales', minLength: 9, allowCommonPatterns: true, units };
      expect(recordsOf(set)).toMatchObject([expected]);
      expect(recordsOf(await run('policy', 'get', 'sales'))).toEqual([
        (await service.api('GET', '/policies/sales')).body,
      ]);
      await run('policy', 'set', 'sales');
      expect(await run('policy', 'remove', 'sales', '--what-if')).toEqual({ code: 0, out: '', err: '' });
      expect(await run('policy', 'remove', 'lync', '--what-if')).toMatchObject({
        code: 1,
        err: expect.stringContaining('policy_in_use'),
      });
      expect(await run('policy', 'get', 'sales')).toMatchObject({ code: 0 });
      expect(await run('policy', 'remove', 'sales')).toEqual({ code: 0, out: '', err: '' });
      expect(await run('policy', 'get', 'sales')).toMatchObject({ code: 4 });
    });

    it('does nothing with --what-if, and refuses what is no setting', async () => {
      const told = await run('policy', 'set', 'sales', 'minLength=9', '--what-if');
      expect(recordsOf(told)).toMatchObject([{ name: 'sales', minLength: 9 }]);
      expect((await service.api('GET', '/policies/sales')).status).toBe(404);
      expect(await run('policy', 'set', 'sales', 'minLength')).toMatchObject({ code: 2, out: '' });
      expect(await run('policy', 'set', 'sales', 'minLength=99')).toMatchObject({
        code: 1,
        err: expect.stringMatching(/\(policy_refused: .*minLength/),
      });
      expect(await run('policy', 'set', 'sales', 'colour=1')).toMatchObject({
        code: 2,
        err: expect.stringContaining('colour'),
      });
      expect((await service.api('GET', '/policies/sales')).status).toBe(404);
    });
  });

  describe(`ringkey audit on ${engine}`, () => {
    it('lists what was done, by account, event and time', async () => {
      const id = await service.addUser({ extension: '1001' }, '271803');
      await service.addUser({ extension: '1002' }, '718281');
      const resets = await run('audit', 'list', '--account', '1001', '--event', 'pin.reset');
      expect(resets).toMatchObject({ code: 0, err: '' });
      expect(recordsOf(resets)).toMatchObject([{ event: 'pin.reset', accountId: id, outcome: 'done' }]);
      expect(resets.out).not.toContain('271803');
      expect(recordsOf(await run('audit', 'list'))).toHaveLength(4);
      expect(recordsOf(await run('audit', 'list', '--actor', 'nobody'))).toEqual([]);
      expect(recordsOf(await run('audit', 'list', '--from', '2100-01-01T00:00:00Z'))).toEqual([]);
    });

    it('finds a record that is missing', async () => {
      const dataDir = temporaryFolder();
      const env = await settings();
      const before = await startTestService({ dataDir, env });
      const id = await before.addUser({ extension: '1001' }, '271803');
      const whole = await runCommand(before, ['audit', 'verify']);
      expect(whole).toMatchObject({ code: 0, err: '' });
      expect(recordsOf(whole)).toMatchObject([{ intact: true, problem: null }]);
      await before.stop();

      const store = await openStore(dataDir);
      const key = { partition: partitionOf(id), name: 'audit:2' };
      const record = await store.get(key);
      await store.commit([{ type: 'delete', key, expected: record?.version ?? 'none' }]);
      await store.close();

      const after = await startTestService({ dataDir, env });
      const broken = await runCommand(after, ['audit', 'verify']);
      await after.stop();
      expect(broken).toMatchObject({ code: 1 });
      expect(recordsOf(broken)).toMatchObject([
        { intact: false, problem: expect.stringContaining('missing') },
      ]);
    });
  });
}
