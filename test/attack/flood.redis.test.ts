import { useRedis } from '../support/redis-for-service.ts';
import { describeFlood } from './flood.ts';

describeFlood('Redis', useRedis('node').emptied);
