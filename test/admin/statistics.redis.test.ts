import { useRedis } from '../support/redis-for-service.ts';
import { describeStatistics } from './statistics.ts';

const redis = useRedis('node');
describeStatistics('Redis', redis.emptied);
