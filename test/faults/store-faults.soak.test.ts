/** Calls and administration through the faults of the store, again and again and in any order. */
import { expect, test } from 'vitest';
import { runs, seededRandom } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { waitUntil } from '../support/wait-until.ts';
import { callModel, type Findings, limit } from './call-model.ts';
import { type FailoverKind, startFailoverGroup } from './failovers.ts';
import { storeFaults } from './faults.ts';
import { startOnFaultyRedis, startServiceOn } from './faulty-redis.ts';
import { watchVerifications } from './hash-watch.ts';

const size = { users: 4, victims: 60, guessers: 6 };

function report(fault: string, times: number, found: Findings): void {
  reportRow('Calls and administration while the store fails', {
    fault,
    times,
    webhooks: found.webhooks,
    apologies: found.apologies,
    'slowest answer (s)': (found.slowestMs / 1000).toFixed(1),
    'sign-ins': found.signIns,
    'answered changes': found.changes,
    'of them lost': found.lostChanges,
    'wrong PINs hashed on one account, at most': `${found.mostHashes} of ${limit}`,
    'guesses given back in all': found.guessesGivenBack,
  });
}

test.each(storeFaults)('$name', async (fault) => {
  const random = seededRandom(fault.name);
  const on = await startOnFaultyRedis();
  const model = callModel(on.ringkey, watchVerifications(), random, size);
  await model.prepare();
  model.begin();
  const times = runs(4);
  for (let time = 0; time < times; time += 1) {
    await model.answered(1 + random.below(60));
    const before = model.apologies();
    await fault.begin(on);
    const enough = before + 1 + random.below(8);
    if (fault.isHeard) await waitUntil('it is heard', async () => model.apologies() >= enough);
    else await model.answered(random.below(30));
    await fault.end(on);
  }
  await model.answered(30);
  const found = await model.end();
  report(fault.name, times, found);
  expect(found.violations).toEqual([]);
});

const failovers: readonly (readonly [FailoverKind, string])[] = [
  ['CLUSTER FAILOVER', '0'],
  ['a node of a Cluster killed', '0'],
  ['a node of a Cluster killed', '1'],
  ['SENTINEL FAILOVER', '0'],
  ['SENTINEL FAILOVER', '1'],
  ['the primary of a Sentinel killed', '0'],
  ['the primary of a Sentinel killed', '1'],
];

test.each(failovers)('%s, REDIS_REPLICAS=%s', async (kind, replicas) => {
  const random = seededRandom(kind + replicas);
  const group = await startFailoverGroup(kind);
  const ringkey = await startServiceOn(group.url, { REDIS_REPLICAS: replicas });
  const mayLose = replicas === '0' && kind !== 'CLUSTER FAILOVER';
  const model = callModel(ringkey, watchVerifications(), random, {
    ...size,
    ...(mayLose && { losses: group.takeovers }),
  });
  await model.prepare();
  model.begin();
  const times = runs(2);
  for (let time = 0; time < times; time += 1) {
    await model.answered(1 + random.below(60));
    await group.failOver();
  }
  await model.answered(30);
  const found = await model.end();
  report(`${kind}, REDIS_REPLICAS=${replicas}`, times, found);
  expect(found.violations).toEqual([]);
});
