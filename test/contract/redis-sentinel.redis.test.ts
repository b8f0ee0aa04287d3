import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedisStore } from '../../src/store/redis.ts';
import { StoreUnavailableError } from '../../src/store/store.ts';
import { startRedisWithSentinel, waitUntil } from '../support/redis-server.ts';
import { describeStore } from './store.contract.ts';

let group: Awaited<ReturnType<typeof startRedisWithSentinel>>;
beforeAll(async () => {
  group = await startRedisWithSentinel();
});
afterAll(() => group.remove());

describeStore('a Redis behind a Sentinel', (clock) => openRedisStore({ url: group.url, clock }));

test('a name that the Sentinel does not know is refused at the start', async () => {
  const url = group.url.replace('/ringkey', '/another');
  await expect(openRedisStore({ url, clock: Date.now })).rejects.toThrow(/can't be used \(.*No such master/);
});

test('after a failover it goes on with the new primary', { timeout: 60_000 }, async () => {
  const store = await openRedisStore({ url: group.url, clock: Date.now });
  onTestFinished(() => store.close());
  const key = { partition: 'p', name: 'kept' };
  await store.commit([{ type: 'put', key, expected: null, value: 'before' }]);
  await waitUntil('the replica has it', async () =>
    String(await group.replica.command('EXISTS', 'ringkey:{p}:kept')).includes('1'),
  );

  await group.primary.kill9();
  const began = performance.now();
  await expect(store.get(key)).rejects.toThrow(StoreUnavailableError);
  expect(performance.now() - began).toBeLessThan(2000);

  await waitUntil('the store answers again', () =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
  const found = await store.get(key);
  expect(found?.value).toBe('before');
  expect(await store.commit([{ type: 'put', key, expected: found?.version ?? null, value: 'after' }])).toBe(
    'committed',
  );
  expect(await group.replica.command('HGET', 'ringkey:{p}:kept', 'value')).toBe('"after"');
});
