import { useRedis } from '../support/redis-for-service.ts';
import { describeExitCodes } from './exit-codes.ts';

describeExitCodes('Redis', useRedis('node').emptied);
