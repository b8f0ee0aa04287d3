/** Calls and administration through each fault of the store, once and shortly. `store-faults.soak.test.ts` does it at length. */
import { expect, test } from 'vitest';
import { seededRandom } from '../soak/budget.ts';
import { waitUntil } from '../support/wait-until.ts';
import { callModel } from './call-model.ts';
import { storeFaults } from './faults.ts';
import { startOnFaultyRedis } from './faulty-redis.ts';
import { watchVerifications } from './hash-watch.ts';

/** Longer than the waits in it, so that they say what they waited for. */
const timeout = 90_000;

test.each(storeFaults)('$name: no way in, no more tries, no loss', { timeout }, async (fault) => {
  const on = await startOnFaultyRedis();
  const model = callModel(on.ringkey, watchVerifications(), seededRandom(fault.name, 5));
  await model.prepare();
  model.begin();
  await model.answered(20);
  const before = model.apologies();
  await fault.begin(on);
  if (fault.isHeard) {
    await waitUntil('it is heard', async () => model.apologies() > before + 2);
    await model.resetWitness();
  } else await model.answered(20);
  await fault.end(on);
  await model.answered(20);
  const found = await model.end();
  expect(found.violations).toEqual([]);
  expect(found.mostHashes).toBeGreaterThan(0);
  if (!fault.isHeard) expect(on.ringkey.logged.filter((line) => line.includes('NOSCRIPT'))).toEqual([]);
  expect(found.signIns).toBeGreaterThan(0);
  expect(found.changes).toBeGreaterThan(0);
});
