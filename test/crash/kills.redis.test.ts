import { afterAll, beforeAll, describe, it } from 'vitest';
import { seededRandom } from '../soak/budget.ts';
import { settingsFor } from '../support/redis-for-service.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { surviveKills } from './kills.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ settings: ['--appendfsync', 'always'] });
});
afterAll(() => redis.remove());

describe('kill -9 under load, on Redis', () => {
  it('of the service loses nothing that was answered, gives no guess back, and leaves nothing torn', async () => {
    await redis.command('FLUSHALL');
    await surviveKills({ times: 1, random: seededRandom('kills', 1), env: settingsFor(redis) });
  }, 120_000);

  it('of Redis loses nothing that was answered, gives no guess back, and leaves nothing torn', async () => {
    await redis.command('FLUSHALL');
    await surviveKills({ times: 1, random: seededRandom('kills', 2), env: settingsFor(redis), redis });
  }, 120_000);
});
