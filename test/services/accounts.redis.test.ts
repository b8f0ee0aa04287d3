import { openRedisStore } from '../../src/store/redis.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { describeAccounts } from './accounts.ts';

const redis = useRedis('node');
describeAccounts('Redis', async (clock) =>
  openRedisStore({ url: (await redis.emptied()).REDIS_URL ?? '', clock }),
);
