/**
 * Finding the accounts that fit a filter, partition by partition, over the smallest index that holds them all. Nothing here keeps more
 * than a few dozen accounts in memory.
 */
import type { Account } from '../core/account.ts';
import { type AccountFilter, fits } from '../core/account-filter.ts';
import { isWithin } from '../core/directory-name.ts';
import { type PinStatus, pinStatusOf } from '../core/pin-status.ts';
import { type PolicySet, policyFor } from '../core/policy-set.ts';
import type { Store } from '../store/store.ts';
import { type AccountIndex, type AccountRecords, accountIndexKey } from './account-records.ts';
import { accountPartitions, partitionOf } from './documents.ts';
import type { Policies } from './policies.ts';

/** What to look for. `scope`: only accounts in this organisational unit and below, as a DN; null: all. */
export interface AccountSearch {
  readonly filter: AccountFilter;
  readonly scope: string | null;
}

/** An account that fits. A search continues after it by its `cursor`. */
export interface FoundAccount {
  readonly account: Account;
  readonly status: PinStatus;
  readonly cursor: string;
}

/** `cursor` continues after the page; null: that was all. A last page that is full has a cursor to an empty one. */
export interface AccountPage {
  readonly found: readonly FoundAccount[];
  readonly cursor: string | null;
}

export interface AccountFinder {
  /**
   * All accounts that fit, one after the other, always in the same order. What happens to one that was given out doesn't
   * disturb the search.
   * @throws CursorError when `after` isn't a cursor.
   */
  all(search: AccountSearch, after?: string | null): AsyncGenerator<FoundAccount, void, undefined>;
  /** @throws CursorError when `after` isn't a cursor. */
  page(search: AccountSearch, limit: number, after: string | null): Promise<AccountPage>;
}

/** A cursor that no page was answered with. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

interface Dependencies {
  readonly store: Store;
  readonly records: AccountRecords;
  readonly policies: Policies;
  readonly clock: () => number;
}

/** Where a search stands: the partition's number, and the last account in it that was looked at. */
interface Position {
  readonly partition: number;
  readonly id: string;
}

/** An index is read from so many partitions at once, at most; the first reads are of fewer, since a page may be full soon. */
const mostPartitionsAtOnce = 32;
const membersAtOnce = 500;
const accountsAtOnce = 32;

export function createAccountFinder({ store, records, policies, clock }: Dependencies): AccountFinder {
  function readIndex(index: AccountIndex, partition: number, after: string | null) {
    const range = { limit: membersAtOnce, ...(after === null ? {} : { after }) };
    return store.range(accountIndexKey(accountPartitions[partition] ?? '', index), range);
  }

  /** The members of an index, partition by partition, in chunks that are loaded at once. */
  async function* candidates(index: AccountIndex, after: Position | null): AsyncGenerator<Position[]> {
    let partition = after?.partition ?? 0;
    let atOnce = 1;
    while (partition < accountPartitions.length) {
      const group = Array.from(
        { length: Math.min(atOnce, accountPartitions.length - partition) },
        (_, offset) => partition + offset,
      );
      const lists = await Promise.all(
        group.map((number) => readIndex(index, number, number === after?.partition ? after.id : null)),
      );
      let chunk: Position[] = [];
      for (const [offset, list] of lists.entries()) {
        let ids = list;
        while (ids.length > 0) {
          for (const id of ids) {
            chunk.push({ partition: partition + offset, id });
            if (chunk.length < accountsAtOnce) continue;
            yield chunk;
            chunk = [];
          }
          ids =
            ids.length < membersAtOnce ? [] : await readIndex(index, partition + offset, ids.at(-1) ?? null);
        }
      }
      if (chunk.length > 0) yield chunk;
      partition += group.length;
      atOnce = Math.min(atOnce * 2, mostPartitionsAtOnce);
    }
  }

  /** Accounts that are named one by one, in the order in which they would be found among all. */
  function* chosen(ids: readonly string[], after: Position | null): Generator<Position[]> {
    const positions = [...new Set(ids)]
      .map((id) => ({ partition: accountPartitions.indexOf(partitionOf(id)), id }))
      .filter((position) => after === null || compare(position, after) > 0)
      .sort(compare);
    for (let at = 0; at < positions.length; at += accountsAtOnce) {
      yield positions.slice(at, at + accountsAtOnce);
    }
  }

  async function* all({ filter, scope }: AccountSearch, after: string | null = null) {
    const stored = await policies.stored();
    const position = parseCursor(after);
    const chunks =
      filter.ids === undefined
        ? candidates(indexFor(filter, stored), position)
        : chosen(filter.ids, position);
    for await (const chunk of chunks) {
      const accounts = await Promise.all(chunk.map(({ id }) => records.load(id)));
      for (const [at, account] of accounts.entries()) {
        const found = chunk[at];
        if (account === null || found === undefined || !isInScope(account, scope)) continue;
        const status = pinStatusOf(account, policyFor(stored, account.profile), clock());
        if (fits(account, status, filter)) yield { account, status, cursor: toCursor(found) };
      }
    }
  }

  return {
    all,
    async page(search, limit, after) {
      const found: FoundAccount[] = [];
      for await (const one of all(search, after)) {
        found.push(one);
        if (found.length === limit) return { found, cursor: one.cursor };
      }
      return { found, cursor: null };
    },
  };
}

/** No index knows of locks by inactivity, which begin by themselves; so where there are any, every account is looked at. */
function indexFor({ lockedOut, pinSet }: AccountFilter, stored: PolicySet): AccountIndex {
  const locksIdle = Object.values(stored).some(({ policy }) => policy.inactivityLockDays > 0);
  if (lockedOut === true && !locksIdle) return 'locked';
  return pinSet === false ? 'without-pin' : 'accounts';
}

function compare(a: Position, b: Position): number {
  return a.partition - b.partition || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function isInScope({ profile }: Account, scope: string | null): boolean {
  return scope === null || (profile.dn !== null && isWithin(profile.dn, scope));
}

function toCursor({ partition, id }: Position): string {
  return Buffer.from(`${partition}:${id}`).toString('base64url');
}

function parseCursor(cursor: string | null): Position | null {
  if (cursor === null) return null;
  const [, partition, id] = /^(\d{1,3}):(\S+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (partition === undefined || id === undefined) throw new CursorError('This is no cursor of a page.');
  return { partition: Number(partition), id };
}
