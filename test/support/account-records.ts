/** Accounts over a store, as the service keeps them; their mails stay in the outbox. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createPeppers } from '../../src/security/peppers.ts';
import { createSealedBox } from '../../src/security/sealed-box.ts';
import { type AccountRecords, createAccountRecords } from '../../src/services/account-records.ts';
import { type Audit, createAudit } from '../../src/services/audit.ts';
import { createOutbox } from '../../src/services/outbox.ts';
import { type StoreUpgrade, upgradeStore } from '../../src/services/upgrade-store.ts';
import type { Store } from '../../src/store/store.ts';

export function accountRecordsOver(store: Store, audit: Audit, clock: () => number): AccountRecords {
  const box = createSealedBox(createPeppers([Buffer.alloc(32, 1)]), randomBytes);
  return createAccountRecords({ store, audit, outbox: createOutbox({ store, box, clock }), clock });
}

/** Brings a store up to the schema of this version, as the start of a service does. */
export function upgradeOf(store: Store, clock: () => number): Promise<StoreUpgrade | null> {
  const audit = createAudit({ store, clock, retentionDays: 0 });
  const records = accountRecordsOver(store, audit, clock);
  return upgradeStore({ store, records, clock, randomUuid: randomUUID, isNew: false });
}
