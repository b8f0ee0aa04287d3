import { useRedis } from '../support/redis-for-service.ts';
import { describeMail } from './mail.ts';

const redis = useRedis('node');
describeMail('Redis', redis.emptied, redis.dump);
