import { useRedis } from '../support/redis-for-service.ts';
import { describeCanary } from './canary.ts';

const redis = useRedis('node');
describeCanary('Redis', redis.emptied, redis.dump);
