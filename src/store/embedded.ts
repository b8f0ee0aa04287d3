/**
 * The embedded engine: LMDB in the data folder. One process, no server to install.
 *
 * A transaction resolves when it is on the disk, and a reader sees it no earlier. Transactions run one after another in this
 * process, so that what is checked within one still holds when it writes.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from 'lmdb';
import { makeFolder } from '../make-folder.ts';
import { checkGroup, type DocumentChange, type IndexChange, sortChanges } from './changes.ts';
import { lockFolder } from './folder-lock.ts';
import { openLmdbFile, storeFileName, unusable } from './lmdb-file.ts';
import { reasonOf, StoreOpenError } from './open-error.ts';
import { type CounterKey, type Json, type Key, type Store, StoreUnavailableError } from './store.ts';

interface Document {
  readonly version: string;
  readonly value: Json;
  readonly expiresAt: number | null;
}

interface Counter {
  readonly count: number;
  readonly expiresAt: number;
}

/** Finds what expires next without looking at everything. */
type Expiry = [expiresAt: number, kind: 'counter' | 'document', name: string];

/** A write removes up to this many expired entries: more than it adds, so that they don't pile up, and few enough to be quick. */
const sweptPerWrite = 20;

/** So many reads are done at once: a fraction of a millisecond. */
const readsInTurn = 8;

/** So many names are read at once when all are. */
const namesAtOnce = 500;

/** What stands in the file beside one another: the tables, and what `ping` writes. */
const ownNames: ReadonlySet<string> = new Set(['documents', 'counters', 'indexes', 'expiries', 'ping']);

/** No text sorts after it. */
const highestCharacter = '\u{10ffff}';

/**
 * Opens the store in a folder, which is made if it isn't there.
 * @param options.clock Unix ms.
 * @throws StoreOpenError when the folder is in use, out of reach, or holds something damaged or foreign.
 */
export async function openEmbeddedStore({
  folder,
  clock,
}: {
  readonly folder: string;
  readonly clock: () => number;
}): Promise<Store> {
  const unlock = takeFolder(folder);
  const { root, documents, counters, indexes, expiries } = openTables(join(folder, storeFileName), unlock);
  let closing: Promise<void> | null = null;

  function findDocument(key: Key, now: number): Document | null {
    const found = documents.get(nameOf(key));
    return found === undefined || isOver(found, now) ? null : found;
  }

  function findCounter({ name }: CounterKey, now: number): Counter | null {
    const found = counters.get(name);
    return found === undefined || isOver(found, now) ? null : found;
  }

  function apply(change: DocumentChange): void {
    const name = nameOf(change.key);
    if (change.type === 'delete') {
      documents.remove(name);
      return;
    }
    const { value, expiresAt = null, version = randomUUID() } = change;
    documents.put(name, { version, value, expiresAt });
    if (expiresAt !== null) expiries.put([expiresAt, 'document', name], true);
  }

  function applyToIndex({ type, index, member }: IndexChange): void {
    if (type === 'add-member') indexes.put([nameOf(index), member], true);
    else indexes.remove([nameOf(index), member]);
  }

  /** The counter in its window. One that a clock which was ahead began ends with a window that begins now. */
  function openCounter(counter: CounterKey, now: number): Counter | null {
    const open = findCounter(counter, now);
    const latest = now + counter.windowMs;
    if (open === null || open.expiresAt <= latest) return open;
    const moved = { ...open, expiresAt: latest };
    counters.put(counter.name, moved);
    expiries.put([latest, 'counter', counter.name], true);
    return moved;
  }

  function add(counter: CounterKey, by: number, now: number): number {
    const open = openCounter(counter, now);
    if (open === null && by <= 0) return 0;
    const { count, expiresAt } = open ?? { count: 0, expiresAt: now + counter.windowMs };
    const sum = Math.max(0, count + by);
    counters.put(counter.name, { count: sum, expiresAt });
    expiries.put([expiresAt, 'counter', counter.name], true);
    return sum;
  }

  function sweep(now: number): void {
    const ended = [...expiries.getKeys({ end: [now + 1, 'counter', ''], limit: sweptPerWrite })];
    for (const expiry of ended) {
      const [expiresAt, kind, name] = expiry;
      const table = kind === 'document' ? documents : counters;
      // There may be another document or window by now, which ends later or never.
      if (table.get(name)?.expiresAt === expiresAt) table.remove(name);
      expiries.remove(expiry);
    }
  }

  /** All of the work is written, or none of it. */
  async function write<T>(work: (now: number) => T): Promise<T> {
    try {
      return await root.childTransaction(() => {
        const now = clock();
        const result = work(now);
        sweep(now);
        return result;
      });
    } catch (error) {
      const cause = await causeOf(error);
      throw new StoreUnavailableError(`${folder} can't be written: ${reasonOf(cause)}`, { cause });
    }
  }

  let readsLeft = readsInTurn;
  let nextTurn: Promise<void> | null = null;

  /**
   * A read takes no time that anything else could use. So a search through all accounts would let no caller's webhook in before it is
   * through, if it weren't made to wait for its next turn now and then.
   */
  async function turn(): Promise<void> {
    while (readsLeft === 0) {
      nextTurn ??= new Promise((resolve) => {
        setImmediate(() => {
          readsLeft = readsInTurn;
          nextTurn = null;
          resolve();
        });
      });
      await nextTurn;
    }
    readsLeft -= 1;
  }

  async function read<T>(work: (now: number) => T): Promise<T> {
    await turn();
    try {
      return work(clock());
    } catch (cause) {
      throw new StoreUnavailableError(
        `${folder} can't be read (${reasonOf(cause)}): if that stays so, restore it from a backup.`,
        {
          cause,
        },
      );
    }
  }

  return {
    get: (key) =>
      read((now) => {
        const found = findDocument(key, now);
        return found === null ? null : { value: found.value, version: found.version };
      }),

    async commit(changes) {
      const { ofDocuments, ofIndexes } = sortChanges(changes);
      return write((now) => {
        const holds = ({ key, expected }: DocumentChange) =>
          (findDocument(key, now)?.version ?? null) === expected;
        if (!ofDocuments.every(holds)) return 'conflict';
        ofDocuments.forEach(apply);
        ofIndexes.forEach(applyToIndex);
        return 'committed';
      });
    },

    range: (index, { after, limit }) =>
      read(() => {
        const name = nameOf(index);
        const keys = indexes.getKeys({
          start: after === undefined ? [name] : [name, after],
          exclusiveStart: after !== undefined,
          end: [name, highestCharacter],
          limit,
        });
        return [...keys].map(([, member]) => member);
      }),

    async *keys(nameBegins) {
      let after: string | undefined;
      while (true) {
        const options = {
          limit: namesAtOnce,
          ...(after !== undefined && { start: after, exclusiveStart: true }),
        };
        const names = await read(() => [...documents.getKeys(options)]);
        yield names.map(parseName).filter(({ name }) => name.startsWith(nameBegins));
        after = names.at(-1);
        if (after === undefined) return;
      }
    },

    addToCounter: (counter, by) => write((now) => add(counter, by, now)),

    async addToCounters(additions) {
      checkGroup(additions);
      return write((now) => {
        const sums: number[] = [];
        for (const { counter, by, limit = Number.POSITIVE_INFINITY } of additions) {
          if ((openCounter(counter, now)?.count ?? 0) >= limit) break;
          sums.push(add(counter, by, now));
        }
        return sums;
      });
    },

    readCounter: (counter) => read((now) => findCounter(counter, now)?.count ?? 0),

    ping: () =>
      write(() => {
        root.put('ping', true);
      }),

    close() {
      closing ??= root.close().then(unlock);
      return closing;
    },
  };
}

function takeFolder(folder: string): () => void {
  try {
    makeFolder(folder);
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError(
      `The data folder ${folder} can't be used (${reasonOf(error)}): let this user read and write it, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

function openTables(path: string, unlock: () => void) {
  try {
    const root = openLmdbFile(path);
    const [stranger] = [...root.getKeys()].filter((name) => !ownNames.has(String(name)));
    if (stranger !== undefined) {
      void root.close();
      throw new Error('it holds the data of another program, or of a newer version');
    }
    const documents: Database<Document, string> = root.openDB({ name: 'documents' });
    const counters: Database<Counter, string> = root.openDB({ name: 'counters' });
    const indexes: Database<true, [index: string, member: string]> = root.openDB({ name: 'indexes' });
    const expiries: Database<true, Expiry> = root.openDB({ name: 'expiries' });
    return { root, documents, counters, indexes, expiries };
  } catch (error) {
    unlock();
    throw error instanceof StoreOpenError ? error : unusable(path, error);
  }
}

/** Partitions have no colon, so that no two keys share a name. */
function nameOf({ partition, name }: Key): string {
  return `${partition}:${name}`;
}

function parseName(text: string): Key {
  const [partition = '', ...name] = text.split(':');
  return { partition, name: name.join(':') };
}

function isOver({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** lmdb tells why a commit failed in a promise beside its error, which would end the process if nobody looked at it. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error;
  try {
    return await error.commitError;
  } catch (cause) {
    return cause;
  }
}
