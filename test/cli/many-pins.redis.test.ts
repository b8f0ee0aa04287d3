import { useRedis } from '../support/redis-for-service.ts';
import { describeManyPinsCommands } from './many-pins.ts';

describeManyPinsCommands('Redis', useRedis('node').emptied);
