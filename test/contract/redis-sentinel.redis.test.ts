import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedisStore } from '../../src/store/redis.ts';
import { StoreUnavailableError } from '../../src/store/store.ts';
import { startRedisWithSentinel } from '../support/redis-server.ts';
import { sentinelMs, waitUntil } from '../support/wait-until.ts';
import { describeStore } from './store.contract.ts';

let shared: Awaited<ReturnType<typeof startRedisWithSentinel>>;
beforeAll(async () => {
  shared = await startRedisWithSentinel();
  // Nothing fails here, so that a machine that stands still for a moment is no reason to.
  const [, , sentinel] = shared.nodes;
  await sentinel?.command('SENTINEL', 'SET', 'ringkey', 'down-after-milliseconds', '60000');
});
afterAll(() => shared.remove());

describeStore('a Redis behind a Sentinel', (clock) => openRedisStore({ url: shared.url, clock }));

test('a name that the Sentinel does not know is refused at the start', async () => {
  const url = shared.url.replace('/ringkey', '/another');
  await expect(openRedisStore({ url, clock: Date.now })).rejects.toThrow(
    /can't be used \(the Sentinel knows no master named another\)/,
  );
});

test('a Sentinel that hangs holds up neither the start nor a call', async () => {
  const group = await startRedisWithSentinel();
  onTestFinished(() => group.remove());
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = group.url.replace('//', `//127.0.0.1:${port},`);
  const store = await openRedisStore({ url, clock: Date.now });
  onTestFinished(() => store.close());
  const [, , sentinel] = group.nodes;
  sentinel?.freeze();
  const began = performance.now();
  while (performance.now() - began < 2500) await store.ping();
});

test('after a failover it goes on with the new primary', { timeout: 90_000 }, async () => {
  const group = await startRedisWithSentinel();
  onTestFinished(() => group.remove());
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

  const answers = () =>
    store.ping().then(
      () => true,
      () => false,
    );
  await waitUntil('the store answers again', answers, sentinelMs);
  const found = await store.get(key);
  expect(found?.value).toBe('before');
  expect(await store.commit([{ type: 'put', key, expected: found?.version ?? null, value: 'after' }])).toBe(
    'committed',
  );
  expect(await group.replica.command('HGET', 'ringkey:{p}:kept', 'value')).toBe('"after"');
});
