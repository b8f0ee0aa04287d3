import { useRedis } from '../support/redis-for-service.ts';
import { describeUsers } from './users.ts';

const redis = useRedis('node');
describeUsers('Redis', redis.emptied);
