/** Calls and administration through a failover, once and shortly. `store-faults.soak.test.ts` does it at length. */
import { expect, test } from 'vitest';
import { seededRandom } from '../soak/budget.ts';
import { callModel } from './call-model.ts';
import { startFailoverGroup } from './failovers.ts';
import { startServiceOn } from './faulty-redis.ts';
import { watchVerifications } from './hash-watch.ts';

/** Longer than the waits in it, so that they say what they waited for. */
const timeout = 180_000;

const kinds = [
  'CLUSTER FAILOVER',
  'a node of a Cluster killed',
  'SENTINEL FAILOVER',
  'the primary of a Sentinel killed',
] as const;

test.each(kinds)('%s: no way in, no more tries, no loss', { timeout }, async (kind) => {
  const group = await startFailoverGroup(kind);
  const ringkey = await startServiceOn(group.url, { REDIS_REPLICAS: '1' });
  const model = callModel(ringkey, watchVerifications(), seededRandom(kind, 5));
  await model.prepare();
  model.begin();
  await model.answered(20);
  await group.failOver();
  expect(await group.takeovers()).toBeGreaterThan(0);
  await model.answered(20);
  const found = await model.end();
  expect(found.violations).toEqual([]);
  expect(found.mostHashes).toBeGreaterThan(0);
  expect(found.signIns).toBeGreaterThan(0);
  expect(found.changes).toBeGreaterThan(0);
});
