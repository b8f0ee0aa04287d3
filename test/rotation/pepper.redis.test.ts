import { useRedis } from '../support/redis-for-service.ts';
import { describePepperRotation } from './pepper.ts';

describePepperRotation({ engine: 'Redis', machines: 2, settings: useRedis('node').emptied });
