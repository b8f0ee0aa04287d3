import { useRedis } from '../support/redis-for-service.ts';
import { describeAttacks } from './attacks.ts';

describeAttacks('Redis', useRedis('node').emptied);
