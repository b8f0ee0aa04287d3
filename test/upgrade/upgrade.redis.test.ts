import { afterAll, beforeAll } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type KeptData, restoreRedis } from './restore.ts';
import { describeAdministration, describeUpgrade } from './upgrade.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.remove());

const restore = (data: KeptData) => restoreRedis(data, server);

describeUpgrade('Redis', '0.1.0', restore);
describeUpgrade('Redis', 'before-schema-2', restore);
describeAdministration('Redis', restore);
