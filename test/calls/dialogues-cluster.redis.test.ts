import { useRedis } from '../support/redis-for-service.ts';
import { describeDialogues } from './dialogues.ts';

describeDialogues('a Redis Cluster', useRedis('cluster').emptied);
