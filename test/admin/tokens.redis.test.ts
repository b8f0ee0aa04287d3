import { expect, it } from 'vitest';
import { useRedis } from '../support/redis-for-service.ts';
import { startTestService } from '../support/service.ts';
import { describeTokens } from './tokens.ts';

const redis = useRedis('node');
describeTokens('Redis', redis.emptied);

it('a token that one service made and revoked is known and refused by another at once', async () => {
  const env = await redis.emptied();
  const [one, other] = [await startTestService({ env }), await startTestService({ env })];
  try {
    const { id, token } = (await one.api('POST', '/tokens', { name: 'shared', role: 'viewer' })).body;
    const ask = () => other.api('GET', '/users', undefined, { authorization: `Bearer ${token}` });
    expect((await ask()).status).toBe(200);
    await one.api('DELETE', `/tokens/${id}`);
    expect((await ask()).status).toBe(401);
  } finally {
    await one.stop();
    await other.stop();
  }
});
