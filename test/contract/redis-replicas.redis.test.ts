/** What is answered when so many replicas must have it. */
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedisStore } from '../../src/store/redis.ts';
import { type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { type RedisServer, startRedis, startRedisCluster, untilFollowed } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const key = { partition: 'p', name: 'document' };
let primary: RedisServer;
let replica: RedisServer;

beforeAll(async () => {
  primary = await startRedis();
  replica = await startRedis({ settings: ['--replicaof', '127.0.0.1', String(primary.port)] });
  await untilFollowed(primary, replica);
  return async () => {
    await primary.remove();
    await replica.remove();
  };
});

test('with one that must have it, it has each change once that is answered', async () => {
  const store = await open(1);
  await put(store, 'answered');
  expect(await replica.command('HGET', 'ringkey:{p}:document', 'value')).toBe('"answered"');
  const count = await store.addToCounter({ name: 'c', windowMs: 3_600_000 }, 1);
  expect(await replica.command('HGET', 'ringkey:counter:c', 'count')).toBe(String(count));
});

test('while it has nothing, each change counts as unknown, also the first after scripts are forgotten', async () => {
  const store = await open(1);
  await put(store, 'before');
  replica.freeze();
  onTestFinished(() => replica.thaw());
  await expect(put(store, 'unknown')).rejects.toThrow(/: 0 of 1 replicas have it$/);
  await primary.command('SCRIPT', 'FLUSH');
  const counted = store.addToCounter({ name: 'c', windowMs: 3_600_000 }, 1);
  await expect(counted).rejects.toThrow(StoreUnavailableError);
  await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
  replica.thaw();
  await waitUntil('it can be written to', () =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
  await put(store, 'answered again');
});

test('unless asked for, nobody waits for it', async () => {
  const store = await open(0);
  replica.freeze();
  onTestFinished(() => replica.thaw());
  await put(store, 'answered');
});

test('on a Cluster, a node whose replica has nothing holds up its own changes alone', async () => {
  const cluster = await startRedisCluster({ withReplicas: true });
  onTestFinished(() => cluster.remove());
  const [first, , , replicaOfFirst] = cluster.nodes;
  if (first === undefined || replicaOfFirst === undefined) throw new Error('The Cluster has no replicas.');
  const isOnFirst = async (partition: string) =>
    Number(await first.command('CLUSTER', 'KEYSLOT', `{${partition}}`)) <= 5460;
  const partitions = Array.from({ length: 20 }, (_, number) => `p${number}`);
  const onFirst = await Promise.all(partitions.map(isOnFirst));
  const store = await openRedisStore({ url: cluster.url, replicas: 1, clock: Date.now });
  onTestFinished(() => store.close());
  const write = (partition: string, value: string) =>
    store
      .commit([{ type: 'put', key: { partition, name: value }, expected: null, value }])
      .catch((error: Error) => /\d of 1 replicas/.exec(error.message)?.[0] ?? error);
  // On a busy machine, a replica may take longer than half a second for once.
  const untilWritten = (partition: string, value: string) => {
    let times = 0;
    return waitUntil(`${partition} is written`, async () => {
      times += 1;
      return (await write(partition, `${value} ${times}`)) === 'committed';
    });
  };
  await Promise.all(partitions.map((partition) => untilWritten(partition, 'well')));
  replicaOfFirst.freeze();
  onTestFinished(() => replicaOfFirst.thaw());
  // One after the other: while a node waits, it takes nothing else from this connection.
  for (const [index, partition] of partitions.entries()) {
    if (onFirst[index])
      expect([partition, await write(partition, 'frozen')]).toEqual([partition, '0 of 1 replicas']);
    else await untilWritten(partition, 'frozen');
  }
});

async function open(replicas: number): Promise<Store> {
  const store = await openRedisStore({ url: primary.url, replicas, clock: Date.now });
  onTestFinished(() => store.close());
  return store;
}

async function put(store: Store, value: string): Promise<void> {
  const found = await store.get(key);
  expect(await store.commit([{ type: 'put', key, expected: found?.version ?? null, value }])).toBe(
    'committed',
  );
}
