/** Accounts made twice: by the product into the store under test, and in bulk. */

import { openDump } from '../../bench/seed/dump.ts';
import { accountMaker, makeAccounts } from '../../bench/seed/make-accounts.ts';
import type { Store } from '../../src/store/store.ts';

const accounts = 25;

const making = {
  pepper: Buffer.alloc(32, 5),
  hash: { hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA', pepperId: '0123456789ab' },
  pinLength: 6,
};

/** The same UUIDs each time. */
function countedUuids(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  };
}

export async function makeByProduct(store: Store, now: number): Promise<void> {
  const make = accountMaker(store, { ...making, now }, countedUuids());
  for (let n = 0; n < accounts; n += 1) await make(n);
}

export async function dumpInBulk(folder: string, now: number): Promise<void> {
  const dump = openDump(folder, 0);
  const share = { count: accounts, part: 0, of: 1 };
  for await (const entries of makeAccounts(share, { ...making, now }, countedUuids())) dump.write(entries);
  dump.close();
}
