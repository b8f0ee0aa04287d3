/** Users to call as: accounts as the product makes them, that share one hash so that they are made quickly. */
import { randomBytes, randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import type { NewPin } from '../../src/core/account.ts';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { createHasher, leastHashCost } from '../../src/security/hasher.ts';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { createAccountRecords } from '../../src/services/account-records.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import { createOutbox } from '../../src/services/outbox.ts';
import { claimPepper } from '../../src/services/pepper-check.ts';
import type { Store } from '../../src/store/store.ts';
import { profileWith } from '../../test/support/profiles.ts';

/** Everybody's. */
export const pin = '596183';

const firstExtension = 1_000_000;

export const extensionOf = (user: number): string => String(firstExtension + user);

/** Of nobody's account, and never withheld: a number to call from. */
export const numberOf = (caller: number): string => `+1510${String(5_000_000 + caller)}`;

/** A hash of everybody's PIN at production's cost, and the key that it was made with. */
export async function hashOfEverybody(
  pepper: Buffer,
): Promise<{ readonly newPin: NewPin; readonly secret: Buffer }> {
  const peppers = createPeppers([pepper]);
  const hasher = await createHasher({ peppers, cost: leastHashCost, concurrency: 1, longestWaitMs: 60_000 });
  const hash = await hasher.hashInBackground(pin);
  return { newPin: { id: 'bench', hash, length: pin.length }, secret: peppers.current.hashKey };
}

/** How the product reaches its accounts. */
function accountsIn(store: Store, pepper: Buffer) {
  const peppers = createPeppers([pepper]);
  const clock = Date.now;
  const audit = createAudit({ store, clock, retentionDays: 365 });
  const outbox = createOutbox({ store, box: createSealedBox(peppers, randomBytes), clock });
  const records = createAccountRecords({ store, audit, outbox, clock });
  return { peppers, accounts: createAccounts({ store, records, peppers, clock, randomUuid: randomUUID }) };
}

/** Makes users 0 to `count` - 1 in an empty store. */
export async function addUsers(store: Store, pepper: Buffer, newPin: NewPin, count: number): Promise<void> {
  const { peppers, accounts } = accountsIn(store, pepper);
  const given = { newPin, pinExpired: false, policyOf: () => defaultPolicy };
  const actor = { kind: 'rule', name: 'bench', from: null } as const;
  await claimPepper({ store, peppers, lost: [], randomBytes });
  const queue = new PQueue({ concurrency: 32 });
  const created = Array.from({ length: count }, (_, user) =>
    queue.add(() => accounts.create(profileWith({ extension: extensionOf(user) }), actor, { pin: given })),
  );
  for (const { outcome } of await Promise.all(created)) {
    if (outcome !== 'created') throw new Error('The store had users already.');
  }
}

/** How many failures each of some users is charged with. */
export async function failuresOf(store: Store, pepper: Buffer, from: number, to: number): Promise<number[]> {
  const { accounts } = accountsIn(store, pepper);
  const queue = new PQueue({ concurrency: 32 });
  const found = Array.from({ length: to - from }, (_, index) =>
    queue.add(() => accounts.holderOf({ kind: 'extension', value: extensionOf(from + index) })),
  );
  return (await Promise.all(found)).map((account) => account?.lockout.consecutiveFailures ?? Number.NaN);
}
