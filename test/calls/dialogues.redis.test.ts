import { useRedis } from '../support/redis-for-service.ts';
import { describeDialogues } from './dialogues.ts';

describeDialogues('Redis', useRedis('node').emptied);
