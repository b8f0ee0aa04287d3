import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedisStore } from '../../src/store/redis.ts';
import { type Key, type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { type RedisGroup, startRedisCluster } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { describeStore } from './store.contract.ts';

let cluster: RedisGroup;
beforeAll(async () => {
  // With a password, because the nodes that a client finds by itself need it too.
  cluster = await startRedisCluster({ password: 'of the cluster' });
});
afterAll(() => cluster.remove());

describeStore('a Redis Cluster', (clock) => openRedisStore({ url: cluster.url, clock }));

test('documents are spread over the nodes', async () => {
  const store = await open();
  await Promise.all(keys.map((key) => put(store, key)));
  const sizes = await Promise.all(cluster.nodes.map((node) => node.command('DBSIZE')));
  for (const size of sizes) expect(size).toBeGreaterThan(5);
});

test('one node that ends and returns makes its documents unavailable until then', async () => {
  const store = await open();
  const [node] = cluster.nodes;
  await node?.kill9();
  const results = await Promise.allSettled(keys.map((key) => store.get(key)));
  const failed = results.filter((result) => result.status === 'rejected');
  expect(failed.length).toBeGreaterThan(0);
  for (const { reason } of failed) expect(reason).toBeInstanceOf(StoreUnavailableError);
  await node?.restart();
  await waitUntil('all can be written again', () => allCanBeWritten(store));
});

test('one node that is gone is told of once, although calls to the others succeed', async () => {
  const events: string[] = [];
  const store = await open((event) => events.push(event.type));
  const [, , node] = cluster.nodes;
  await node?.kill9();
  const outcomes = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    for (const key of keys) {
      outcomes.add(
        await store.get(key).then(
          () => 'answered',
          () => 'failed',
        ),
      );
    }
  }
  expect(outcomes.size).toBe(2);
  expect(events).toEqual(['unreachable', 'reachable']);
  await node?.restart();
  await waitUntil('all can be written again', () => allCanBeWritten(store));
});

test('one node that hangs does not hold up a call', async () => {
  const store = await open();
  const [, node] = cluster.nodes;
  node?.freeze();
  const began = performance.now();
  const results = await Promise.allSettled(keys.map((key) => store.get(key)));
  expect(performance.now() - began).toBeLessThan(2000);
  node?.thaw();
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StoreUnavailableError);
  }
  expect(results.some((result) => result.status === 'rejected')).toBe(true);
  await waitUntil('all can be written again', () => allCanBeWritten(store));
});

test('a wrong password is refused at the start, and not repeated', async () => {
  const url = cluster.url.replace(/:[^:@]*@/, ':wr0ng@');
  const error = await openRedisStore({ url, clock: Date.now }).catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/^StoreOpenError: Redis at 127\.0\.0\.1:\d+, .* can't be used \(WRONGPASS/);
  expect(String(error)).not.toContain('wr0ng');
});

/** Enough to be found on every node. */
const keys: Key[] = Array.from({ length: 60 }, (_, index) => ({ partition: `spread-${index}`, name: 'x' }));

async function put(store: Store, key: Key): Promise<void> {
  const found = await store.get(key);
  await store.commit([{ type: 'put', key, expected: found?.version ?? null, value: 'here' }]);
}

async function allCanBeWritten(store: Store): Promise<boolean> {
  const results = await Promise.allSettled(keys.map((key) => put(store, key)));
  return results.every((result) => result.status === 'fulfilled');
}

type OnEvent = NonNullable<Parameters<typeof openRedisStore>[0]['onEvent']>;

async function open(onEvent: OnEvent = () => {}): Promise<Store> {
  const store = await openRedisStore({ url: cluster.url, clock: Date.now, onEvent });
  onTestFinished(() => store.close());
  return store;
}
