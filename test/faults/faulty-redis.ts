/** A service on a Redis of its own, with a proxy between them that can be told to misbehave. */
import { onTestFinished } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { limit, unlimitedCallers } from './call-model.ts';

export interface FaultyRedis {
  readonly redis: RedisServer;
  readonly proxy: FaultProxy;
  readonly ringkey: TestService;
}

/** For the running test. */
export async function startOnFaultyRedis(): Promise<FaultyRedis> {
  const redis = await startRedis();
  onTestFinished(() => redis.remove());
  const proxy = await startFaultProxy(redis.port);
  onTestFinished(() => proxy.close());
  const ringkey = await startServiceOn(`redis://127.0.0.1:${proxy.port}`);
  return { redis, proxy, ringkey };
}

/** For the running test. */
export async function startServiceOn(
  url: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestService> {
  const ringkey = await startTestService({
    env: { REDIS_URL: url, ...unlimitedCallers, ...settings },
    policy: { maxLogonAttempts: limit },
  });
  onTestFinished(() => ringkey.stop());
  return ringkey;
}
