/**
 * What must hold after an upgrade: today's version on data that an older one left, on either engine.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';
import { commonPin, keptUsers, nobodysExtension, pinsOfAda } from './kept-data.ts';
import { callAndKey, type KeptData, type Restored, withRestored } from './restore.ts';

const dayMs = 86_400_000;
const [firstPin, secondPin, thirdPin] = pinsOfAda;

/** @param restore puts the kept data where today's version finds it. */
export function describeUpgrade(
  engine: string,
  data: KeptData,
  restore: (data: KeptData) => Restored | Promise<Restored>,
): void {
  const onKept = async (use: (ringkey: TestService, restored: Restored) => Promise<void>) => {
    const restored = await restore(data);
    await withRestored(restored, (ringkey) => use(ringkey, restored));
  };
  const extensionsOf = async (ringkey: TestService, query: string) => {
    const { status, body } = await ringkey.api('GET', `/users?${query}`);
    expect(status).toBe(200);
    return (body.users as { extension: string }[]).map(({ extension }) => extension).sort();
  };
  const all = keptUsers.map(({ user }) => user.extension).sort();

  describe(`${engine}, with data of ${data}`, () => {
    it('lets everybody in with the right PIN and nobody else, holds locks, refuses the last PINs, and lets a PIN expire', () =>
      onKept(async (ringkey) => {
        const call = (...keys: string[]) => callAndKey(ringkey, ...keys);
        for (const extension of ['1005', '1008', '1009', '1010']) {
          expect(await call(`${extension}#`, `${commonPin}#`)).toMatch(/signed in/);
        }
        expect(await call('1001#', `${secondPin}#`)).toMatch(/do not match/);
        expect(await call('1001#', `${thirdPin}#`)).toMatch(/signed in/);
        expect(await call('1004#', `${commonPin}#`)).toMatch(/choose a PIN of your own/);
        expect(await call('1006#', `${commonPin}#`)).toMatch(/do not match/);
        expect(await call('1007#', `${commonPin}#`)).toMatch(/do not match/);
        for (const extension of ['1002', '1003']) {
          expect(await call(`${extension}#`, `${commonPin}#`)).toMatch(/is locked/);
        }
        expect(await extensionsOf(ringkey, 'lockedOut=true')).toEqual(['1002', '1003']);
        await ringkey.api('PATCH', '/users/1002/pin', { lockedOut: false });
        expect(await call('1002#', `${commonPin}#`)).toMatch(/signed in/);
        expect(await extensionsOf(ringkey, 'lockedOut=true')).toEqual(['1003']);
        const again = await call('1001#', `${thirdPin}#`, '2', `${thirdPin}#`, `${firstPin}#`);
        expect(again).toMatch(/used that PIN before/);
        ringkey.clock.advance(61 * dayMs);
        expect(await call('1005#', `${commonPin}#`)).toMatch(/has expired/);
      }));

    it('goes on counting failed tries, also for an extension that nobody has', () =>
      onKept(async (ringkey) => {
        const { body } = await ringkey.api('GET', '/users/1010/pin');
        expect(body).toMatchObject({ failedAttempts: 3, lockedOut: false });
        const limit = data === '0.1.0' ? 10 : 9;
        for (let failures = 5; failures < limit; failures += 1) {
          expect(await callAndKey(ringkey, `${nobodysExtension}#`, '592637#')).toMatch(/do not match/);
        }
        await callAndKey(ringkey, `${nobodysExtension}#`, '592637#');
        expect(await callAndKey(ringkey, `${nobodysExtension}#`, '592637#')).toMatch(/is locked/);
      }));

    it('lists every user, finds each by its filters and by every name, and gives no name twice', () =>
      onKept(async (ringkey) => {
        expect(await extensionsOf(ringkey, 'limit=1000')).toEqual(all);
        expect(await extensionsOf(ringkey, 'pinSet=false')).toEqual(['1006']);
        expect(await extensionsOf(ringkey, 'policy=exchange-um')).toEqual(['1005']);
        expect(await extensionsOf(ringkey, 'ou=OU%3DSales,DC%3Dexample,DC%3Dcom')).toEqual(['1001']);
        expect(await extensionsOf(ringkey, 'q=smith')).toEqual(['1008', '1009']);

        const { user } = keptUsers[0];
        const names = [
          user.displayName,
          user.email,
          user.upn,
          user.alias,
          user.sipAddress,
          user.account,
          user.dn,
          'cn=ada lovelace,ou=sales,dc=example,dc=com',
          user.legacyExchangeDn,
          user.phoneNumbers[0],
        ];
        for (const name of names) {
          const { status, body } = await ringkey.api('GET', `/users/${encodeURIComponent(name)}`);
          expect([name, status, body.extension]).toEqual([name, 200, '1001']);
        }
        const john = await ringkey.api('GET', `/users/${encodeURIComponent('john smith')}`);
        expect([john.status, john.body.code]).toEqual([409, 'identity_ambiguous']);

        const taken = [
          { extension: '1001' },
          { extension: '2001', email: 'ADA@example.com' },
          { extension: '2001', dn: 'cn=Ada Lovelace,ou=Sales,dc=example,dc=com' },
        ];
        for (const user of taken) expect((await ringkey.api('POST', '/users', user)).status).toBe(409);
        await ringkey.api('DELETE', '/users/1001');
        for (const user of taken.slice(1)) {
          expect((await ringkey.api('POST', '/users', user)).status).toBe(201);
          await ringkey.api('DELETE', '/users/2001');
        }
        expect(await extensionsOf(ringkey, 'limit=1000')).toEqual(all.filter((one) => one !== '1001'));
      }));
  });
}

/** What only versions with policies and tokens can have left. */
export function describeAdministration(
  engine: string,
  restore: (data: KeptData) => Restored | Promise<Restored>,
): void {
  describe(`${engine}, with data of administrators`, () => {
    it('lets tokens do what they did, keeps policies, and finds the audit trail whole', async () => {
      const restored = await restore('before-schema-2');
      await withRestored(restored, async (ringkey) => {
        const as = async (name: string, path: string) => {
          const headers = { authorization: `Bearer ${restored.tokens[name]}` };
          return ringkey.api('GET', path, undefined, headers);
        };
        expect((await as('viewer', '/users/1008')).status).toBe(200);
        expect((await as('viewer', '/tokens')).status).toBe(403);
        expect((await as('sales', '/users/1001')).status).toBe(200);
        expect((await as('sales', '/users/1008')).status).toBe(404);
        expect((await as('revoked', '/users/1008')).status).toBe(401);
        const sales = await ringkey.api('GET', '/policies/sales');
        expect(sales.body).toMatchObject({ historyCount: 9, units: ['OU=Sales,DC=example,DC=com'] });
        expect((await ringkey.api('GET', '/policies/default')).body).toMatchObject({ maxLogonAttempts: 9 });
        const trail = await ringkey.api('GET', '/audit/verification');
        expect(trail.body).toMatchObject({ intact: true });
      });
    });

    it('still sends the mails that waited', async () => {
      const restored = await restore('before-schema-2');
      await withRestored(restored, async (ringkey) => {
        ringkey.clock.advance(3_600_000);
        await ringkey.service.runMailRound();
        // The round at the start may have taken some of them, and not be through yet.
        await waitUntil('the mails are sent', async () => {
          const { body } = await ringkey.api('GET', '/users/1001/pin');
          return body.mailsWaiting === 0;
        });
        const { body } = await ringkey.api('GET', '/users/1001/pin');
        expect(body.mailGivenUpAt).toBeNull();
        expect(readdirSync(join(ringkey.dataDir, 'mail')).length).toBeGreaterThanOrEqual(2);
      });
    });
  });
}
