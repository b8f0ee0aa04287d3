import { useRedis } from '../support/redis-for-service.ts';
import { describeManyPins } from './many-pins.ts';

describeManyPins('Redis', useRedis('node').emptied);
