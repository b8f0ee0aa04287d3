import { useRedis } from '../support/redis-for-service.ts';
import { describeCmdletTable } from './cmdlet-table.ts';

describeCmdletTable('Redis', useRedis('node').emptied);
