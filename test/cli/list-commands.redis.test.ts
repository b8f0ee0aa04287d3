import { useRedis } from '../support/redis-for-service.ts';
import { describeListCommands } from './list-commands.ts';

describeListCommands('Redis', useRedis('node').emptied);
