import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { createAudit } from '../../src/services/audit.ts';
import { createClaims } from '../../src/services/claims.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { accountRecordsOver } from '../support/account-records.ts';
import { fakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeClockJumps } from './clock-jumps.ts';

describeClockJumps('the embedded store', async () => ({}));

it('back a year: a claim whose account was never stored may be taken over', async () => {
  const clock = fakeClock();
  const store = await openEmbeddedStore({ folder: temporaryFolder(), clock: clock.now });
  onTestFinished(() => store.close());
  const audit = createAudit({ store, clock: clock.now, retentionDays: 0 });
  const records = accountRecordsOver(store, audit, clock.now);
  const claims = createClaims({ store, records, clock: clock.now, randomUuid: randomUUID });
  const wanted = [{ kind: 'extension', value: '4711' }] as const;
  await claims.claimAll(wanted, randomUUID());
  clock.advance(-365 * 24 * 3_600_000);
  expect(await claims.claimAll(wanted, randomUUID())).not.toHaveProperty('taken');
});
