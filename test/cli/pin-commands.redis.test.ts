import { useRedis } from '../support/redis-for-service.ts';
import { describePinCommands } from './pin-commands.ts';

describePinCommands('Redis', useRedis('node').emptied);
