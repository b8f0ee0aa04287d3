import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { createHasher, type Hasher } from '../../src/security/hasher.ts';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import { createManyPins } from '../../src/services/change-many.ts';
import { createFailureBudgets } from '../../src/services/failure-budgets.ts';
import { createAccountFinder } from '../../src/services/find-accounts.ts';
import { createPolicies } from '../../src/services/policies.ts';
import { createPinAdministration } from '../../src/services/reset-pin.ts';
import { createSignIns } from '../../src/services/sign-in.ts';
import { createTargets } from '../../src/services/targets.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { accountRecordsOver } from '../support/account-records.ts';
import { fakeClock } from '../support/clock.ts';
import { profileWith } from '../support/profiles.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pin = '596183';
const actor = { kind: 'token', name: 'test', from: null } as const;
const many = { filter: { ou: 'OU=Many' }, scope: null };
const shown = { sendEmail: false, notifyEmail: null, reveal: true } as const;
const resetAll = {
  type: 'reset',
  request: { ...shown, pinExpired: true, lockedOut: false },
} as const;

/** Everything that hashes, over one real hasher that computes one hash at a time and admits one caller. */
async function open() {
  const clock = fakeClock().now;
  const store = await openEmbeddedStore({ folder: temporaryFolder(), clock });
  onTestFinished(() => store.close());
  const peppers = createPeppers([Buffer.alloc(32, 1)]);
  const report = () => {};
  let hashes = 0;
  /** For each ticket: how many hashes were computed from when it was given out until it had its own. */
  const waits: number[] = [];
  const hasher = await createHasher({
    peppers,
    cost: { memoryKib: 64, passes: 1, lanes: 1 },
    concurrency: 1,
    longestWaitMs: 0,
    onHash: () => {
      hashes += 1;
    },
  });
  const watched: Hasher = {
    ...hasher,
    admit() {
      const ticket = hasher.admit();
      const before = hashes;
      return (
        ticket && {
          ...ticket,
          async verify(keyed, stored) {
            const right = await ticket.verify(keyed, stored);
            waits.push(hashes - before);
            return right;
          },
        }
      );
    },
  };
  const audit = createAudit({ store, clock, retentionDays: 0 });
  const records = accountRecordsOver(store, audit, clock);
  const policies = createPolicies(store, audit, report);
  const limits = { caller: 100, anonymousCallers: 100, service: 100 };
  const budgets = createFailureBudgets(store, limits, peppers, report);
  const common = { store, records, audit, peppers, policies, budgets, clock, report };
  let ids = 0;
  const randomId = () => {
    ids += 1;
    return `id ${ids}`;
  };
  const randomUuid = () => crypto.randomUUID();
  const accounts = createAccounts({ ...common, randomUuid });
  const finder = createAccountFinder(common);
  const targets = createTargets({ store, accounts, records, box: createSealedBox(peppers, randomBytes) });
  const signIns = createSignIns({ ...common, targets, hasher: watched });
  const pins = createPinAdministration({ ...common, hasher, randomId, randomBytes });
  const failed = (error: unknown) => {
    throw error;
  };
  const manyPins = createManyPins({ store, clock, finder, pins, failed });

  async function addUser(extension: string, unit = 'OU=Many') {
    const creation = await accounts.create(profileWith({ extension, dn: `CN=${extension},${unit}` }), actor);
    if (creation.outcome !== 'created') throw new Error(creation.outcome);
    return creation.account.id;
  }
  return { accounts, addUser, pins, manyPins, signIns, hasher, hashes: () => hashes, waits };
}

it('lets no caller wait for more than one hash besides their own, while PINs of many are reset at once', async () => {
  const { addUser, pins, manyPins, signIns, hashes, waits } = await open();
  const id = await addUser('4711', 'OU=Callers');
  await pins.reset(id, { ...shown, pin, pinExpired: false, lockedOut: false }, actor);
  for (let n = 0; n < 20; n += 1) await addUser(String(2000 + n));
  const { signal } = new AbortController();
  let isDone = false;
  const reset = async () => {
    const outcomes: string[] = [];
    for await (const { outcome } of manyPins.run(many, resetAll, 20, false, actor, signal))
      outcomes.push(outcome);
    return outcomes;
  };
  // Several administrators, so that there is always a crowd before the one core.
  const work = Promise.all(Array.from({ length: 4 }, reset)).finally(() => {
    isDone = true;
  });

  const before = hashes();
  while (!isDone) {
    const attemptId = `try ${waits.length}`;
    const pinTry = { callSid: 'CA1', attemptId, from: null, pin };
    expect(await signIns.verify({ kind: 'account', id }, pinTry)).toMatchObject({ type: 'pin-verified' });
  }
  expect(hashes() - before).toBe(4 * 20 + waits.length);
  expect(waits.length).toBeGreaterThan(3);
  expect(Math.max(...waits)).toBeLessThanOrEqual(2);
  expect((await work).flat().every((outcome) => outcome === 'done')).toBe(true);
});

it('stops without another account when it is told to, also while it waits for its turn', async () => {
  const { addUser, manyPins, hasher } = await open();
  for (let n = 0; n < 3; n += 1) await addUser(String(2000 + n));
  const ticket = hasher.admit();
  const gone = new AbortController();
  const results = manyPins.run(many, resetAll, 3, false, actor, gone.signal);
  const waiting = results.next();
  gone.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  ticket?.release();
  expect(await manyPins.count({ filter: { pinSet: false }, scope: null })).toBe(3);
});
