import { useRedis } from '../support/redis-for-service.ts';
import { describeMePage } from './me-page.ts';

const redis = useRedis('node');
describeMePage('Redis', redis.emptied);
