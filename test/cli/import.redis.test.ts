import { useRedis } from '../support/redis-for-service.ts';
import { describeImportCommand } from './import.ts';

describeImportCommand('Redis', useRedis('node').emptied);
