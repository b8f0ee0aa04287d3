import { describe } from 'vitest';
import { useRedis } from '../support/redis-for-service.ts';
import { describeMe } from './me.ts';

const redis = useRedis('node');

describe('/me, in Redis', () => {
  describeMe(redis.emptied);
});
