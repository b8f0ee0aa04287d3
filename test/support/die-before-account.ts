/**
 * A program that creates a user and is killed when its identities are claimed and its account isn't stored yet. The store is that of
 * REDIS_URL, or else of DATA_DIR; the user's profile is the argument, as JSON.
 */
import { randomUUID } from 'node:crypto';
import { createPeppers } from '../../src/security/peppers.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { openRedisStore } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { accountRecordsOver } from './account-records.ts';

const clock = Date.now;
const { REDIS_URL, DATA_DIR = '' } = process.env;
const opened =
  REDIS_URL === undefined
    ? await openEmbeddedStore({ folder: DATA_DIR, clock })
    : await openRedisStore({ url: REDIS_URL, clock });
const store: Store = {
  ...opened,
  async commit(changes) {
    const storesAccount = changes.some((one) => one.type === 'put' && one.key.name.startsWith('account:'));
    if (storesAccount) process.kill(process.pid, 'SIGKILL');
    return opened.commit(changes);
  },
};
const audit = createAudit({ store, clock, retentionDays: 0 });
const records = accountRecordsOver(store, audit, clock);
const peppers = createPeppers([Buffer.alloc(32, 1)]);
const accounts = createAccounts({ store, records, peppers, clock, randomUuid: randomUUID });
await accounts.create(JSON.parse(process.argv[2] ?? ''), { kind: 'token', name: 'test', from: null });
