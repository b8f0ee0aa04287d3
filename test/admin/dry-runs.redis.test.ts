import { useRedis } from '../support/redis-for-service.ts';
import { describeDryRuns } from './dry-runs.ts';

describeDryRuns('Redis', useRedis('node').emptied);
