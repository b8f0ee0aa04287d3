/**
 * A store in memory that the product writes accounts into, so that they can be loaded into an engine in bulk afterwards. It forgets
 * what was taken from it, but for the little that the next account looks at.
 */
import { randomUUID } from 'node:crypto';
import { sortChanges } from '../../src/store/changes.ts';
import type { Json, Key, Store } from '../../src/store/store.ts';

/** A document or a member of an index, as an engine is to hold it. `value` is JSON; `expiresAt` Unix ms, null: it stays. */
export type Entry =
  | {
      readonly type: 'document';
      readonly key: Key;
      readonly version: string;
      readonly expiresAt: number | null;
      readonly value: string;
    }
  | { readonly type: 'member'; readonly index: Key; readonly member: string };

export interface StagingStore {
  readonly store: Store;
  /** What was written since the last time, without the heads of audit trails. */
  take(): Entry[];
  /** The heads of all audit trails, as they are at the end. */
  takeHeads(): Entry[];
}

interface Document {
  readonly key: Key;
  readonly version: string;
  readonly value: Json;
  readonly expiresAt: number | null;
}

/** A commit that is audited looks at so many members at the beginning of the trail, to sweep them. None is old enough here. */
const keptOfTrail = 8;

export function createStagingStore(clock: () => number): StagingStore {
  let documents = new Map<string, Document>();
  const heads = new Map<string, Document>();
  const trails = new Map<string, string[]>();
  let members: Entry[] = [];

  const tableOf = ({ name }: Key) => (name === 'audit-head' ? heads : documents);
  const nameOf = ({ partition, name }: Key) => `${partition}:${name}`;

  function find(key: Key): Document | null {
    const found = tableOf(key).get(nameOf(key));
    return found === undefined || (found.expiresAt !== null && found.expiresAt <= clock()) ? null : found;
  }

  const refuse = () => Promise.reject(new Error('No account is made with this operation.'));

  const store: Store = {
    async get(key) {
      const found = find(key);
      return found === null ? null : { value: found.value, version: found.version };
    },

    async commit(changes) {
      const { ofDocuments, ofIndexes } = sortChanges(changes);
      if (!ofDocuments.every(({ key, expected }) => (find(key)?.version ?? null) === expected))
        return 'conflict';
      for (const change of ofDocuments) {
        const { key } = change;
        if (change.type === 'delete') tableOf(key).delete(nameOf(key));
        else {
          const { value, expiresAt = null, version = randomUUID() } = change;
          tableOf(key).set(nameOf(key), { key, version, value, expiresAt });
        }
      }
      for (const { type, index, member } of ofIndexes) {
        if (type === 'remove-member') return refuse();
        members.push({ type: 'member', index, member });
        if (index.name === 'audit') keepOfTrail(nameOf(index), member);
      }
      return 'committed';
    },

    async range(index, { limit }) {
      return (trails.get(nameOf(index)) ?? []).slice(0, limit);
    },

    keys() {
      throw new Error('No account is made with this operation.');
    },

    addToCounter: refuse,
    addToCounters: refuse,
    readCounter: refuse,
    ping: async () => {},
    close: async () => {},
  };

  function keepOfTrail(name: string, member: string): void {
    const kept = trails.get(name) ?? [];
    if (kept.length < keptOfTrail) trails.set(name, [...kept, member]);
  }

  /** What has expired as soon as it was written is in no engine a minute later. */
  const entriesOf = (table: Map<string, Document>): Entry[] =>
    [...table.values()]
      .filter(({ key }) => find(key) !== null)
      .map(({ key, version, value, expiresAt }) => ({
        type: 'document',
        key,
        version,
        expiresAt,
        value: JSON.stringify(value),
      }));

  return {
    store,
    take() {
      const entries = [...entriesOf(documents), ...members];
      documents = new Map();
      members = [];
      return entries;
    },
    takeHeads: () => entriesOf(heads),
  };
}
