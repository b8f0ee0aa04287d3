/**
 * What both engines ask of the changes in a commit, and of what is added to counters in one stroke.
 */
import type { Addition, Change } from './store.ts';

export type DocumentChange = Extract<Change, { readonly key: unknown }>;
export type IndexChange = Extract<Change, { readonly index: unknown }>;

/**
 * Tells the changes of documents from those of indexes.
 * @throws RangeError when the changes don't share a partition or name a document twice.
 */
export function sortChanges(changes: readonly Change[]): {
  readonly ofDocuments: readonly DocumentChange[];
  readonly ofIndexes: readonly IndexChange[];
} {
  const ofDocuments = changes.filter((change) => 'key' in change);
  const ofIndexes = changes.filter((change) => 'index' in change);
  const partitions = [...ofDocuments.map(({ key }) => key), ...ofIndexes.map(({ index }) => index)];
  if (new Set(partitions.map(({ partition }) => partition)).size > 1) {
    throw new RangeError('What is committed together must share a partition.');
  }
  if (new Set(ofDocuments.map(({ key }) => key.name)).size < ofDocuments.length) {
    throw new RangeError('A commit names a key twice.');
  }
  return { ofDocuments, ofIndexes };
}

/** @throws RangeError when counters that are added to in one stroke don't share a group. */
export function checkGroup(additions: readonly Addition[]): void {
  const groups = new Set(additions.map(({ counter }) => counter.group ?? null));
  if (groups.size > 1 || groups.has(null)) {
    throw new RangeError('Counters that are added to in one stroke must share a group.');
  }
}
