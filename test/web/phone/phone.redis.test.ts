import { useRedis } from '../../support/redis-for-service.ts';
import { describePhonePage } from './phone.ts';

describePhonePage('Redis', useRedis('node').emptied);
