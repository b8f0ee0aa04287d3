/**
 * The store port: versioned documents that are swapped, and counters with a window. Two engines implement it
 * (`embedded.ts`, `redis.ts`); `test/contract/` holds both to the same behaviour.
 */

/**
 * Where a document lives. What is committed together must share a partition: on a Redis Cluster it is the hash tag, so that
 * one script can swap it. Both parts are printable ASCII without braces and without `:` in the partition.
 */
export interface Key {
  readonly partition: string;
  readonly name: string;
}

/** A JSON value. Documents are stored as JSON, so `undefined`, dates and class instances don't survive. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A document as it was read. `version` is opaque; it never repeats for a key, not even after a delete. */
export interface Versioned<T> {
  readonly value: T;
  readonly version: string;
}

/** One change within a commit. `expected` is the version that was read; null means there must be no such document. */
export type Change =
  | {
      readonly type: 'put';
      readonly key: Key;
      readonly expected: string | null;
      readonly value: Json;
      /** Unix milliseconds after which the document is as good as deleted; absent: it stays. */
      readonly expiresAt?: number;
      /** The version that it gets: a random UUID, for whoever goes on from it without reading it again; absent: one is made. */
      readonly version?: string;
    }
  | { readonly type: 'delete'; readonly key: Key; readonly expected: string }
  /** Adds a member to an index, or takes it out; it doesn't matter whether it is there. */
  | { readonly type: 'add-member' | 'remove-member'; readonly index: Key; readonly member: string };

/** Which members of an index to read: at most `limit`, those after `after` (which needn't be a member itself). */
export interface Range {
  readonly after?: string;
  readonly limit: number;
}

/** `conflict`: a version had moved on and nothing was changed. Reload, decide again, retry. */
export type CommitResult = 'committed' | 'conflict';

/**
 * Names a counter and its fixed window, which begins with the first `add` after the last one ended. After the clock went back, the window
 * ends at the latest so long after the next `add`.
 */
export interface CounterKey {
  readonly name: string;
  readonly windowMs: number;
  /** Counters that are added to in one stroke share a group: on a Redis Cluster it is the hash tag. Absent: it stands alone. */
  readonly group?: string;
}

/** An amount for a counter. */
export interface Addition {
  readonly counter: CounterKey;
  /** May be negative; no counter falls below 0. */
  readonly by: number;
  /** Nothing is added to a counter that holds this much already, nor to those after it; absent: there is no limit. */
  readonly limit?: number;
}

/** The kinds of operations, as figures tell them apart. */
export const storeOperations = ['get', 'commit', 'range', 'counter', 'ping'] as const;

export interface Store {
  /** Reads a document; null when there is none or it has expired. Always from the primary, never from a cache or replica. */
  get(key: Key): Promise<Versioned<Json> | null>;

  /**
   * Makes all changes if every expectation holds, else none. Resolves once the engine has made them durable.
   * @throws RangeError when the changes don't share a partition or name a key twice: a programming mistake.
   */
  commit(changes: readonly Change[]): Promise<CommitResult>;

  /** Reads members of an index in the order of their UTF-8 bytes. Always from the primary. */
  range(index: Key, range: Range): Promise<readonly string[]>;

  /**
   * The keys of all documents whose names begin with this, in chunks and in no order; a key may come twice, and one that has expired may
   * still come. What is put or deleted meanwhile may come or not. Reads everything that is stored: for upgrades, not for requests.
   */
  keys(nameBegins: string): AsyncIterable<readonly Key[]>;

  /** Adds to a counter atomically (`by` may be negative; it never falls below 0) and returns what it then holds in its window. */
  addToCounter(counter: CounterKey, by: number): Promise<number>;

  /**
   * Adds to several counters of one group, in one stroke and in their order, and returns what each then holds. It ends at the first
   * that holds its limit already: to that one and those after it nothing is added, and they aren't in what is returned.
   * @throws RangeError when they don't share a group: a programming mistake.
   */
  addToCounters(additions: readonly Addition[]): Promise<readonly number[]>;

  /** What a counter holds in its current window; 0 when none has begun. */
  readCounter(counter: CounterKey): Promise<number>;

  /** Resolves if the engine can be read from and written to now. */
  ping(): Promise<void>;

  close(): Promise<void>;
}

/**
 * The store could not be reached, did not answer in time, or refused. Whether a change was made is unknown, so what was to be
 * charged counts as charged and what was to be granted is denied.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
