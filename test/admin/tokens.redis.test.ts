import { useRedis } from '../support/redis-for-service.ts';
import { describeTokens } from './tokens.ts';

describeTokens('Redis', useRedis('node').emptied);
