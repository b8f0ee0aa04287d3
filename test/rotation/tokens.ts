/**
 * The provider's token, the key of the signed statement and the administrators' token are rotated while calls go on. Run on each engine.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../support/clock.ts';
import { manualCall } from '../support/manual-call.ts';
import { type Env, type Fleet, fleetOf } from './fleet.ts';

const oldToken = 'the-old-token-of-the-provider-123';
const newToken = 'the-new-token-of-the-provider-456';
const pin = '596183';

const makeKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const appUrl = 'https://app.example.com/calls';

interface Drilled {
  readonly engine: string;
  readonly machines: number;
  /** The settings of an engine that is empty. */
  readonly settings: () => Promise<Env>;
}

export function describeTokenRotation({ engine, machines, settings }: Drilled): void {
  async function start(before: Env, more: Env = {}): Promise<Fleet> {
    const env = {
      ...(await settings()),
      PIN_PEPPER: Buffer.alloc(32, 5).toString('base64'),
      TWILIO_AUTH_TOKEN: oldToken,
      ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
      ...more,
    };
    const fleet = fleetOf({ env, clock: fakeClock(), machines });
    await fleet.rollOut(before);
    return fleet;
  }

  async function figure(fleet: Fleet, series: string): Promise<number> {
    const figures = await Promise.all(fleet.running().map((ringkey) => ringkey.figure(series)));
    return figures.reduce((sum, one) => sum + one, 0);
  }

  describe(`rotating tokens and keys on ${engine}`, { timeout: 60_000 }, () => {
    it('takes both tokens of the provider for a time, refuses no webhook of it, and then the old one', async () => {
      const steps = {
        before: { TWILIO_AUTH_TOKEN: oldToken },
        both: { TWILIO_AUTH_TOKEN: oldToken, TWILIO_AUTH_TOKEN_SECONDARY: newToken },
        after: { TWILIO_AUTH_TOKEN: newToken },
      };
      const fleet = await start(steps.before);
      await fleet.next().addUser({ extension: '4601' }, pin);
      let signsWith = oldToken;
      const token = () => signsWith;

      const traffic = fleet.keepCalling(token, '4601', pin);
      const begun = fleet.call(token);
      await begun.start('4601');
      await fleet.rollOut(steps.both);
      // From here on the provider signs with the other one, in the middle of calls.
      signsWith = newToken;
      expect(await begun.key(pin)).toMatch(/signed in/);
      expect(await figure(fleet, 'ringkey_webhooks_total{token="secondary"}')).toBeGreaterThan(0);
      const later = fleet.call(token);
      await later.start('4601');
      await fleet.rollOut(steps.after);
      expect(await later.key(pin)).toMatch(/signed in/);
      for (const last of await traffic.end()) expect(last).toMatch(/signed in/);
      expect(await figure(fleet, 'ringkey_webhooks_total{token="none"}')).toBe(0);

      for (const { service } of fleet.running()) {
        const forged = await manualCall(service.publicUrl.origin, oldToken).start(service.url);
        expect(forged.status).toBe(403);
      }
      expect(await figure(fleet, 'ringkey_webhooks_total{token="none"}')).toBe(machines);
    });

    it('signs statements that an application can verify at each step', async () => {
      const [oldKey, newKey] = [makeKey(), makeKey()];
      const fleet = await start({ ASSERTION_KEY: oldKey }, { APP_URL: appUrl });
      await fleet.next().addUser({ extension: '4602' }, pin);
      const keysOf = async (ringkey: ReturnType<Fleet['next']>) =>
        (await (await fetch(`${ringkey.service.url}/.well-known/jwks.json`)).json()) as {
          keys: { kid: string }[];
        };
      /** A hand-over, verified with each set of keys that an application may hold: the one before, and that of each machine. */
      const verify = async (held: { keys: { kid: string }[] }) => {
        const handedOver = await fleet.call(() => oldToken).start('4602', pin);
        const assertion = /assertion=([\w.-]+)/.exec(handedOver)?.[1] ?? '';
        const now = fleet.next().clock.now();
        const sets = [held, ...(await Promise.all(fleet.running().map(keysOf)))];
        for (const set of sets) {
          const options = { audience: 'https://app.example.com', currentDate: new Date(now) };
          const verified = jwtVerify(assertion, createLocalJWKSet(set), options);
          await expect(verified).resolves.toMatchObject({ payload: { ext: '4602' } });
        }
        return decodeProtectedHeader(assertion).kid;
      };
      const steps = [
        { ASSERTION_KEY: oldKey, ASSERTION_KEY_PREVIOUS: newKey },
        { ASSERTION_KEY: newKey, ASSERTION_KEY_PREVIOUS: oldKey },
        // Changed by halves: the key is named twice, and must not be published twice.
        { ASSERTION_KEY: newKey, ASSERTION_KEY_PREVIOUS: newKey },
        { ASSERTION_KEY: newKey },
      ];
      const signers: unknown[] = [];
      for (const step of steps) {
        const held = await keysOf(fleet.next());
        await fleet.rollOut(step, async () => {
          signers.push(await verify(held));
        });
      }
      const { keys } = await keysOf(fleet.next());
      expect(keys).toMatchObject([{ kid: signers.at(-1) }]);
      expect(new Set(signers).size).toBe(2);
    });

    it('lets a token of the store administer while ADMIN_TOKEN is another on each machine', async () => {
      const [first, second] = [
        'the-first-admin-token-of-32-characters',
        'the-second-admin-token-of-32-character',
      ];
      const fleet = await start({ ADMIN_TOKEN: first });
      const made = await fleet
        .next()
        .api('POST', '/tokens', { name: 'rotation', role: 'admin', expiresInDays: 1 });
      const statuses = async (bearer: unknown) =>
        Promise.all(
          fleet.running().map(async ({ service }) => {
            const headers = { authorization: `Bearer ${String(bearer)}` };
            return (await fetch(`${service.url}/api/v1/users`, { headers })).status;
          }),
        );
      await fleet.rollOut({ ADMIN_TOKEN: second }, async () => {
        expect(new Set(await statuses(made.body.token))).toEqual(new Set([200]));
      });
      expect(new Set(await statuses(first))).toEqual(new Set([401]));
      expect(new Set(await statuses(second))).toEqual(new Set([200]));
    });
  });
}
