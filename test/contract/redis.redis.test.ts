import { afterAll, beforeAll } from 'vitest';
import { openRedisStore } from '../../src/store/redis.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { describeStore } from './store.contract.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.remove());

describeStore('Redis, one node,', (clock) => openRedisStore({ url: server.url, clock }));
