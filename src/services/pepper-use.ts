/**
 * What still needs which pepper: counted over all accounts and all mails that wait, with a few dozen of them in memory at a time.
 */
import type { Key, Store } from '../store/store.ts';
import { accountIndexKey } from './account-records.ts';
import { accountPartitions, accountPlace, load } from './documents.ts';
import { indexPages } from './index-pages.ts';
import { outboxIndex, sealedWith } from './outbox.ts';

/** How much needs a pepper. */
export interface PepperUse {
  /** Accounts whose PIN was hashed with it. */
  readonly pins: number;
  /** Accounts that remember an earlier PIN which was hashed with it. Without the pepper, that PIN can be chosen again. */
  readonly earlierPins: number;
  /** Mails that wait and were sealed with it. */
  readonly mails: number;
}

const documentsAtOnce = 32;

/**
 * Counts, by the peppers' ids. Every account is read once, one partition after the other.
 * @throws the signal's reason when it says stop.
 */
export async function countPepperUse(
  store: Store,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, PepperUse>> {
  const counts = new Map<string, PepperUse>();
  const add = (id: string, more: Partial<PepperUse>) => {
    const { pins, earlierPins, mails } = counts.get(id) ?? { pins: 0, earlierPins: 0, mails: 0 };
    counts.set(id, {
      pins: pins + (more.pins ?? 0),
      earlierPins: earlierPins + (more.earlierPins ?? 0),
      mails: mails + (more.mails ?? 0),
    });
  };

  async function addAccount(id: string): Promise<void> {
    const pin = (await load(store, accountPlace(id)))?.value.pin ?? null;
    if (pin === null) return;
    add(pin.hash.pepperId, { pins: 1 });
    for (const earlier of new Set(pin.history.map(({ pepperId }) => pepperId)))
      add(earlier, { earlierPins: 1 });
  }

  for (const partition of accountPartitions) {
    signal?.throwIfAborted();
    await forEachMember(store, accountIndexKey(partition, 'accounts'), addAccount);
    await forEachMember(store, outboxIndex(partition), async (member) => {
      const id = await sealedWith(store, partition, member);
      if (id !== null) add(id, { mails: 1 });
    });
  }
  return counts;
}

async function forEachMember(
  store: Store,
  index: Key,
  work: (member: string) => Promise<void>,
): Promise<void> {
  for await (const members of indexPages(store, index)) {
    for (let at = 0; at < members.length; at += documentsAtOnce) {
      await Promise.all(members.slice(at, at + documentsAtOnce).map(work));
    }
  }
}
