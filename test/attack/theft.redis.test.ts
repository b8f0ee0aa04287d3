import { useRedis } from '../support/redis-for-service.ts';
import { stealRedis } from './steal.ts';
import { describeTheft } from './theft.ts';

const redis = useRedis('node');

describeTheft('Redis', { env: redis.emptied, steal: () => stealRedis(redis.nodes()) });
