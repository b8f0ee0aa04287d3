/** As in `seed.test.ts`, for Redis. */
import { expect, test } from 'vitest';
import { loadIntoRedis } from '../../bench/seed/seed.ts';
import { openRedisStore } from '../../src/store/redis.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { dumpInBulk, makeByProduct } from './seeded.ts';

/** Every key with what it holds and the hour in which it ends. */
async function contentsOf(server: RedisServer): Promise<string[]> {
  const keys = (await server.command('KEYS', 'ringkey:*')) as string[];
  // What has expired as soon as it was written is left to Redis for a minute; and a store that opens tries whether it can write.
  const lasting = keys.filter((key) => !key.includes(':abandoned:') && key !== 'ringkey:ping');
  return Promise.all(
    lasting.sort().map(async (key) => {
      const isIndex = key.includes('{index}');
      const [held, ends] = await Promise.all([
        isIndex ? server.command('ZRANGE', key, '0', '-1', 'WITHSCORES') : server.command('HGETALL', key),
        server.command('PTTL', key),
      ]);
      const fields = JSON.stringify(held).replace(/\["version","[0-9a-f-]{36}"/, '["version","…"');
      return `${key} ${fields} ${Math.ceil(Number(ends) / 3_600_000)}`;
    }),
  );
}

/** With it, a hash keeps the order in which its fields were written. */
const settings = ['--hash-max-listpack-value', '4096'];

test('in Redis', async () => {
  const [byProduct, inBulk] = await Promise.all([startRedis({ settings }), startRedis({ settings })]);
  const dump = makeTemporaryFolder();
  const now = Date.now();
  const store = await openRedisStore({ url: byProduct.url, clock: () => now });
  await makeByProduct(store, now);
  await store.close();

  await dumpInBulk(dump, now);
  await loadIntoRedis(dump, inBulk.port, now);

  const expected = await contentsOf(byProduct);
  expect(expected.length).toBeGreaterThan(100);
  expect(await contentsOf(inBulk)).toEqual(expected);
  await Promise.all([byProduct.remove(), inBulk.remove()]);
});
