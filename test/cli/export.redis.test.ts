import { useRedis } from '../support/redis-for-service.ts';
import { describeExportCommands } from './export.ts';

describeExportCommands('Redis', useRedis('node').emptied);
