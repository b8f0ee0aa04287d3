/** Accounts over a store, as the service keeps them; their mails stay in the outbox. */
import { randomBytes } from 'node:crypto';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { type AccountRecords, createAccountRecords } from '../../src/services/account-records.ts';
import type { Audit } from '../../src/services/audit.ts';
import { createOutbox } from '../../src/services/outbox.ts';
import type { Store } from '../../src/store/store.ts';

export function accountRecordsOver(store: Store, audit: Audit, clock: () => number): AccountRecords {
  const box = createSealedBox(createPeppers([Buffer.alloc(32, 1)]), randomBytes);
  return createAccountRecords({ store, audit, outbox: createOutbox({ store, box, clock }), clock });
}
