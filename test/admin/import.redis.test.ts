import { useRedis } from '../support/redis-for-service.ts';
import { describeImport } from './import.ts';

describeImport('Redis', useRedis('node').emptied);
