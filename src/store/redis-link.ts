/**
 * A connection to Redis on which every command is answered in time or fails, and which mends itself.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ErrorReply } from 'redis';
import { createDeadlines, LateError } from './deadlines.ts';
import { reasonOf, StoreOpenError } from './open-error.ts';
import { type ConnectAddress, createRedisClient, isReplyOf, type RedisClient } from './redis-client.ts';
import { findPrimary } from './redis-sentinel.ts';
import { describeAddress, type RedisAddress } from './redis-url.ts';
import { StoreUnavailableError } from './store.ts';

/** What an operator should hear about. */
export interface RedisEvent {
  readonly type: 'warning' | 'unreachable' | 'reachable';
  readonly message: string;
}

export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

export interface RedisLink {
  /** @throws StoreUnavailableError when Redis refuses or doesn't answer in time; so do the others. */
  send(key: string, command: readonly string[]): Promise<unknown>;

  /** Runs a script over keys of one slot, and waits for the replicas that must have what it wrote. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown>;

  /** The names of all keys that fit a pattern, in chunks, from every primary. A name may come twice. */
  scan(pattern: string): AsyncIterable<readonly string[]>;

  /** Resolves if Redis can be written to, and the replicas have it. */
  ping(): Promise<void>;

  /** What Redis says about itself; empty where it doesn't, as managed ones may. */
  info(): Promise<string>;

  close(): void;
}

const answerWithinMs = 1500;

/** Twice this is shorter, so that what is said is how many replicas have it, also when a script had to be sent again. */
const replicasWithinMs = 500;

const openWithinMs = 3000;
/** A command may take so much longer, since those that begin within a moment share one timer. */
const momentMs = 50;
const pauseBetweenRenewalsMs = 1000;
const pauseBetweenReportsMs = 10_000;
const pauseBetweenLooksMs = 1000;

/** A key of our own, to see that Redis can be written to. */
const pingKey = 'ringkey:ping';
const pingCommand = ['SET', pingKey, '1', 'PX', '60000'];

export function readScript(file: URL): RedisScript {
  const text = readFileSync(file, 'utf8');
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/**
 * @param replicas so many must have a change before it is answered.
 * @throws StoreOpenError when it can't be reached and written to within three seconds.
 */
export async function openRedisLink(
  address: RedisAddress,
  replicas: number,
  onEvent: (event: RedisEvent) => void,
): Promise<RedisLink> {
  const where = `Redis at ${describeAddress(address)}`;
  let { client, target } = await open(address).catch((cause: unknown) => {
    throw new StoreOpenError(
      `${where} can't be used (${reasonOf(cause)}): check that it runs and may be written to, and that REDIS_URL fits it.`,
      { cause },
    );
  });
  const deadlines = createDeadlines(answerWithinMs, momentMs);
  let isReachable = true;
  let lastReport = Number.NEGATIVE_INFINITY;
  let isRenewing = false;
  let isClosed = false;

  /** While one node of a Cluster is gone, calls succeed and fail by turns: that is said now and then, not for each of them. */
  function report(reachable: boolean, message: string): void {
    if (reachable === isReachable || isClosed) return;
    if (!reachable && performance.now() - lastReport < pauseBetweenReportsMs) return;
    lastReport = performance.now();
    isReachable = reachable;
    onEvent({ type: reachable ? 'reachable' : 'unreachable', message: `${where} ${message}` });
  }

  /**
   * A connection that is half open is never noticed by itself, and after a failover a name may mean another server: so the client is
   * replaced by one that connects anew. The old one serves until then, because other nodes of a Cluster may be well, and a while
   * longer for what is under way.
   */
  async function renew(): Promise<void> {
    if (isRenewing) return;
    isRenewing = true;
    try {
      const fresh = await open(address);
      if (isClosed) fresh.client.destroy();
      else {
        const old = client;
        ({ client, target } = fresh);
        setTimeout(() => old.destroy(), answerWithinMs).unref();
      }
    } catch {
      // The next command that isn't answered tries again.
    } finally {
      setTimeout(() => {
        isRenewing = false;
      }, pauseBetweenRenewalsMs).unref();
    }
  }

  /** A primary that was replaced may go on for a while, and what it is told is lost. */
  async function followSentinels(): Promise<void> {
    const found = await locate(address).catch(() => target);
    if (describeAddress(found) !== describeAddress(target)) await renew();
  }
  const looks =
    address.type === 'sentinel' ? setInterval(followSentinels, pauseBetweenLooksMs).unref() : undefined;

  async function attempt<T>(work: (client: RedisClient, signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      const reply = await deadlines.run((signal) => work(client, signal));
      report(true, 'answers again.');
      return reply;
    } catch (cause) {
      const mayBeElsewhere = cause instanceof LateError || isReplyOf('READONLY', cause);
      if (mayBeElsewhere && !isClosed) void renew();
      report(false, `can't be used: ${reasonOf(cause)}`);
      throw new StoreUnavailableError(`${where}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Sends what changes something. WAIT holds for what the same connection wrote before, so it is sent right behind on that one, before
   * the answer. Until it is answered, Redis takes nothing else from this connection.
   */
  async function write(client: RedisClient, key: string, command: readonly string[], signal: AbortSignal) {
    if (replicas === 0) return client.send(key, command, signal);
    const wait = ['WAIT', String(replicas), String(replicasWithinMs)];
    const [reply, reached] = await client.sendInOrder(key, [command, wait], signal);
    if (Number(reached) < replicas)
      throw new TooFewReplicasError(`${reached} of ${replicas} replicas have it`);
    return reply;
  }

  return {
    send: (key, command) => attempt((client, signal) => client.send(key, command, signal)),

    run: ({ text, sha1 }, keys, args) =>
      attempt(async (client, signal) => {
        const [key = ''] = keys;
        const rest = [String(keys.length), ...keys, ...args];
        try {
          return await write(client, key, ['EVALSHA', sha1, ...rest], signal);
        } catch (error) {
          if (!isReplyOf('NOSCRIPT', error)) throw error;
          return write(client, key, ['EVAL', text, ...rest], signal);
        }
      }),

    async *scan(pattern) {
      for (const send of await attempt((client) => client.primaries())) {
        let cursor = '0';
        do {
          const command = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', '500'];
          const [next, names] = parseScan(await attempt((_client, signal) => send(command, signal)));
          yield names;
          cursor = next;
        } while (cursor !== '0');
      }
    },

    async ping() {
      await attempt((client, signal) => write(client, pingKey, pingCommand, signal));
    },

    info: () => deadlines.run(() => client.info()).catch(() => ''),

    close() {
      isClosed = true;
      clearInterval(looks);
      client.destroy();
    },
  };
}

/** The reply to SCAN: where to go on, and the names that were found. */
function parseScan(reply: unknown): [next: string, names: string[]] {
  const [next, names] = Array.isArray(reply) ? reply : [];
  if (!Array.isArray(names)) throw new StoreUnavailableError('Redis answered SCAN with something else.');
  return [String(next), names.map(String)];
}

async function open(address: RedisAddress): Promise<{ client: RedisClient; target: ConnectAddress }> {
  const target = await locate(address);
  return { client: await connect(target), target };
}

/** What Sentinels watch is a single node, for now. */
async function locate(address: RedisAddress): Promise<ConnectAddress> {
  if (address.type !== 'sentinel') return address;
  return { ...address, type: 'single', nodes: [await findPrimary(address)] };
}

/** Connects and sees that Redis can be written to. Rejects with what the connection met. */
async function connect(target: ConnectAddress): Promise<RedisClient> {
  let lastError: unknown = null;
  const client = createRedisClient(target, (error) => {
    lastError = error;
  });
  try {
    await createDeadlines(openWithinMs, 0).run(async (signal) => {
      await client.connect();
      await client.send(pingKey, pingCommand, signal);
    });
    return client;
  } catch (error) {
    client.destroy();
    // What a client rejects with says less than what it met on the way.
    throw error instanceof ErrorReply ? error : (lastError ?? error);
  }
}

class TooFewReplicasError extends Error {
  override readonly name = 'TooFewReplicasError';
}
