import { useRedis } from '../support/redis-for-service.ts';
import { describeTokenRotation } from './tokens.ts';

describeTokenRotation({ engine: 'Redis', machines: 2, settings: useRedis('node').emptied });
