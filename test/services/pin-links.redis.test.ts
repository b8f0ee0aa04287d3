import { openRedisStore } from '../../src/store/redis.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { describePinLinks } from './pin-links.ts';

const redis = useRedis('node');
describePinLinks('Redis', async (clock) =>
  openRedisStore({ url: (await redis.emptied()).REDIS_URL ?? '', clock }),
);
