/**
 * The accounts as they are stored: each change of one swaps its document, keeps the indexes that find it, and records what is to be
 * audited, in one stroke.
 */
import { randomUUID } from 'node:crypto';
import type { Account } from '../core/account.ts';
import { withEnded, withWaiting } from '../core/mail-memory.ts';
import { type Change, type Key, type Store, StoreUnavailableError, type Versioned } from '../store/store.ts';
import type { Audit, AuditEvent } from './audit.ts';
import {
  abandonedPlace,
  accountPlace,
  type Document,
  donePlace,
  load,
  mostTries,
  newestSchema,
  partitionOf,
  putOf,
  swap,
} from './documents.ts';
import type { Mail, Outbox } from './outbox.ts';

/** What a decision makes of an account: keep it, put another in its place, or remove it (null); and what came of it. */
export interface AccountDecision<R> {
  readonly put?: Account | null;
  readonly audit?: readonly AuditEvent[];
  /** The idempotency key that this change is made under, so that `isDone` knows of it for a day. */
  readonly doneUnder?: string;
  /** The attempt at claiming identities that this change rests on. It isn't made once that was abandoned. Only with `put`. */
  readonly attempt?: string;
  /** What the owner is to be mailed. Only with `put`. */
  readonly mail?: readonly Mail[];
  /** The id of a mail that isn't to be sent after all, if it wasn't yet. Only with `put`. */
  readonly withdrawMail?: string;
  /** Other changes in the account's partition. */
  readonly also?: readonly Change[];
  readonly result: R;
}

export interface AccountRecords {
  load(id: string): Promise<Account | null>;
  /** The account with its version, for whoever is about to change it. */
  look(id: string): Promise<Versioned<Account> | null>;
  /** Whether a change of this account was made under this key. To be asked within the decision, so that it isn't made twice. */
  isDone(id: string, key: string): Promise<boolean>;
  /** Sees to it that no change which rests on this attempt is made from now on. */
  abandon(id: string, attempt: string): Promise<void>;
  /** Whether an attempt was abandoned. To be asked within the decision that rests on it. */
  isAbandoned(id: string, attempt: string): Promise<boolean>;
  /**
   * Changes an account by a decision over what it is now; like `change` in `documents.ts`.
   * @throws StoreUnavailableError when the change kept being overtaken.
   */
  change<R>(id: string, decide: Decide<R>): Promise<R>;
  /**
   * Changes an account that was seen a moment ago, which spares reading it again unless it has been changed since. A decision that
   * changes nothing is made again over what is there by now. `present` is the account as it was left; null when it was left alone.
   */
  changeSeen<R>(
    seen: Versioned<Account>,
    decide: Decide<R>,
  ): Promise<{ readonly result: R; readonly present: Versioned<Account> | null }>;
}

type Decide<R> = (account: Account | null) => AccountDecision<R> | Promise<AccountDecision<R>>;

/** What accounts can be found by, within a partition, without looking at each. Members are ids. */
export type AccountIndex = 'accounts' | 'locked' | 'without-pin' | `policy:${string}`;

export function accountIndexKey(partition: string, index: AccountIndex): Key {
  return { partition, name: index };
}

/** The accounts of a partition that this policy was assigned to. */
export function policyIndexKey(partition: string, policy: string): Key {
  return accountIndexKey(partition, `policy:${policy}`);
}

/** For so long an idempotency key is remembered. */
export const keyRememberedMs = 86_400_000;

/** For so long an abandoned attempt is remembered: longer than a process stands still. */
const abandonedForMs = 86_400_000;

interface Dependencies {
  readonly store: Store;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly clock: () => number;
}

export function createAccountRecords({ store, audit, outbox, clock }: Dependencies): AccountRecords {
  function doneChange(id: string, key: string): Change {
    return putOf(donePlace(id, key), null, { schemaVersion: 1 }, clock() + keyRememberedMs);
  }

  /**
   * Makes the commit fail if the attempt was abandoned: that mark mustn't be there. What is put in its place has expired as soon as it
   * is written.
   */
  function attemptChange(id: string, attempt: string): Change {
    return putOf(abandonedPlace(id, attempt), null, { schemaVersion: 1 }, clock());
  }

  async function changeFrom<R>(id: string, seen: Versioned<Account> | null, decide: Decide<R>) {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const isSeen = tries === 0 && seen !== null;
      const found = isSeen ? seen : await load(store, accountPlace(id));
      const decision = await decide(found?.value ?? null);
      const { audit: events = [], doneUnder, attempt, mail = [], withdrawMail, also = [], result } = decision;
      // A refusal never rests on what was seen before.
      if (decision.put === undefined && isSeen) continue;
      const withdrawn = withdrawMail === undefined ? [] : await outbox.planWithdrawal(id, withdrawMail);
      const put = withMail(ofNewestSchema(decision.put), mail.length, withdrawn.length > 0, clock());
      const version = randomUUID();
      const changes = [
        ...(put === undefined ? [] : changesOf(id, found, put, version)),
        ...(doneUnder === undefined ? [] : [doneChange(id, doneUnder)]),
        ...(attempt === undefined ? [] : [attemptChange(id, attempt)]),
        ...outbox.plan(id, mail),
        ...withdrawn,
        ...also,
        ...(await audit.plan(partitionOf(id), events)),
      ];
      if (changes.length > 0 && (await store.commit(changes)) === 'conflict') continue;
      if (mail.length > 0) outbox.committed(id);
      return { result, present: put === undefined || put === null ? null : { value: put, version } };
    }
    throw new StoreUnavailableError(`An account kept changing; gave up after ${mostTries} tries.`);
  }

  return {
    load: async (id) => (await load(store, accountPlace(id)))?.value ?? null,

    look: (id) => load(store, accountPlace(id)),

    isDone: async (id, key) => (await load(store, donePlace(id, key))) !== null,

    async abandon(id, attempt) {
      const mark: Document = { schemaVersion: 1 };
      // A conflict says that it was abandoned before.
      await swap(store, abandonedPlace(id, attempt), null, mark, clock() + abandonedForMs);
    },

    isAbandoned: async (id, attempt) => (await load(store, abandonedPlace(id, attempt))) !== null,

    change: async (id, decide) => (await changeFrom(id, null, decide)).result,

    changeSeen: (seen, decide) => changeFrom(seen.value.id, seen, decide),
  };
}

function ofNewestSchema(put: Account | null | undefined): Account | null | undefined {
  return put === undefined || put === null ? put : { ...put, schemaVersion: newestSchema };
}

/** Keeps count of the mails that wait. */
function withMail(
  put: Account | null | undefined,
  added: number,
  isOneWithdrawn: boolean,
  now: number,
): Account | null | undefined {
  if (put === undefined || put === null || (added === 0 && !isOneWithdrawn)) return put;
  const mail = isOneWithdrawn ? withEnded(put.mail, 'dropped', now) : put.mail;
  return { ...put, mail: withWaiting(mail, added) };
}

function changesOf(
  id: string,
  found: Versioned<Account> | null,
  put: Account | null,
  version: string,
): Change[] {
  const before = found === null ? [] : indexesOf(found.value);
  const after = put === null ? [] : indexesOf(put);
  const partition = partitionOf(id);
  const indexChanges = (type: 'add-member' | 'remove-member', indexes: readonly AccountIndex[]): Change[] =>
    indexes.map((index) => ({ type, index: accountIndexKey(partition, index), member: id }));
  return [
    ...documentChange(id, found?.version ?? null, put, version),
    ...indexChanges(
      'remove-member',
      before.filter((index) => !after.includes(index)),
    ),
    ...indexChanges(
      'add-member',
      // Version 0.1.0 kept no indexes.
      after.filter((index) => found?.value.schemaVersion === 1 || !before.includes(index)),
    ),
  ];
}

function documentChange(id: string, expected: string | null, put: Account | null, version: string): Change[] {
  if (put !== null) return [{ ...putOf(accountPlace(id), expected, put), version }];
  return expected === null ? [] : [{ type: 'delete', key: accountPlace(id).key, expected }];
}

/** A lock that has opened by itself is still indexed: whoever lists the locked looks at each once more. */
function indexesOf(account: Account): AccountIndex[] {
  return [
    'accounts',
    ...(account.lockout.lock === null ? [] : ['locked' as const]),
    ...(account.pin === null ? ['without-pin' as const] : []),
    ...(account.profile.policy === null ? [] : [`policy:${account.profile.policy}` as const]),
  ];
}
