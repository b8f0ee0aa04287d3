import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { StoreOpenError } from '../../src/store/open-error.ts';
import { openRedisStore } from '../../src/store/redis.ts';
import { type Key, type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { fakeClock } from '../support/clock.ts';
import { endProcess, startProcess } from '../support/processes.ts';
import { type RedisOptions, type RedisServer, startRedis } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { describeStore } from './store.contract.ts';

let shared: RedisServer;
beforeAll(async () => {
  shared = await startRedis();
});
afterAll(() => shared.remove());

describeStore('Redis, one node,', (clock) => openRedisStore({ url: shared.url, clock }));

const key: Key = { partition: 'p', name: 'document' };
const redisKey = 'ringkey:{p}:document';

describe('what was answered', () => {
  test('is still there when our process is killed right after', async () => {
    const server = await start();
    const script = fileURLToPath(new URL('../support/commit-and-tell.ts', import.meta.url));
    const args = ['--import', 'tsx', script, 'redis', server.url];
    const child = await startProcess(process.execPath, args, (line) => line === 'committed');
    await endProcess(child, 'SIGKILL');
    const store = await open(server.url);
    expect((await store.get({ partition: 'durable', name: 'document' }))?.value).toBe('answered');
    expect(await store.readCounter({ name: 'durable', windowMs: 3_600_000 })).toBe(3);
  });

  test.each(['stop', 'kill9'] as const)(
    'is still there after the server met %s and returned',
    async (end) => {
      const server = await start({ settings: ['--appendfsync', 'always'] });
      const store = await open(server.url);
      await put(store, 'answered');
      await store.addToCounter({ name: 'c', windowMs: 3_600_000 }, 2);
      await server[end]();
      await server.restart();
      await waitUntil('it answers again', () => answers(store));
      expect((await store.get(key))?.value).toBe('answered');
      expect(await store.readCounter({ name: 'c', windowMs: 3_600_000 })).toBe(2);
    },
  );
});

describe('while Redis fails', () => {
  test('each call is refused quickly, and the next after its return works', async () => {
    const server = await start();
    const events: string[] = [];
    const store = await open(server.url, (event) => events.push(event.type));
    await put(store, 'before');
    await server.stop();
    await expectAllUnavailable(store);
    // Once it is known to be gone, nobody waits for it.
    const began = performance.now();
    await expectAllUnavailable(store);
    expect(performance.now() - began).toBeLessThan(500);
    await server.restart();
    await waitUntil('it answers again', () => answers(store));
    expect((await store.get(key))?.value).toBe('before');
    expect(events).toEqual(['unreachable', 'reachable']);
  });

  test('by hanging, each call is refused within two seconds, and works when it goes on', async () => {
    const server = await start();
    const store = await open(server.url);
    await put(store, 'before');
    server.freeze();
    await expectAllUnavailable(store);
    server.thaw();
    await waitUntil('it answers again', () => answers(store));
    expect((await store.get(key))?.value).toBe('before');
  });

  test('by a connection that is half open, another one is made', async () => {
    const server = await start();
    const proxy = await startProxy(server.port);
    const store = await open(`redis://127.0.0.1:${proxy.port}`);
    await put(store, 'before');
    proxy.swallow();
    await expect(store.get(key)).rejects.toThrow(StoreUnavailableError);
    await waitUntil('it answers again', () => answers(store));
    expect((await store.get(key))?.value).toBe('before');
  });

  test('behind a proxy that takes each connection and drops it, it is not tried without a pause', async () => {
    const server = await start();
    const proxy = await startProxy(server.port);
    const store = await open(`redis://127.0.0.1:${proxy.port}`);
    proxy.drop();
    const began = performance.now();
    const before = proxy.connections();
    await waitUntil('it was tried four times', async () => proxy.connections() >= before + 4);
    expect(performance.now() - began).toBeGreaterThan(300);
    await expect(store.get(key)).rejects.toThrow(StoreUnavailableError);
    proxy.serve();
    await waitUntil('it answers again', () => answers(store));
  });

  test('by being a replica now, nothing is written, and it goes on once it is the primary again', async () => {
    const server = await start();
    const store = await open(server.url);
    const version = await put(store, 'before');
    await server.command('REPLICAOF', '127.0.0.1', '1');
    const change = { type: 'put', key, expected: version, value: 'lost' } as const;
    await expect(store.commit([change])).rejects.toThrow(/READONLY/);
    await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
    await server.command('REPLICAOF', 'NO', 'ONE');
    await waitUntil('it answers again', () => answers(store));
    expect((await store.get(key))?.value).toBe('before');
  });

  test('by having no memory left, a commit changes nothing at all', async () => {
    const server = await start();
    const store = await open(server.url);
    const version = await put(store, 'before');
    const other = { ...key, name: 'other' };
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    const commit = store.commit([
      { type: 'put', key: other, expected: null, value: 1 },
      { type: 'put', key, expected: version, value: 'after' },
    ]);
    await expect(commit).rejects.toThrow(StoreUnavailableError);
    await expect(store.addToCounter({ name: 'c', windowMs: 1000 }, 1)).rejects.toThrow(/OOM/);
    expect(await store.get(other)).toBeNull();
    expect((await store.get(key))?.value).toBe('before');
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.commit([{ type: 'put', key, expected: version, value: 'after' }])).toBe('committed');
  });

  test('by forgetting its scripts, nothing is noticed', async () => {
    const server = await start();
    const store = await open(server.url);
    const first = await put(store, 1);
    await store.addToCounter({ name: 'c', windowMs: 60_000 }, 1);
    await server.command('SCRIPT', 'FLUSH');
    const commit = store.commit([{ type: 'put', key, expected: first, value: 2 }]);
    await expect(commit).resolves.toBe('committed');
    await server.command('SCRIPT', 'FLUSH');
    await expect(store.addToCounter({ name: 'c', windowMs: 60_000 }, 1)).resolves.toBe(2);
  });

  test('a closed store is unavailable', async () => {
    const store = await open(shared.url);
    await store.close();
    await expectAllUnavailable(store);
  });
});

describe('at the start', () => {
  test('nothing listening is refused, with where and what to do', async () => {
    const server = await start();
    await server.stop();
    const began = performance.now();
    const error = await refusalOf(server.url);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(error.message).toMatch(
      new RegExp(
        `^Redis at 127\\.0\\.0\\.1:${server.port} can't be used \\(.*ECONNREFUSED.*\\): check .*REDIS_URL`,
      ),
    );
    expect(error.message).not.toContain('\n');
  });

  test('something that accepts and never answers is refused within some three seconds', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const began = performance.now();
    const error = await refusalOf(`redis://127.0.0.1:${port}`);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(error.message).toContain('no answer within 3000 ms');
  });

  test.each([
    ['a wrong password', ':wr0ng-one@', 'WRONGPASS'],
    ['a wrong user', 'somebody:of%20the%20server@', 'WRONGPASS'],
    ['no password', '', 'NOAUTH'],
  ])('%s is refused, and not repeated', async (_, access, reason) => {
    const server = await start({ password: 'of the server' });
    const error = await refusalOf(`redis://${access}127.0.0.1:${server.port}`);
    expect(error.message).toContain(reason);
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
    expect(error.message).not.toMatch(/wr0ng|somebody|of.*the.*server\)/);
  });

  test('the right password and a database open', async () => {
    const server = await start({ password: 'p@ss/word: %' });
    const url = `redis://:${encodeURIComponent('p@ss/word: %')}@127.0.0.1:${server.port}/3`;
    await put(await open(url), 1);
    expect(await server.command('INFO', 'keyspace')).toContain('db3:');
  });

  test('a replica is refused', async () => {
    const replica = await start({ settings: ['--replicaof', '127.0.0.1', String(shared.port)] });
    expect((await refusalOf(replica.url)).message).toContain('READONLY');
  });

  test('settings that put data at risk are named', async () => {
    const server = await start({ settings: ['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru'] });
    const messages: string[] = [];
    await open(server.url, ({ type, message }) => messages.push(`${type}: ${message}`));
    expect(messages).toEqual([
      expect.stringMatching(/^warning: .*maxmemory-policy.*noeviction.*allkeys-lru/),
      expect.stringMatching(/^warning: .*appendonly/),
    ]);
  });

  test('settings that are well say nothing, and a server that hides them opens', async () => {
    const hiding = await start({ settings: ['--rename-command', 'INFO', ''] });
    for (const server of [shared, hiding]) {
      const messages: string[] = [];
      const store = await open(server.url, ({ message }) => messages.push(message));
      await store.ping();
      expect(messages).toEqual([]);
    }
  });
});

describe('on the server', () => {
  test('each call is one command', async () => {
    const server = await start();
    const store = await open(server.url);
    await put(store, 1);
    await store.addToCounter({ name: 'c', windowMs: 60_000 }, 1);
    const commandsOf = async (work: () => Promise<unknown>) => {
      const seen: string[] = [];
      const monitor = connect(server.port, '127.0.0.1');
      let text = '';
      monitor.on('data', (data) => {
        text += data;
      });
      monitor.write('MONITOR\r\n');
      await waitUntil('it is watched', async () => text.includes('+OK'));
      await work();
      await server.command('ECHO', 'that was all');
      await waitUntil('all was seen', async () => text.includes('that was all'));
      monitor.destroy();
      for (const line of text.split('\r\n')) {
        // What a script does is marked "lua".
        const [, from, command] = /\[\d+ (\S+)\] "(\w+)"/.exec(line) ?? [];
        if (command !== undefined && from !== 'lua' && command !== 'ECHO') seen.push(command.toUpperCase());
      }
      return seen;
    };
    expect(await commandsOf(() => store.get(key))).toEqual(['HMGET']);
    expect(await commandsOf(() => store.readCounter({ name: 'c', windowMs: 60_000 }))).toEqual(['HMGET']);
    expect(await commandsOf(() => store.addToCounter({ name: 'c', windowMs: 60_000 }, 1))).toEqual([
      'EVALSHA',
    ]);
    const change = { type: 'put', key, expected: 'another', value: 2 } as const;
    expect(await commandsOf(() => store.commit([change]))).toEqual(['EVALSHA']);
  });

  test('what expires is cleared away some time after, and what stays is not', async () => {
    const clock = fakeClock();
    const server = await start();
    const store = await openRedisStore({ url: server.url, clock: clock.now });
    onTestFinished(() => store.close());
    const first = await put(store, 1, clock.now() + 10_000);
    const left = Number(await server.command('PTTL', redisKey));
    expect(left).toBeGreaterThan(10_000);
    expect(left).toBeLessThan(3_600_000);
    await store.commit([{ type: 'put', key, expected: first, value: 2 }]);
    expect(await server.command('PTTL', redisKey)).toBe(-1);
    await store.addToCounter({ name: 'c', windowMs: 10_000 }, 1);
    expect(Number(await server.command('PTTL', 'ringkey:counter:c'))).toBeGreaterThan(10_000);
  });
});

async function start(options: RedisOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.remove());
  return server;
}

type OnEvent = NonNullable<Parameters<typeof openRedisStore>[0]['onEvent']>;

async function open(url: string, onEvent: OnEvent = () => {}): Promise<Store> {
  const store = await openRedisStore({ url, clock: Date.now, onEvent });
  onTestFinished(() => store.close());
  return store;
}

async function refusalOf(url: string): Promise<Error> {
  const error = await openRedisStore({ url, clock: Date.now }).then(
    () => new Error('It opened.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreOpenError);
  return error instanceof Error ? error : new Error();
}

/** Puts the document where there is none and returns its version. */
async function put(store: Store, value: string | number, expiresAt?: number): Promise<string> {
  const expiry = expiresAt === undefined ? {} : { expiresAt };
  const commit = store.commit([{ type: 'put', key, expected: null, value, ...expiry }]);
  await expect(commit).resolves.toBe('committed');
  return (await store.get(key))?.version ?? '';
}

function answers(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}

async function expectAllUnavailable(store: Store): Promise<void> {
  const began = performance.now();
  const results = await Promise.allSettled([
    store.get(key),
    store.commit([{ type: 'put', key: { ...key, name: 'other' }, expected: null, value: 1 }]),
    store.addToCounter({ name: 'c', windowMs: 1000 }, 1),
    store.readCounter({ name: 'c', windowMs: 1000 }),
    store.ping(),
  ]);
  expect(performance.now() - began).toBeLessThan(2000);
  for (const result of results) {
    expect(result.status === 'rejected' && result.reason).toBeInstanceOf(StoreUnavailableError);
  }
}

/** Hands on to a port, until it is told to swallow what comes over the connections that it then has, or to drop all of them. */
async function startProxy(target: number) {
  const incoming: Socket[] = [];
  let connections = 0;
  let drops = false;
  const proxy = createServer((socket) => {
    connections += 1;
    if (drops) {
      socket.destroy();
      return;
    }
    const outgoing = connect(target, '127.0.0.1');
    socket.pipe(outgoing).pipe(socket);
    for (const end of [socket, outgoing]) end.on('error', () => {});
    incoming.push(socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.close();
    for (const socket of incoming) socket.destroy();
  });
  const address = proxy.address();
  return {
    port: typeof address === 'object' ? address?.port : undefined,
    swallow() {
      for (const socket of incoming) socket.unpipe().resume();
    },
    drop() {
      drops = true;
      for (const socket of incoming) socket.destroy();
    },
    serve() {
      drops = false;
    },
    connections: () => connections,
  };
}
