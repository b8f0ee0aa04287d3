import { useRedis } from '../../support/redis-for-service.ts';
import { describeWalks } from './walk.ts';

describeWalks('Redis', useRedis('node').emptied);
