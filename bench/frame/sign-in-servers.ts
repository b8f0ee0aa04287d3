/**
 * What Ringkey is measured beside: servers that take a name and a secret in one request, each in a process of its own, with a Redis of
 * its own that has the settings of Ringkey's.
 */
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { endProcess, startProcess } from '../../test/support/processes.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { hashSecret } from '../processes/counted-argon2.ts';
import { recommendedSettings } from '../seed/redis-settings.ts';
import type { Meters } from './closed-loop.ts';
import type { Answer, Connection } from './connection.ts';
import { cpuSeconds, mainThreadSeconds, ownCpuSeconds } from './process-figures.ts';
import { orUndo } from './starting.ts';
import { pin } from './users.ts';

export interface SignInServer {
  readonly port: number;
  meters(): Meters;
  /** How many hashes it has begun. */
  hashes(): Promise<number>;
  /** User number `user` signs in with `secret` from an address, as the proxy in front tells it. */
  signIn(connection: Connection, user: number, secret: string, address: string): Promise<Answer>;
  remove(): Promise<void>;
}

export interface SignInServerOptions {
  /** Users 0 to `users` - 1, whose secret is everybody's PIN. */
  readonly users: number;
  /** Requests that may come from one address before it is turned away; where the server counts wrong secrets, 10 of those. */
  readonly limit: number;
}

const nameOf = (user: number) => `user${user}`;

/** express + argon2 + rate-limiter-flexible: `bench/processes/textbook.ts`. It counts wrong secrets. */
export function startTextbook(options: SignInServerOptions): Promise<SignInServer> {
  return startServer('textbook', '/sign-in', options, async (url) => {
    const client = createClient({ url });
    await client.connect();
    const hash = await hashSecret(pin);
    for (let user = 0; user < options.users; user += 1)
      await client.hSet(`user:${nameOf(user)}`, 'hash', hash);
    client.destroy();
  });
}

/** better-auth: `bench/processes/framework.ts`. It counts requests. */
export function startFramework(options: SignInServerOptions): Promise<SignInServer> {
  return startServer('framework', '/api/auth/sign-in/username', options, () => Promise.resolve());
}

async function startServer(
  program: 'textbook' | 'framework',
  path: string,
  { users, limit }: SignInServerOptions,
  fill: (redisUrl: string) => Promise<void>,
): Promise<SignInServer> {
  const redis = await startRedis({ settings: recommendedSettings });
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    REDIS_URL: redis.url,
    USERS: String(users),
    LIMIT: String(limit),
    SECRET: pin,
  };
  const file = fileURLToPath(new URL(`../processes/${program}.ts`, import.meta.url));
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = [...pairs, process.execPath, '--import', 'tsx', file];
  let url = '';
  const isReady = (line: string) => {
    const [, listening] = /^\{"listening":"(http:[^"]+)"\}$/.exec(line) ?? [];
    url = listening ?? '';
    return listening !== undefined;
  };
  const child = await orUndo(async () => {
    await fill(redis.url);
    return startProcess('env', ['-i', ...command], isReady);
  }, redis.remove);
  const { host, port } = new URL(url);
  return {
    port: Number(port),
    meters: () => ({
      service: cpuSeconds(child.pid),
      'main thread': mainThreadSeconds(child.pid),
      redis: cpuSeconds(redis.pid),
      caller: ownCpuSeconds(),
    }),
    hashes: async () => Number(await (await fetch(`${url}/hashes`)).text()),
    signIn(connection, user, secret, address) {
      const body = `{"username":"${nameOf(user)}","password":"${secret}"}`;
      return connection.send(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: ${address}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    },
    async remove() {
      await endProcess(child, 'SIGTERM');
      await redis.remove();
    },
  };
}
