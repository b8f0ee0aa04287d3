/** A Redis, or a Cluster of them, that a service under test starts on afresh each time. */
import { afterAll, beforeAll } from 'vitest';
import { type RedisServer, startRedis, startRedisCluster } from './redis-server.ts';

/** Every service of a test shares the data, so they share the secrets too. */
const secrets = {
  PIN_PEPPER: Buffer.alloc(32, 5).toString('base64'),
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
  ADMIN_TOKEN: 'an-admin-token-for-tests-of-32-characters',
};

/** The settings of services on a Redis. */
export function settingsFor({ url }: { readonly url: string }): Readonly<Record<string, string>> {
  return { ...secrets, REDIS_URL: url };
}

export interface SharedRedis {
  /** The settings of a service on this Redis, as it is. */
  readonly settings: () => Readonly<Record<string, string>>;
  /** The same, after everything in it was removed. */
  readonly emptied: () => Promise<Readonly<Record<string, string>>>;
  readonly nodes: () => readonly RedisServer[];
  /** Every key and value, as text. */
  readonly dump: () => Promise<string>;
}

/** To be called at the top of a test file: starts it before its tests and removes it after them. */
export function useRedis(kind: 'node' | 'cluster'): SharedRedis {
  let url = '';
  let nodes: readonly RedisServer[] = [];
  let remove: () => Promise<void> = async () => {};
  beforeAll(async () => {
    const started = kind === 'node' ? await startRedis() : await startRedisCluster();
    url = started.url;
    nodes = 'nodes' in started ? started.nodes : [started];
    remove = () => started.remove();
  });
  afterAll(() => remove());

  const settings = () => settingsFor({ url });

  async function dumpNode(node: RedisServer): Promise<string> {
    const keys = await node.command('KEYS', '*');
    const names = Array.isArray(keys) ? keys.map(String) : [];
    const values = await Promise.all(names.map((name) => dumpKey(node, name)));
    return JSON.stringify([names, values]);
  }

  return {
    settings,
    async emptied() {
      await Promise.all(nodes.map((node) => node.command('FLUSHALL')));
      return settings();
    },
    nodes: () => nodes,
    dump: async () => (await Promise.all(nodes.map(dumpNode))).join('\n'),
  };
}

async function dumpKey(node: RedisServer, name: string): Promise<unknown> {
  switch (await node.command('TYPE', name)) {
    case 'hash':
      return node.command('HGETALL', name);
    case 'zset':
      return node.command('ZRANGE', name, '0', '-1');
    default:
      return node.command('GET', name);
  }
}
