/**
 * Real Redis servers for tests: one node, a Cluster of three, or a primary with a replica and a Sentinel. They listen on loopback and
 * end with the test run, however that ends.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { endProcess, type RunningProcess, startProcess } from './processes.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly password?: string;
  readonly pid: number;
  /** Ends it as an operator would; its data stays for `restart`. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Starts it again on the same port, with its data. */
  restart(): Promise<void>;
  /** Halts it so that its connections stay open and nothing is answered, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
  /** Sends it a command. */
  command(...command: string[]): Promise<unknown>;
}

export interface RedisOptions {
  readonly password?: string;
  /** More settings, as on the command line: `['--maxmemory', '1mb']`. */
  readonly settings?: readonly string[];
}

export interface RedisGroup {
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  remove(): Promise<void>;
}

export async function startRedis({ password, settings = [] }: RedisOptions = {}): Promise<RedisServer> {
  const access = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  return startServer(
    (port) => ['--port', String(port), '--appendonly', 'yes', '--save', '', ...access, ...settings],
    password,
  );
}

/** Three primaries that share the slots; then, if asked for, a replica of each in the same order. */
export async function startRedisCluster({
  password,
  settings = [],
  withReplicas = false,
}: RedisOptions & { readonly withReplicas?: boolean } = {}): Promise<RedisGroup> {
  const start = async () => {
    const busPort = await findFreePort();
    const forCluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
    const timing = ['--cluster-node-timeout', '2000'];
    const server = await startRedis({
      ...(password !== undefined && { password }),
      settings: [...forCluster, ...timing, ...settings],
    });
    return { server, busPort };
  };
  const started = await Promise.all(Array.from({ length: withReplicas ? 6 : 3 }, start));
  const nodes = started.map(({ server }) => server);
  const slots = [
    ['0', '5460'],
    ['5461', '10922'],
    ['10923', '16383'],
  ];
  for (const [index, { server }] of started.entries()) {
    const range = slots[index];
    if (range !== undefined) await server.command('CLUSTER', 'ADDSLOTSRANGE', ...range);
    await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  const meet = async () => {
    for (const { server } of started) {
      for (const other of started) {
        if (other.server === server) continue;
        await server.command(
          'CLUSTER',
          'MEET',
          '127.0.0.1',
          String(other.server.port),
          String(other.busPort),
        );
      }
    }
  };
  let metAt = Number.NEGATIVE_INFINITY;
  await waitUntil('the cluster is whole', async () => {
    // A node forgets one that it was told of and that didn't answer within the node timeout.
    if (performance.now() - metAt > 4000) {
      await meet();
      metAt = performance.now();
    }
    const infos = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    const isWhole = (info: string) =>
      ['cluster_state:ok', `cluster_known_nodes:${nodes.length}`].every((fact) => info.includes(fact));
    return infos.every((info) => isWhole(String(info)));
  });
  await Promise.all(
    nodes.slice(slots.length).map(async (replica, index) => {
      const primary = nodes[index];
      const id = String(await primary?.command('CLUSTER', 'MYID'));
      await replica.command('CLUSTER', 'REPLICATE', id);
      if (primary !== undefined) await untilFollowed(primary, replica);
    }),
  );
  return {
    url: `redis+cluster://${accessOf(password)}${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    remove: async () => {
      await Promise.all(nodes.map((node) => node.remove()));
    },
  };
}

/** A primary, its replica, and one Sentinel that makes the replica the primary half a second after that is gone. */
export async function startRedisWithSentinel(): Promise<
  RedisGroup & { readonly primary: RedisServer; readonly replica: RedisServer }
> {
  const primary = await startRedis();
  const replica = await startRedis({ settings: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const sentinel = await startServer((port, folder) => {
    const config = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      `sentinel monitor ringkey 127.0.0.1 ${primary.port} 1`,
      'sentinel down-after-milliseconds ringkey 500',
      'sentinel failover-timeout ringkey 2000',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    return [config, '--sentinel'];
  });
  await untilFollowed(primary, replica);
  await waitUntil('the Sentinel knows the replica', async () =>
    String(await sentinel.command('SENTINEL', 'MASTER', 'ringkey')).includes('num-slaves,1'),
  );
  const nodes = [primary, replica, sentinel];
  return {
    url: `redis+sentinel://127.0.0.1:${sentinel.port}/ringkey`,
    primary,
    replica,
    nodes,
    remove: async () => {
      await Promise.all(nodes.map((node) => node.remove()));
    },
  };
}

/**
 * Until a new replica has all and says so to its primary. Before it has said so once, up to a second after it counts as online, its primary
 * sends it nothing, so that a WAIT of less than that is in vain.
 */
export async function untilFollowed(primary: RedisServer, replica: RedisServer): Promise<void> {
  await waitUntil('the replica follows', async () => {
    const roles = await Promise.all([primary, replica].map((node) => node.command('INFO', 'replication')));
    return String(roles[0]).includes('state=online') && String(roles[1]).includes('master_link_status:up');
  });
  // A change to nothing, so that there is something to have.
  await primary.command('FUNCTION', 'FLUSH');
  await waitUntil('the replica says what it has', async () =>
    /^slave0:.*\boffset=[1-9]/m.test(String(await primary.command('INFO', 'replication'))),
  );
}

async function startServer(
  argumentsFor: (port: number, folder: string) => readonly string[],
  password?: string,
): Promise<RedisServer> {
  const binary = findBinary();
  const folder = makeTemporaryFolder();
  const run = async (port: number) => {
    const data = join(folder, String(port));
    mkdirSync(data, { recursive: true });
    const args = [...argumentsFor(port, data), '--bind', '127.0.0.1', '--dir', data, '--daemonize', 'no'];
    const isReady = (line: string) => /Ready to accept connections|Sentinel ID is/.test(line);
    return startProcess(binary, args, isReady);
  };
  let { port, running } = await startOnFreePort(run);
  const url = `redis://${accessOf(password)}127.0.0.1:${port}`;
  return {
    url,
    port,
    ...(password !== undefined && { password }),
    get pid() {
      return running.pid;
    },
    stop: () => endProcess(running, 'SIGTERM'),
    kill9: () => endProcess(running, 'SIGKILL'),
    async restart() {
      running = await run(port);
    },
    freeze: () => process.kill(running.pid, 'SIGSTOP'),
    thaw: () => process.kill(running.pid, 'SIGCONT'),
    async remove() {
      await endProcess(running, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
    async command(...command) {
      const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
      client.on('error', () => {});
      await client.connect();
      try {
        return await client.sendCommand(command);
      } finally {
        client.destroy();
      }
    },
  };
}

function accessOf(password: string | undefined): string {
  return password === undefined ? '' : `:${encodeURIComponent(password)}@`;
}

/** A free port may be taken by somebody else before the server has it. */
async function startOnFreePort(
  run: (port: number) => Promise<RunningProcess>,
): Promise<{ port: number; running: RunningProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    try {
      return { port, running: await run(port) };
    } catch (error) {
      if (attempt === 5 || !String(error).includes('already in use')) throw error;
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The server on the PATH; without one, it is installed. */
function findBinary(): string {
  const binary = 'redis-server';
  try {
    execFileSync(binary, ['--version'], { stdio: 'ignore' });
    return binary;
  } catch {
    const script = fileURLToPath(new URL('../../scripts/install-redis.sh', import.meta.url));
    try {
      execFileSync(script, { stdio: ['ignore', 'ignore', 'pipe'] });
      return binary;
    } catch (cause) {
      throw new Error(
        'These tests need redis-server on the PATH, and it could not be installed by scripts/install-redis.sh: ' +
          'install the package redis-server (Debian, Ubuntu) or redis (Alpine, Fedora, Homebrew).',
        { cause },
      );
    }
  }
}
