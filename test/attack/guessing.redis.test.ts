import { useRedis } from '../support/redis-for-service.ts';
import { describeGuessing } from './guessing.ts';

describeGuessing('Redis', useRedis('node').emptied);
