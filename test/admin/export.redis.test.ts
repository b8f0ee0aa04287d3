import { useRedis } from '../support/redis-for-service.ts';
import { describeExport } from './export.ts';

describeExport('Redis', useRedis('node').emptied);
