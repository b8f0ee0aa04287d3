import type { RedisServer } from '../support/redis-server.ts';

/** The settings of services that share a Redis, and so their secrets. */
export function settingsFor({ url }: RedisServer): Readonly<Record<string, string>> {
  return {
    REDIS_URL: url,
    PIN_PEPPER: Buffer.alloc(32, 5).toString('base64'),
    TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
    ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
  };
}
