/**
 * Guessing PINs over the telephone: many calls at once, many extensions, many ways to key one extension, and webhooks sent again. Run on
 * each engine.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { callAtPin, hashesOf, spray } from './callers.ts';

const appUrl = 'https://app.example.com/calls';
const pin = '596183';

let lastExtension = 6000;
const nextExtension = () => String(++lastExtension);
let lastCaller = 1000;
const nextCaller = () => `+1555125${++lastCaller}`;

export function describeGuessing(engine: string, env: () => Promise<Readonly<Record<string, string>>>): void {
  describe(`guessing on ${engine}`, () => {
    let ringkey: TestService;
    beforeAll(async () => {
      ringkey = await startTestService({ env: { ...(await env()), APP_URL: appUrl } });
    });
    afterAll(() => ringkey.stop());

    const failures = async (id: string) => (await ringkey.api('GET', `/users/${id}/pin`)).body.failedAttempts;
    const limit = defaultPolicy.maxLogonAttempts;

    it('computes no more hashes than the limit for a hundred calls at once', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      const nobodys = nextExtension();
      for (const [tried, count] of [
        [extension, 100],
        [nobodys, 30],
      ] as const) {
        const calls = await Promise.all(
          Array.from({ length: count }, () => callAtPin(ringkey, tried, nextCaller())),
        );
        const before = await hashesOf(ringkey);
        const answers = await Promise.all(calls.map(({ key }, n) => key(String(470_295 + n))));
        expect([tried, (await hashesOf(ringkey)) - before]).toEqual([tried, limit]);
        const told = answers.map(({ body }) => /do not match|locked/.exec(body)?.[0] ?? body);
        expect(new Set(told)).toEqual(new Set(['do not match', 'locked']));
      }
      expect(await failures(id)).toBe(limit);
      const call = await callAtPin(ringkey, extension, nextCaller());
      expect((await call.key(pin)).body).toMatch(/locked/);
    }, 120_000);

    it('turns away whoever tries one PIN on many extensions, after as many hashes as a caller may cost', async () => {
      const extensions = Array.from({ length: 23 }, nextExtension);
      const last = extensions.at(-1) ?? '';
      await ringkey.addUser({ extension: last }, pin);
      const caller = nextCaller();
      const before = await hashesOf(ringkey);
      const outcomes = await spray(ringkey, pin, extensions, () => caller);
      expect(outcomes).toEqual([...Array(20).fill('wrong'), ...Array(3).fill('turned away')]);
      expect((await hashesOf(ringkey)) - before).toBe(20);
      expect(await spray(ringkey, pin, [last], nextCaller)).toEqual(['right']);
    });

    it('lets nobody try an account beyond its limit, however its extension is keyed', async () => {
      const extension = nextExtension();
      const user = { extension, displayName: 'Adad', phoneNumbers: ['+15551259001'], alias: '2323' };
      const id = await ringkey.addUser(user, pin);
      const spellings = {
        'a zero before it': `0${extension}`,
        'zeros before it': `0000${extension}`,
        'a zero after it': `${extension}0`,
        'itself twice': extension + extension,
        'a star before it': `*${extension}`,
        'a star after it': `${extension}*`,
        'a star within it': `${extension.slice(0, 2)}*${extension.slice(2)}`,
        'a pound after it': `${extension}#`,
        'two hundred digits': extension.padStart(200, '0'),
        "the owner's number": '15551259001',
        "the owner's alias": '2323',
      };
      const tryPin = async (keyed: string, digits: string) => {
        const call = await callAtPin(ringkey, keyed, nextCaller());
        return (await call.key(digits)).body;
      };
      for (let n = 1; n < limit; n += 1) expect(await tryPin(extension, '470295')).toMatch(/do not match/);
      // None of these is its name: what is tried there is counted there, and opens nothing here.
      for (const [name, keyed] of Object.entries(spellings)) {
        await tryPin(keyed, '470295');
        const body = await tryPin(keyed, pin);
        expect([name, body.includes('assertion='), await failures(id)]).toEqual([name, false, limit - 1]);
      }
      expect(await tryPin(extension, '470295')).toMatch(/do not match|locked/);
      expect(await tryPin(extension, pin)).toMatch(/locked/);
    });

    it('takes no keys that a telephone does not have', async () => {
      const { key } = await callAtPin(ringkey, nextExtension(), nextCaller());
      const before = await hashesOf(ringkey);
      const odd = [
        '４７１１',
        '٤٧١１',
        '471१',
        '4711 ',
        ' 4711',
        '4 711',
        '4711\u200b',
        '4711\u0000',
        'Ada',
        '4711x',
      ];
      for (const digits of odd) expect([digits, (await key(digits)).status]).toEqual([digits, 400]);
      expect((await hashesOf(ringkey)) - before).toBe(0);
    });

    it('gives nothing for a signed webhook that is sent again, sent late, or sent for another call', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, pin);
      const first = await callAtPin(ringkey, extension, nextCaller());
      const second = await callAtPin(ringkey, extension, nextCaller());
      const before = await hashesOf(ringkey);
      const hashes = async () => (await hashesOf(ringkey)) - before;

      const wrong = await first.key('470295');
      expect(wrong.body).toMatch(/do not match/);
      // The same step with other digits, as often as one likes: the answer stands, and nothing is tried.
      for (const digits of [pin, '470296', '']) expect((await first.key(digits)).body).toBe(wrong.body);
      // The step of one call under the name of another, and of one that there never was.
      const foreign = [
        await first.key(pin, { CallSid: second.callSid }),
        await second.key(pin, { CallSid: first.callSid }),
        await first.key(pin, { CallSid: `CA${'e'.repeat(32)}` }),
      ];
      for (const { body } of foreign) expect(body).toMatch(/cannot go on/);
      expect([await hashes(), await failures(id)]).toEqual([1, 1]);

      const right = await second.key(pin);
      const statement = /assertion=[\w.-]+/.exec(right.body)?.[0];
      expect(statement).toBeDefined();
      const signIns = await ringkey.figure('ringkey_pin_attempts_total{outcome="right"}');
      // Within the call's half hour it hears what it heard before, the same statement; after that, nothing.
      expect((await second.key(pin)).body).toContain(statement);
      ringkey.clock.advance(31 * 60_000);
      for (const late of [await second.key(pin), await first.key(pin)]) {
        expect(late.body).toMatch(/cannot go on/);
      }
      expect([await hashes(), await failures(id)]).toEqual([2, 0]);
      expect(await ringkey.figure('ringkey_pin_attempts_total{outcome="right"}')).toBe(signIns);
    });
  });
}
