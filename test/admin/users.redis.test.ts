import { useRedis } from '../support/redis-for-service.ts';
import { describeUsers } from './users.ts';

describeUsers('Redis', useRedis('node').emptied);
