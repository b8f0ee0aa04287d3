/**
 * Whole dialogues over HTTP, as a caller meets them. Run on each engine.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeClock, startTestService, type TestOptions, type TestService } from '../support/service.ts';

const day = 86_400_000;
const hour = 3_600_000;

/** Extensions are given out so that tests don't meet each other's accounts. No PIN here holds one of them, which would be refused. */
let lastExtension = 88_000;
const nextExtension = () => String(++lastExtension);

let lastCaller = 1000;
/** A caller whose failures no other test has spent. */
const nextCaller = () => `+1555123${++lastCaller}`;

export function describeDialogues(
  engine: string,
  env: () => Promise<Readonly<Record<string, string>>>,
): void {
  async function start(options: TestOptions = {}): Promise<TestService> {
    return startTestService({ ...options, env: { ...(await env()), ...options.env } });
  }

  describe(`a call on ${engine}`, () => {
    let ringkey: TestService;
    let clock: FakeClock;

    beforeAll(async () => {
      ringkey = await start();
      clock = ringkey.clock;
    });
    afterAll(() => ringkey.stop());

    /** A call in which the extension was keyed already. */
    async function callTo(extension: string, from = nextCaller()) {
      const call = await ringkey.dial({ from });
      await call.press(`${extension}#`);
      return call;
    }

    async function signIn(extension: string, pin: string, from?: string) {
      const call = await callTo(extension, from);
      await call.press(`${pin}#`);
      return call;
    }

    const status = async (id: string) => (await ringkey.api('GET', `/users/${id}/pin`)).body;

    it('signs in with extension and PIN, tells the status, and signs out', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, '596183');
      const call = await ringkey.dial({ from: nextCaller() });
      expect(call.heard()).toMatch(/extension, then pound/);
      await call.press(`${extension}#`);
      expect(call.heard()).toBe('Enter your PIN, then pound.');
      await call.press('596183#');
      expect(call.heard()).toMatch(/signed in.*press 1/i);
      await call.press('1');
      expect(call.heard()).toMatch(/first/i);
      await call.press('*');
      expect(call.ended).toMatchObject({ by: 'document' });
      expect(call.problems).toEqual([]);
    });

    it('makes a first-time user choose a PIN, refuses weak and mistyped ones with the reason, and takes the new one', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183', { pinExpired: true });
      const call = await signIn(extension, '596183');
      expect(call.heard()).toMatch(/first/i);
      await call.press('123456#');
      expect(call.heard()).toMatch(/counts up or down/i);
      await call.press('596183#');
      expect(call.heard()).toMatch(/before|recent|used|already/i);
      await call.press('740296#');
      expect(call.heard()).toMatch(/once more|again/i);
      await call.press('740295#');
      expect(call.heard()).toMatch(/not the same|differ/i);
      await call.press('740296#740296#');
      expect(call.heard()).toMatch(/PIN .*changed.*signed in/i);
      await call.hangUp();
      expect(call.problems).toEqual([]);

      expect(await status(id)).toMatchObject({ pinExpired: false, firstTimeUser: false });
      const oldPin = await signIn(extension, '596183');
      expect(oldPin.heard()).toMatch(/do not match/i);
      const newPin = await signIn(extension, '740296');
      expect(newPin.heard()).toMatch(/signed in/i);
    });

    it('asks again at the next call when a forced change was hung up on', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183', { pinExpired: true });
      const first = await signIn(extension, '596183');
      await first.press('740296#');
      await first.hangUp();
      expect(await status(id)).toMatchObject({ pinExpired: true, firstTimeUser: true });
      const second = await signIn(extension, '596183');
      expect(second.requests.at(-1)?.answer?.body).toContain('Gather');
      expect(second.heard()).toMatch(/new PIN/i);
    });

    it('counts wrong PINs across calls, ends a call after three, locks after ten, and is unlocked', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183');
      const from = nextCaller();
      for (let calls = 0; calls < 3; calls += 1) {
        const call = await callTo(extension, from);
        await call.press('111111#111112#');
        expect(call.ended).toBeNull();
        await call.press('111113#');
        expect(call.ended).toMatchObject({ by: 'document' });
        expect(call.heard()).toMatch(/help desk/i);
      }
      expect(await status(id)).toMatchObject({ failedAttempts: 9, lockedOut: false });
      const tenth = await signIn(extension, '111114', from);
      expect(tenth.heard()).toMatch(/locked/i);
      const locked = await signIn(extension, '596183', nextCaller());
      expect(locked.heard()).toMatch(/locked/i);
      expect(await status(id)).toMatchObject({ failedAttempts: 10, lockedOut: true, lockReason: 'failures' });

      await ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: false });
      const after = await signIn(extension, '596183');
      expect(after.heard()).toMatch(/signed in.*10/i);
      expect(await status(id)).toMatchObject({ failedAttempts: 0, lockedOut: false });
    });

    it('tells an unknown extension from a known one neither by words nor by the number of tries nor by the lock', async () => {
      const known = nextExtension();
      const unknown = nextExtension();
      await ringkey.addUser({ extension: known }, '596183');
      const hearAll = async (extension: string) => {
        const heard: string[] = [];
        for (let calls = 0; calls < 5; calls += 1) {
          const call = await callTo(extension, nextCaller());
          heard.push(call.heard());
          for (let tries = 0; tries < 3 && call.ended === null; tries += 1) {
            await call.press('111111#');
            heard.push(call.heard(), call.ended === null ? 'goes on' : 'ended');
          }
        }
        return heard;
      };
      const ofUnknown = await hearAll(unknown);
      expect(ofUnknown).toEqual(await hearAll(known));
      expect(ofUnknown.at(-2)).toMatch(/locked/i);
    });

    it('computes a hash for every extension that is not locked, and none for one that is, whether it is anybody’s or not', async () => {
      const hashesFor = async (extension: string, pin: string) => {
        const before = await ringkey.figure('ringkey_hash_seconds_count');
        const call = await signIn(extension, pin);
        return [(await ringkey.figure('ringkey_hash_seconds_count')) - before, call.heard()];
      };
      const added = async (user: object, pin?: string, reset?: object) => {
        const extension = nextExtension();
        const id = await ringkey.addUser({ extension, ...user }, pin, { ...reset });
        return { extension, id };
      };
      const [withoutPin, expired] = [await added({}), await added({}, '596183', { pinExpired: true })];
      const disabled = await added({ enabled: false }, '596183');
      const locked = await added({}, '596183');
      await ringkey.api('PATCH', `/users/${locked.id}/pin`, { lockedOut: true });
      const nobodysLocked = nextExtension();
      for (let tries = 0; tries < 10; tries += 1) await signIn(nobodysLocked, '111111');

      const wrong = [1, expect.stringMatching(/do not match/i)];
      const refused = [0, expect.stringMatching(/locked/i)];
      expect(await hashesFor(nextExtension(), '596183')).toEqual(wrong);
      expect(await hashesFor(withoutPin.extension, '596183')).toEqual(wrong);
      expect(await hashesFor(expired.extension, '111111')).toEqual(wrong);
      expect(await hashesFor(disabled.extension, '596183')).toEqual(wrong);
      expect(await hashesFor(locked.extension, '596183')).toEqual(refused);
      expect(await hashesFor(nobodysLocked, '596183')).toEqual(refused);
    });

    it('recognises a caller by number, greets by name, and takes another extension on star', async () => {
      const extension = nextExtension();
      const other = nextExtension();
      const from = nextCaller();
      await ringkey.addUser({ extension, displayName: 'Ada Lovelace', phoneNumbers: [from] }, '596183');
      await ringkey.addUser({ extension: other }, '740296');
      const call = await ringkey.dial({ from });
      expect(call.heard()).toMatch(/Ada Lovelace.*PIN.*star/is);
      await call.press('*#');
      expect(call.heard()).toMatch(/extension/i);
      await call.press(`${other}#740296#`);
      expect(call.heard()).toMatch(/signed in/i);
    });

    it('asks for the extension when a number belongs to two accounts', async () => {
      const from = nextCaller();
      await ringkey.addUser({ extension: nextExtension(), phoneNumbers: [from] }, '596183');
      await ringkey.addUser({ extension: nextExtension(), phoneNumbers: [from] }, '596183');
      const call = await ringkey.dial({ from });
      expect(call.heard()).toMatch(/extension, then pound/);
    });

    it('says a prompt in other words before it gives up, and charges nothing for silence', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183');
      const call = await ringkey.dial({ from: nextCaller() });
      const first = call.heard();
      await call.wait();
      expect(call.heard()).not.toBe(first);
      await call.press(`${extension}#`);
      await call.press('12#');
      expect(call.heard()).toMatch(/PIN/);
      await call.wait();
      expect(call.ended).toMatchObject({ by: 'document' });
      expect(await status(id)).toMatchObject({ failedAttempts: 0 });
    });

    it('changes the PIN from the menu after the current one was keyed', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, '596183');
      const call = await signIn(extension, '596183');
      await call.press('2');
      expect(call.heard()).toMatch(/the PIN that you have now/i);
      await call.press('596183#');
      expect(call.heard()).toMatch(/new PIN/i);
      await call.press('740296#740296#');
      expect(call.heard()).toMatch(/changed/i);
      await call.press('*');
      expect((await signIn(extension, '740296')).heard()).toMatch(/signed in/i);
    });

    it('speaks the language of the account once its PIN is verified, not before', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension, locale: 'de' }, '596183');
      const call = await callTo(extension);
      expect(call.heard()).toBe('Enter your PIN, then pound.');
      await call.press('596183#');
      expect(call.heard()).toMatch(/angemeldet/i);
    });

    it('refuses a temporary PIN that nobody used in time, and tells its owner so', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension });
      const reset = await ringkey.api('POST', `/users/${id}/pin/reset`, { reveal: true });
      const pin = String(reset.body.pin);
      expect(pin).toMatch(/^[0-9]{6}$/);
      clock.advance(72 * hour);
      const call = await signIn(extension, pin);
      expect(call.ended).toMatchObject({ by: 'document' });
      expect(call.heard()).toMatch(/temporary/i);
      expect(await status(id)).toMatchObject({ pinExpired: true });
    });

    it('ends a call whose account was reset, locked or disabled between verification and change', async () => {
      const extension = nextExtension();
      const id = await ringkey.addUser({ extension }, '596183', { pinExpired: true });
      const call = await signIn(extension, '596183');
      await ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: true });
      await call.press('740296#');
      expect(call.ended).toMatchObject({ by: 'document' });
      await ringkey.api('PATCH', `/users/${id}/pin`, { lockedOut: false });

      const again = await signIn(extension, '596183');
      await again.press('740296#');
      await ringkey.api('POST', `/users/${id}/pin/reset`, { pin: '385061' });
      await again.press('740296#');
      expect(again.ended).toMatchObject({ by: 'document' });
      expect((await signIn(extension, '740296')).heard()).toMatch(/do not match/i);
    });

    it('forgets a call after thirty minutes', async () => {
      const extension = nextExtension();
      await ringkey.addUser({ extension }, '596183');
      const call = await callTo(extension);
      clock.advance(30 * 60_000);
      await call.press('596183#');
      expect(call.ended).toMatchObject({ by: 'document' });
      expect(call.heard()).toMatch(/call again/i);
    });
  });

  describe(`policies on ${engine}`, () => {
    let ringkey: TestService | undefined;

    async function withPolicy(policy: NonNullable<TestOptions['policy']>, options: TestOptions = {}) {
      ringkey = await start({ ...options, policy });
      return ringkey;
    }
    async function signIn(service: TestService, extension: string, pin: string, from = nextCaller()) {
      const call = await service.dial({ from });
      await call.press(`${extension}#${pin}#`);
      return call;
    }

    const cases: Record<string, () => Promise<void>> = {
      'lifetimeDays and expiryWarningDays: warns, lets go on or change, then forces the change': async () => {
        const service = await withPolicy({ lifetimeDays: 60, expiryWarningDays: 7 });
        const extension = nextExtension();
        await service.addUser({ extension }, '596183');
        service.clock.advance(52 * day);
        expect((await signIn(service, extension, '596183')).heard()).toMatch(/signed in/i);
        service.clock.advance(6 * day);
        const warned = await signIn(service, extension, '596183');
        expect(warned.heard()).toMatch(/expires in 2 days|two days/i);
        await warned.press('#');
        expect(warned.heard()).toMatch(/signed in/i);
        const changing = await signIn(service, extension, '596183');
        await changing.press('1');
        await changing.press('740296#740296#');
        expect(changing.heard()).toMatch(/changed.*signed in/i);
        service.clock.advance(60 * day);
        expect((await signIn(service, extension, '740296')).heard()).toMatch(/expired/i);
      },
      'minLength: a stricter policy makes a shorter PIN be changed at the next sign-in': async () => {
        const service = await withPolicy({ minLength: 4 });
        const extension = nextExtension();
        const id = await service.addUser({ extension }, '9371');
        expect((await signIn(service, extension, '9371')).heard()).toMatch(/signed in/i);
        await service.service.policies.put(
          'default',
          {
            units: [],
            policy: {
              ...(await service.service.policies.get(null)),
              minLength: 6,
            },
          },
          { kind: 'rule', name: 'test', from: null },
        );
        expect((await service.api('GET', `/users/${id}/pin`)).body).toMatchObject({ pinExpired: true });
        const call = await signIn(service, extension, '9371');
        expect(call.heard()).toMatch(/6 digits|six digits/i);
      },
      'lockoutMinutes: a lock opens by itself, and the hard lock still counts on': async () => {
        const service = await withPolicy(
          { maxLogonAttempts: 3, lockoutMinutes: 10, maxFailuresBeforeHardLock: 6 },
          { env: { CALLER_FAILURES_PER_HOUR: '1000' } },
        );
        const extension = nextExtension();
        const id = await service.addUser({ extension }, '596183');
        const guessing = await signIn(service, extension, '111111#111112#111113');
        expect(guessing.heard()).toMatch(/10 minutes|ten minutes/i);
        service.clock.advance(10 * 60_000);
        expect((await service.api('GET', `/users/${id}/pin`)).body).toMatchObject({ lockedOut: false });
        expect((await signIn(service, extension, '111111#111112#111113')).heard()).toMatch(/locked/i);
        service.clock.advance(1000 * day);
        expect((await service.api('GET', `/users/${id}/pin`)).body).toMatchObject({
          lockedOut: true,
          lockReason: 'failure-cap',
          lockedUntil: null,
        });
      },
      'logonFailuresBeforeDisconnect and inputFailuresBeforeDisconnect bound a call': async () => {
        const service = await withPolicy({
          logonFailuresBeforeDisconnect: 1,
          inputFailuresBeforeDisconnect: 1,
        });
        const extension = nextExtension();
        await service.addUser({ extension }, '596183');
        expect((await signIn(service, extension, '111111')).ended).toMatchObject({ by: 'document' });
        const silent = await service.dial({ from: nextCaller() });
        await silent.wait();
        expect(silent.ended).toMatchObject({ by: 'document' });
      },
      'historyCount: the last PINs are refused to the caller, not to the administrator': async () => {
        const service = await withPolicy({ historyCount: 2 });
        const extension = nextExtension();
        const id = await service.addUser({ extension }, '596183');
        await service.api('POST', `/users/${id}/pin/reset`, { pin: '740296' });
        const call = await signIn(service, extension, '740296');
        await call.press('596183#');
        expect(call.heard()).toMatch(/before|recent|used|already/i);
        expect((await service.api('POST', `/users/${id}/pin/reset`, { pin: '596183' })).status).toBe(200);
      },
      'minDigitsChanged: compared while the old PIN is at hand': async () => {
        const service = await withPolicy({ minDigitsChanged: 3 });
        const extension = nextExtension();
        await service.addUser({ extension }, '596183', { pinExpired: true });
        const call = await signIn(service, extension, '596183');
        await call.press('596149#');
        expect(call.heard()).toMatch(/too (much )?like|similar|close/i);
        await call.press('740296#740296#');
        expect(call.heard()).toMatch(/changed/i);
      },
      'minMinutesBetweenChanges: holds up a voluntary change only': async () => {
        const service = await withPolicy({ minMinutesBetweenChanges: 60 });
        const extension = nextExtension();
        await service.addUser({ extension }, '596183', { pinExpired: true });
        const forced = await signIn(service, extension, '596183');
        await forced.press('740296#740296#');
        expect(forced.heard()).toMatch(/changed/i);
        await forced.press('2');
        await forced.press('740296#');
        expect(forced.heard()).toMatch(/60 minutes|one hour|1 hour/i);
        service.clock.advance(hour);
        const later = await signIn(service, extension, '740296');
        await later.press('2');
        await later.press('740296#');
        expect(later.heard()).toMatch(/new PIN/i);
      },
      'inactivityLockDays: an account that nobody uses is locked': async () => {
        const service = await withPolicy({ inactivityLockDays: 30 });
        const extension = nextExtension();
        const id = await service.addUser({ extension }, '596183');
        service.clock.advance(30 * day);
        expect((await service.api('GET', `/users/${id}/pin`)).body).toMatchObject({
          lockReason: 'inactivity',
        });
        expect((await signIn(service, extension, '596183')).heard()).toMatch(/locked/i);
        await service.api('PATCH', `/users/${id}/pin`, { lockedOut: false });
        expect((await signIn(service, extension, '596183')).heard()).toMatch(/signed in/i);
      },
      "ownerGrace: the owner's own number keeps three tries an hour while strangers caused the lock":
        async () => {
          const service = await withPolicy({ maxLogonAttempts: 3, ownerGrace: true });
          const extension = nextExtension();
          const from = nextCaller();
          const id = await service.addUser({ extension, phoneNumbers: [from] }, '596183');
          expect((await signIn(service, extension, '111111#111112#111113')).heard()).toMatch(/locked/i);
          expect((await signIn(service, extension, '596183')).heard()).toMatch(/locked/i);
          const owner = await service.dial({ from });
          await owner.press('596183#');
          expect(owner.heard()).toMatch(/signed in/i);
          expect((await service.api('GET', `/users/${id}/pin`)).body).toMatchObject({ lockedOut: true });
        },
      'ownerGrace: is for locks by failures, not for an account that nobody uses': async () => {
        const service = await withPolicy({ maxLogonAttempts: 3, ownerGrace: true, inactivityLockDays: 30 });
        const extension = nextExtension();
        const from = nextCaller();
        await service.addUser({ extension, phoneNumbers: [from] }, '596183');
        await signIn(service, extension, '111111#111112#111113');
        service.clock.advance(30 * day);
        const owner = await service.dial({ from });
        await owner.press('596183#');
        expect(owner.heard()).toMatch(/locked/i);
      },
      'allowCommonPatterns: lifts the patterns, but not the account’s own extension': async () => {
        const service = await withPolicy({ allowCommonPatterns: true });
        const extension = '385061';
        const id = await service.addUser({ extension }, '123456');
        const refused = await service.api('POST', `/users/${id}/pin/reset`, { pin: extension });
        expect(refused.body).toMatchObject({ code: 'pin_refused', codes: ['contains_extension'] });
      },
      'a caller’s failure budget: one PIN over many extensions ends within twenty tries an hour, and is an alert':
        async () => {
          const service = await withPolicy({});
          const from = nextCaller();
          const before = await service.figure('ringkey_hash_seconds_count');
          let turnedAway = '';
          for (let calls = 0; calls < 12 && turnedAway === ''; calls += 1) {
            const call = await service.dial({ from });
            for (let tries = 0; tries < 3 && call.ended === null; tries += 1) {
              if (tries > 0) await call.press('*#');
              await call.press(`${nextExtension()}#596183#`);
            }
            if (/too many/i.test(call.heard())) turnedAway = call.heard();
          }
          expect(turnedAway).toMatch(/later|hour/i);
          expect((await service.figure('ringkey_hash_seconds_count')) - before).toBe(20);
          expect(service.logged.filter((line) => line.includes('failure-budget-spent'))).toHaveLength(1);
          expect(service.logged.join('')).not.toContain(from);

          const extension = nextExtension();
          await service.addUser({ extension }, '596183');
          expect((await signIn(service, extension, '596183')).heard()).toMatch(/signed in/i);
          service.clock.advance(hour);
          expect((await signIn(service, extension, '596183', from)).heard()).toMatch(/signed in/i);
        },
      'failure budgets: a right PIN that is the last try of one is no alert, however often': async () => {
        const service = await withPolicy({}, { env: { SERVICE_FAILURES_PER_HOUR: '20' } });
        const from = nextCaller();
        const extension = nextExtension();
        await service.addUser({ extension }, '596183');
        for (let wrong = 0; wrong < 19; wrong += 1) {
          const call = await service.dial({ from });
          await call.press(`${nextExtension()}#111111#`);
          await call.hangUp();
        }
        const alerts = () =>
          service.logged
            .filter((line) => line.includes('failure-budget-spent'))
            .map((line) => JSON.parse(line).scope);
        for (let calls = 0; calls < 3; calls += 1) {
          expect((await signIn(service, extension, '596183', from)).heard()).toMatch(/signed in/i);
        }
        expect(alerts()).toEqual([]);
        await signIn(service, extension, '111111', from);
        expect(alerts().sort()).toEqual(['caller', 'service']);
      },
      'the service’s failure budget: only owners calling from their own number are let try': async () => {
        const service = await withPolicy({}, { env: { SERVICE_FAILURES_PER_HOUR: '2' } });
        const extension = nextExtension();
        const from = nextCaller();
        await service.addUser({ extension, phoneNumbers: [from] }, '596183');
        await signIn(service, extension, '111111#111112');
        expect((await signIn(service, extension, '596183')).heard()).toMatch(/too many/i);
        const owner = await service.dial({ from });
        await owner.press('596183#');
        expect(owner.heard()).toMatch(/signed in/i);
      },
      'the service’s failure budget: tries at once from many callers get no more hashes than it has':
        async () => {
          const service = await withPolicy({}, { env: { SERVICE_FAILURES_PER_HOUR: '5' } });
          const owner = nextCaller();
          const extension = nextExtension();
          await service.addUser({ extension, phoneNumbers: [owner] }, '596183');
          const strangers = await Promise.all(
            Array.from({ length: 20 }, () => service.dial({ from: nextCaller() })),
          );
          await Promise.all(strangers.map((call) => call.press(`${nextExtension()}#`)));
          const hashes = await service.figure('ringkey_hash_seconds_count');
          await Promise.all(strangers.map((call) => call.press('596183#')));
          expect((await service.figure('ringkey_hash_seconds_count')) - hashes).toBe(5);
          const call = await service.dial({ from: owner });
          await call.press('596183#');
          expect(call.heard()).toMatch(/signed in/i);
        },
    };

    it.each(Object.keys(cases))('%s', async (name) => {
      try {
        await cases[name]?.();
      } finally {
        await ringkey?.stop();
      }
    });
  });
}
