/**
 * Finds the primary that Sentinels watch. The package's own client for Sentinel isn't used: it makes each command wait while it asks
 * a Sentinel, so that one that hangs would hold up every call to a primary that is well.
 */
import { createClient } from 'redis';
import type { RedisAddress, RedisNode } from './redis-url.ts';

type SentinelAddress = Extract<RedisAddress, { type: 'sentinel' }>;

const answerWithinMs = 1000;

/**
 * Asks all Sentinels at once, and goes by the first that knows.
 * @throws what the first of them failed with, when none does.
 */
export async function findPrimary({ nodes, tls, masterName }: SentinelAddress): Promise<RedisNode> {
  const sentinels = nodes.map((node) => {
    const socket = { ...node, connectTimeout: answerWithinMs, reconnectStrategy: false } as const;
    const client = createClient({ socket: tls ? { ...socket, tls } : socket, disableClientInfo: true });
    // What it fails with is told by `connect`, too.
    client.on('error', () => {});
    return client;
  });
  const end = () => {
    for (const sentinel of sentinels) sentinel.destroy();
  };
  // Those that hang fail by this.
  const timer = setTimeout(end, answerWithinMs);
  try {
    return await Promise.any(
      sentinels.map(async (sentinel) => {
        await sentinel.connect();
        const answer = await sentinel.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName]);
        const [host, port] = Array.isArray(answer) ? answer.map(String) : [];
        if (host === undefined) throw new Error(`the Sentinel knows no master named ${masterName}`);
        return { host, port: Number(port) };
      }),
    );
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    clearTimeout(timer);
    end();
  }
}
