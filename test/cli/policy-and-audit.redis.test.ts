import { openRedisStore } from '../../src/store/redis.ts';
import { fakeClock } from '../support/clock.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { describePolicyAndAuditCommands } from './policy-and-audit.ts';

const redis = useRedis('node');
describePolicyAndAuditCommands('Redis', redis.emptied, () =>
  openRedisStore({ url: redis.settings().REDIS_URL ?? '', clock: fakeClock().now }),
);
