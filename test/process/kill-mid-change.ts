import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../support/clock.ts';
import { profileWith } from '../support/profiles.ts';
import { withTestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('../support/die-before-account.ts', import.meta.url));

/** A process that is killed in the middle of a change, on an engine whose settings are given. */
export function describeKillMidChange(
  engine: string,
  settings: () => Promise<Readonly<Record<string, string>>>,
): void {
  describe(`kill -9 between the claims of a new user and its account, on ${engine}`, () => {
    it('frees its identities after a minute, and leaves nothing of it', async () => {
      const env = await settings();
      const dataDir = temporaryFolder();
      const profile = profileWith({ extension: '2001', email: 'ada@example.com', displayName: 'Ada' });
      const args = ['--import', 'tsx', program, JSON.stringify(profile)];
      const child = spawn(process.execPath, args, {
        env: { ...process.env, DATA_DIR: dataDir, ...env },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);

      const clock = fakeClock(Date.now());
      await withTestService({ env, dataDir, clock }, async (ringkey) => {
        const users = async () => (await ringkey.api('GET', '/users')).body.users;
        const create = (user: object) => ringkey.api('POST', '/users', user);
        expect(await users()).toEqual([]);
        for (const identity of ['2001', 'ada@example.com', 'ada']) {
          expect((await ringkey.api('GET', `/users/${identity}`)).status).toBe(404);
        }
        expect((await create({ extension: '2001' })).body).toMatchObject({ code: 'identity_taken' });
        clock.advance(60_000);
        const first = await create({ extension: '2001', displayName: 'Ada' });
        const second = await create({ extension: '2002', email: 'ada@example.com' });
        expect([first.status, second.status]).toEqual([201, 201]);
        expect((await ringkey.api('GET', '/users/ada')).body.id).toBe(first.body.id);
      });
    });
  });
}
