/** Reading a whole index, however long it is. */
import type { Key, Store } from '../store/store.ts';

const membersAtOnce = 500;

/** The members of an index in order, in pages. @param after begins behind this one; absent: with the first. */
export async function* indexPages(
  store: Store,
  index: Key,
  after?: string,
): AsyncGenerator<readonly string[]> {
  let members: readonly string[];
  let from = after === undefined ? {} : { after };
  do {
    members = await store.range(index, { ...from, limit: membersAtOnce });
    yield members;
    from = { after: members.at(-1) ?? '' };
  } while (members.length === membersAtOnce);
}
