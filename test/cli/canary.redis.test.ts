import { useRedis } from '../support/redis-for-service.ts';
import { describeCommandCanary } from './canary.ts';

const redis = useRedis('node');
describeCommandCanary('Redis', redis.emptied, redis.dump);
