/**
 * Makes accounts as the product makes them, in memory, for bulk loading.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { StoredHash } from '../../src/core/account.ts';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { createAccountRecords } from '../../src/services/account-records.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import type { Actor } from '../../src/services/audit.ts';
import { createAudit } from '../../src/services/audit.ts';
import { digest, partitionOf } from '../../src/services/documents.ts';
import { createOutbox } from '../../src/services/outbox.ts';
import type { Store } from '../../src/store/store.ts';
import { profileOf } from './people.ts';
import { createStagingStore, type Entry } from './staging-store.ts';

/** What accounts are made with. `hash` is the hash of the one PIN that all of them have. */
export interface AccountMaking {
  readonly pepper: Buffer;
  readonly hash: StoredHash;
  readonly pinLength: number;
  /** Unix ms: when all of them are made. */
  readonly now: number;
}

/** Which of the persons from 0 to `count` to make: every `of`th, beginning with `part`. Two parts share no partition. */
export interface Share {
  readonly count: number;
  readonly part: number;
  readonly of: number;
}

const actor: Actor = { kind: 'token', name: 'bench', from: null };

/** As `AUDIT_DAYS` is by default. */
const retentionDays = 365;

/** Few enough that what was made is gone before it costs the collector anything. */
const accountsAtOnce = 100;

/**
 * The function that makes person `n` an account with a PIN in a store, as the admin API does.
 * @param randomUuid makes the ids of accounts and of attempts.
 */
export function accountMaker(
  store: Store,
  { pepper, hash, pinLength, now }: AccountMaking,
  randomUuid: () => string = randomUUID,
) {
  const clock = () => now;
  const peppers = createPeppers([pepper]);
  const audit = createAudit({ store, clock, retentionDays });
  const outbox = createOutbox({ store, box: createSealedBox(peppers, randomBytes), clock });
  const records = createAccountRecords({ store, audit, outbox, clock });
  const accounts = createAccounts({ store, records, peppers, clock, randomUuid });
  return async (n: number) => {
    const newPin = { id: digest(`pin of ${n}`), hash, length: pinLength };
    const pin = { newPin, pinExpired: false, policyOf: () => defaultPolicy };
    const creation = await accounts.create(profileOf(n), actor, { pin });
    if (creation.outcome === 'taken') throw new Error(`Person ${n} shares the ${creation.kind} of another.`);
  };
}

/** Makes the accounts of a share, and tells what an engine is to hold then, piece by piece. */
export async function* makeAccounts(
  { count, part, of }: Share,
  making: AccountMaking,
  randomUuid: () => string = randomUUID,
): AsyncGenerator<Entry[]> {
  const { store, take, takeHeads } = createStagingStore(() => making.now);
  const make = accountMaker(store, making, () => uuidOf(part, of, randomUuid));
  for (let n = part, made = 1; n < count; n += of, made += 1) {
    await make(n);
    if (made % accountsAtOnce === 0) yield take();
  }
  yield [...take(), ...takeHeads()];
}

/** An id whose partition is of this share, so that no audit trail has records of two. */
function uuidOf(part: number, of: number, randomUuid: () => string): string {
  for (;;) {
    const id = randomUuid();
    if (Number(partitionOf(id).slice(1)) % of === part) return id;
  }
}
