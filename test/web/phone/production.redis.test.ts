import { useRedis } from '../../support/redis-for-service.ts';
import { describePhoneInProduction } from './production.ts';

describePhoneInProduction('Redis', useRedis('node').emptied);
