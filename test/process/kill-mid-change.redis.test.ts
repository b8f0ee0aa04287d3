import { useRedis } from '../support/redis-for-service.ts';
import { describeKillMidChange } from './kill-mid-change.ts';

describeKillMidChange('Redis', useRedis('node').emptied);
