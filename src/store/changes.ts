/**
 * What both engines ask of the changes in a commit.
 */
import type { Change } from './store.ts';

/** @throws RangeError when the changes don't share a partition or name a key twice. */
export function checkChanges(changes: readonly Change[]): void {
  if (new Set(changes.map(({ key }) => key.partition)).size > 1) {
    throw new RangeError('What is committed together must share a partition.');
  }
  if (new Set(changes.map(({ key }) => key.name)).size < changes.length) {
    throw new RangeError('A commit names a key twice.');
  }
}
