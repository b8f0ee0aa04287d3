import { describe } from 'vitest';
import { useRedis } from '../support/redis-for-service.ts';
import { describeSessions } from './sessions.ts';

const redis = useRedis('node');

describe('sessions, in Redis', () => {
  describeSessions(redis.emptied);
});
