import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Account,
  createAccount,
  type StoredHash,
  withChangeRequired,
  withLock,
  withPin,
} from '../../src/core/account.ts';
import type { Target } from '../../src/core/call/state.ts';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { createHasher, type Hasher } from '../../src/security/hasher.ts';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import {
  accountPlace,
  change,
  type IdentityDocument,
  identityPlace,
  load,
  unknownExtensionPlace,
} from '../../src/services/documents.ts';
import { createFailureBudgets } from '../../src/services/failure-budgets.ts';
import { createPolicies } from '../../src/services/policies.ts';
import { createSignIns, type PinTry } from '../../src/services/sign-in.ts';
import { createTargets } from '../../src/services/targets.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { accountRecordsOver } from '../support/account-records.ts';
import { fakeClock } from '../support/clock.ts';
import { profileWith } from '../support/profiles.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const day = 86_400_000;
const right = '596183';
const wrong = '111111';
const account = { kind: 'account', id: 'a1' } as const;

const profile = profileWith({ phoneNumbers: ['+15550000001'] });

interface Options {
  readonly callerLimit?: number;
  readonly serviceLimit?: number;
  /** How long a hash may have to wait. */
  readonly longestWaitMs?: number;
  /** What a refund meets. */
  readonly refundFails?: Error;
}

/** Signing in over a real store and real hashes, with a place to step in between the charge and what comes of it. */
async function open(options: Options = {}) {
  const { callerLimit = 100, serviceLimit = 100, longestWaitMs = 60_000, refundFails } = options;
  const clock = fakeClock();
  const embedded = await openEmbeddedStore({ folder: temporaryFolder(), clock: clock.now });
  onTestFinished(() => embedded.close());
  const operations: string[] = [];
  const noting =
    <Args extends unknown[], T>(name: string, work: (...args: Args) => T) =>
    (...args: Args): T => {
      operations.push(name);
      return work(...args);
    };
  const store: Store = {
    ...embedded,
    get: noting('get', embedded.get),
    commit: noting('commit', embedded.commit),
    addToCounters: noting('addToCounters', async (additions) => {
      if (additions.some(({ by }) => by < 0) && refundFails !== undefined) throw refundFails;
      return embedded.addToCounters(additions);
    }),
  };
  const earlier = Buffer.alloc(32, 2);
  const peppers = createPeppers([Buffer.alloc(32, 1), earlier]);
  const cost = { memoryKib: 64, passes: 1, lanes: 1 };
  const hasher = await createHasher({ peppers, cost, concurrency: 1, longestWaitMs });
  let hashes = 0;
  let meanwhile = async (): Promise<void> => {};
  const watched: Hasher = {
    ...hasher,
    admit() {
      const ticket = hasher.admit();
      return (
        ticket && {
          ...ticket,
          async verify(pin, stored) {
            hashes += 1;
            await meanwhile();
            return ticket.verify(pin, stored);
          },
        }
      );
    },
  };
  const report = () => {};
  const limits = { caller: callerLimit, anonymousCallers: 100, service: serviceLimit };
  const budgets = createFailureBudgets(store, limits, peppers, report);
  const audit = createAudit({ store, clock: clock.now, retentionDays: 0 });
  const records = accountRecordsOver(store, audit, clock.now);
  const policies = createPolicies(store, audit, report);
  const accounts = createAccounts({ store, records, peppers, clock: clock.now, randomUuid: randomUUID });
  const targets = createTargets({ store, accounts, records, box: createSealedBox(peppers, randomBytes) });
  const dependencies = { store, records, targets, peppers, policies, budgets, clock: clock.now, report };
  const signIns = createSignIns({ ...dependencies, hasher: watched });

  const hashOf = (pin: string) => hasher.hashInBackground(pin);
  /** As it was made before the pepper changed. */
  async function earlierHashOf(pin: string): Promise<StoredHash> {
    const options = { peppers: createPeppers([earlier]), cost, concurrency: 1, longestWaitMs: 60_000 };
    return (await createHasher(options)).hashInBackground(pin);
  }
  const pin = { id: 'p1', hash: await hashOf(right), length: right.length };
  await change<IdentityDocument, null>(store, identityPlace(profile.extension), () => ({
    put: { schemaVersion: 1, claims: [{ accountId: account.id, kind: 'extension', claimedAt: 0 }] },
    result: null,
  }));
  await change<Account, null>(store, accountPlace(account.id), () => {
    const blank = createAccount(account.id, profile, clock.now());
    return {
      put: withPin(blank, pin, 'administrator', false, defaultPolicy, clock.now()),
      result: null,
    };
  });

  let attempts = 0;
  const tryOf = (keyed: string, from = '+15551230000'): PinTry => {
    attempts += 1;
    return { callSid: 'CA1', attemptId: `try ${attempts}`, from, pin: keyed };
  };
  return {
    store,
    clock,
    peppers,
    policies,
    hashes: () => hashes,
    /** What the store was asked to do, in order. */
    operationsOf: async (work: () => Promise<unknown>) => {
      operations.length = 0;
      await work();
      return [...operations];
    },
    admitted: () => hasher.stats().admitted,
    /** An extension as a caller keyed it. */
    keyed: (extension: string) => targets.seal(extension, 'CA1'),
    hashOf,
    earlierHashOf,
    tryOf,
    signIns,
    verify: (target: Target, keyed: string, from?: string) => signIns.verify(target, tryOf(keyed, from)),
    read: async () => {
      const found = await load(store, accountPlace(account.id));
      if (found === null) throw new Error('The account is gone.');
      return found.value;
    },
    alter: (decide: (present: Account) => Account) =>
      change<Account, null>(store, accountPlace(account.id), (present) => {
        if (present === null) throw new Error('The account is gone.');
        return { put: decide(present), result: null };
      }),
    /** What another process does while a PIN is hashed. */
    whileHashing(work: () => Promise<void>) {
      meanwhile = work;
    },
  };
}

describe('what happens to the account while its PIN is hashed', () => {
  it.each<[string, (present: Account) => Account, string]>([
    [
      'another PIN',
      (present) => ({ ...present, pin: present.pin && { ...present.pin, id: 'p2' } }),
      'account-changed',
    ],
    [
      'disabled',
      (present) => ({ ...present, profile: { ...present.profile, enabled: false } }),
      'account-changed',
    ],
    ['locked', (present) => withLock(present, true, 0), 'pin-locked'],
  ])('counts: %s', async (_name, decide, type) => {
    const { alter, verify, whileHashing, read } = await open();
    whileHashing(async () => void (await alter(decide)));
    expect(await verify(account, right)).toMatchObject({ type });
    expect(await read()).toMatchObject({ lastSignInAt: null, lockout: { consecutiveFailures: 1 } });
  });

  it('keeps the hash that another process has renewed', async () => {
    const { alter, verify, whileHashing, read, hashOf, earlierHashOf } = await open();
    const renewed = await hashOf(right);
    const withHash = (hash: StoredHash) => (present: Account) => ({
      ...present,
      pin: present.pin && { ...present.pin, hash },
    });
    await alter(withHash(await earlierHashOf(right)));
    whileHashing(async () => void (await alter(withHash(renewed))));
    await verify(account, right);
    expect((await read()).pin?.hash).toEqual(renewed);
  });
});

describe('an account that is disabled', () => {
  it('computes a hash, and answers as to a wrong PIN', async () => {
    const { alter, verify, hashes } = await open();
    await alter((present) => ({ ...present, profile: { ...present.profile, enabled: false } }));
    expect(await verify(account, right)).toEqual({ type: 'pin-wrong' });
    expect(hashes()).toBe(1);
  });
});

describe('recording a sign-in', () => {
  it('is refused when a change has become due since the PIN was verified', async () => {
    const { alter, verify, signIns, read } = await open();
    const result = await verify(account, right);
    if (result === 'repeated' || result.type !== 'pin-verified') throw new Error('was not verified');
    expect(await signIns.record(result.who, 'CA1')).toMatchObject({ type: 'signed-in' });
    const { lastSignInAt } = await read();
    await alter((present) => withChangeRequired(present, true));
    expect(await signIns.record(result.who, 'CA1')).toEqual({ type: 'account-changed' });
    expect((await read()).lastSignInAt).toBe(lastSignInAt);
  });
});

describe('failure budgets', () => {
  it('are not spent by right PINs', async () => {
    const { verify } = await open({ callerLimit: 1, serviceLimit: 1 });
    for (let n = 0; n < 3; n += 1)
      expect(await verify(account, right)).toMatchObject({ type: 'pin-verified' });
  });

  it('leave the account alone when the caller has none left', async () => {
    const { verify, keyed, read } = await open({ callerLimit: 1 });
    await verify(keyed('nobody'), wrong);
    expect(await verify(account, wrong)).toMatchObject({ type: 'turned-away' });
    expect((await read()).lockout.failuresSinceSuccess).toBe(0);
  });

  it('give a caller no more hashes for trying at once', async () => {
    const { verify, keyed, hashes } = await open({ callerLimit: 3 });
    await Promise.all(Array.from({ length: 8 }, (_, n) => verify(keyed(`nobody ${n}`), wrong)));
    expect(hashes()).toBe(3);
  });

  it('of the service turn strangers away alike, whether somebody has the extension or not', async () => {
    const { verify, keyed, peppers, store, read } = await open({ serviceLimit: 1 });
    await verify(keyed('first'), wrong);
    for (const target of [account, keyed('nobody')]) {
      expect(await verify(target, wrong)).toEqual({ type: 'turned-away', why: 'too-many-tries' });
    }
    expect(await load(store, unknownExtensionPlace(peppers.blind('extension', 'nobody')))).toBeNull();
    expect((await read()).lockout.failuresSinceSuccess).toBe(0);
    expect(await verify(account, right, '+15550000001')).toMatchObject({ type: 'pin-verified' });
  });

  it.each([
    ['the caller', profile.extension, { callerLimit: 1 }],
    ['the caller, on an extension that nobody has', 'nobody', { callerLimit: 1 }],
    ['the service', profile.extension, { serviceLimit: 1 }],
    ['the service, on an extension that nobody has', 'nobody', { serviceLimit: 1 }],
  ])('of %s that a try has spent do not turn its own repeat away', async (_whose, extension, limits) => {
    const { signIns, tryOf, keyed, whileHashing, hashes, verify } = await open(limits);
    const target = keyed(extension);
    const pinTry = tryOf(wrong);
    const repeats: unknown[] = [];
    whileHashing(async () => void repeats.push(await signIns.verify(target, pinTry)));
    expect(await signIns.verify(target, pinTry)).toEqual({ type: 'pin-wrong' });
    repeats.push(await signIns.verify(target, pinTry));
    expect(repeats).toEqual(['repeated', 'repeated']);
    expect(hashes()).toBe(1);
    expect(await verify(target, wrong)).toMatchObject({ type: 'turned-away' });
  });

  it('that can not be given back stay spent, and the sign-in stands', async () => {
    const { verify, read } = await open({ refundFails: new StoreUnavailableError('gone') });
    expect(await verify(account, right)).toMatchObject({ type: 'pin-verified' });
    expect((await read()).lastSignInAt).not.toBeNull();
  });

  it('hide no mistake of ours behind an outage', async () => {
    const { verify, admitted } = await open({ refundFails: new RangeError('a mistake') });
    await expect(verify(account, right)).rejects.toThrow('a mistake');
    expect(admitted()).toBe(0);
  });
});

describe('an extension that nobody has', () => {
  it('asks the same of the store as an account, one without a PIN and a disabled one, open or locked', async () => {
    const { verify, keyed, alter, operationsOf } = await open();
    const asAccount = async (decide: (present: Account) => Account) => {
      await alter(decide);
      return operationsOf(() => verify(keyed(profile.extension), wrong));
    };
    const whenOpen = await operationsOf(() => verify(keyed('nobody'), wrong));
    expect(whenOpen).toContain('commit');
    expect(await asAccount((present) => present)).toEqual(whenOpen);
    expect(await asAccount((present) => ({ ...present, pin: null }))).toEqual(whenOpen);
    const disabled = (present: Account) => ({ ...present, profile: { ...present.profile, enabled: false } });
    expect(await asAccount(disabled)).toEqual(whenOpen);

    for (let n = 0; n < 9; n += 1) await verify(keyed('nobody'), wrong);
    const locked = await operationsOf(() => verify(keyed('nobody'), wrong));
    expect(locked).not.toContain('commit');
    expect(await asAccount((present) => withLock(present, true, 0))).toEqual(locked);
  });

  it('stays locked for a month', async () => {
    const { verify, keyed, clock } = await open();
    for (let n = 0; n < 10; n += 1) await verify(keyed('nobody'), wrong);
    clock.advance(30 * day - 1);
    expect(await verify(keyed('nobody'), wrong)).toMatchObject({ type: 'pin-locked' });
  });
});

describe('a ticket to hash', () => {
  it('that can not be had turns a caller away, but not the repeat of a try that is being hashed', async () => {
    const { signIns, tryOf, whileHashing } = await open({ longestWaitMs: 0 });
    const pinTry = tryOf(wrong);
    const meanwhile: unknown[] = [];
    whileHashing(async () => {
      meanwhile.push(await signIns.verify(account, pinTry));
      meanwhile.push(await signIns.verify(account, tryOf(wrong)));
    });
    await signIns.verify(account, pinTry);
    expect(meanwhile).toEqual(['repeated', { type: 'turned-away', why: 'busy' }]);
  });

  it('is handed back, however the try comes out', async () => {
    const { verify, admitted } = await open({ callerLimit: 11 });
    for (const keyed of [right, ...Array(11).fill(wrong), wrong]) await verify(account, keyed);
    expect(admitted()).toBe(0);
  });
});
