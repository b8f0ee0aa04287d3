import { useRedis } from '../support/redis-for-service.ts';
import { describeClockJumps } from './clock-jumps.ts';

describeClockJumps('Redis', useRedis('node').emptied);
