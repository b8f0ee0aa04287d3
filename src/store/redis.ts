/**
 * The Redis engine: for several processes and machines, over one node, a Sentinel's primary, or a Cluster.
 *
 * A script swaps documents, and Redis runs one script at a time, so that what it checks still holds when it writes. How durable an
 * answered commit is, is the server's to say: with `appendonly yes` it survives the server's end, with `appendfsync always` also
 * that of its machine. A replica that takes over has what it was waited for (`replicas`), and of the rest what it happened to have.
 */
import { randomUUID } from 'node:crypto';
import { checkGroup, type DocumentChange, sortChanges } from './changes.ts';
import { openRedisLink, type RedisEvent, readScript } from './redis-link.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { Addition, CounterKey, Key, Store } from './store.ts';

const commitScript = readScript(new URL('commit.lua', import.meta.url));
const addScript = readScript(new URL('add-to-counters.lua', import.meta.url));

/**
 * What has expired is judged by our clock; Redis only clears it away, this much later, so that a clock that is a little behind ours
 * still finds what is there by its own time.
 */
const keptAfterExpiryMs = 60_000;
const longestKeptMs = Number.MAX_SAFE_INTEGER - keptAfterExpiryMs;

/**
 * Opens the store in a Redis.
 * @param options.url as in `parseRedisUrl`.
 * @param options.replicas so many must have a change before it is answered; else it counts as unknown whether it was made.
 * @param options.clock Unix ms. All processes on one Redis should go by the same time.
 * @param options.onEvent hears of settings that put data at risk, and when Redis fails and returns.
 * @throws StoreOpenError within about three seconds when it can't be reached or written to.
 */
export async function openRedisStore({
  url,
  replicas = 0,
  clock,
  onEvent = () => {},
}: {
  readonly url: string;
  readonly replicas?: number;
  readonly clock: () => number;
  readonly onEvent?: (event: RedisEvent) => void;
}): Promise<Store> {
  const link = await openRedisLink(parseRedisUrl(url), replicas, onEvent);
  for (const message of warningsIn(await link.info())) onEvent({ type: 'warning', message });

  async function add(additions: readonly Addition[]): Promise<number[]> {
    const now = clock();
    const args = additions.flatMap(({ counter: { windowMs }, by, limit }) => [
      String(by),
      limit === undefined ? '' : String(limit),
      String(now + windowMs),
      String(keptMs(windowMs)),
    ]);
    const keys = additions.map(({ counter }) => counterKeyOf(counter));
    const sums = await link.run(addScript, keys, [String(now), ...args]);
    return Array.isArray(sums) ? sums.map(Number) : [];
  }

  return {
    async get(key) {
      const name = keyOf(key);
      const fields = await link.send(name, ['HMGET', name, 'version', 'expiresAt', 'value']);
      const [version, expiresAt, value] = texts(fields);
      if (version === undefined || value === undefined || isOver(expiresAt, clock())) return null;
      return { version, value: JSON.parse(value) };
    },

    async commit(changes) {
      const { ofDocuments, ofIndexes } = sortChanges(changes);
      if (changes.length === 0) return 'committed';
      const now = clock();
      const keys = [
        ...ofDocuments.map(({ key }) => keyOf(key)),
        ...ofIndexes.map(({ index }) => indexKeyOf(index)),
      ];
      const args = [
        ...ofDocuments.flatMap((change) => argumentsOf(change, now)),
        ...ofIndexes.flatMap(({ type, member }) => [type === 'add-member' ? 'add' : 'remove', member]),
      ];
      const answer = await link.run(commitScript, keys, [String(now), String(ofDocuments.length), ...args]);
      return answer === 1 ? 'committed' : 'conflict';
    },

    async range(index, { after, limit }) {
      const name = indexKeyOf(index);
      const from = after === undefined ? '-' : `(${after}`;
      const command = ['ZRANGEBYLEX', name, from, '+', 'LIMIT', '0', String(limit)];
      return texts(await link.send(name, command)).filter((member) => member !== undefined);
    },

    async *keys(nameBegins) {
      for await (const names of link.scan(`ringkey:{*}:${escapeGlob(nameBegins)}*`)) {
        yield names.map(parseKey).filter((key) => key !== null);
      }
    },

    async addToCounter(counter, by) {
      const [sum = 0] = await add([{ counter, by }]);
      return sum;
    },

    async addToCounters(additions) {
      checkGroup(additions);
      return add(additions);
    },

    async readCounter(counter) {
      const name = counterKeyOf(counter);
      const [count, expiresAt] = texts(await link.send(name, ['HMGET', name, 'count', 'expiresAt']));
      return count === undefined || isOver(expiresAt, clock()) ? 0 : Number(count);
    },

    ping: () => link.ping(),

    async close() {
      link.close();
    },
  };
}

/** The partition is the hash tag, so that its documents share a slot. */
function keyOf({ partition, name }: Key): string {
  return `ringkey:{${partition}}:${name}`;
}

function parseKey(text: string): Key | null {
  const [, partition, name] = /^ringkey:\{([^}]*)\}:(.*)$/.exec(text) ?? [];
  return partition === undefined || name === undefined ? null : { partition, name };
}

/** Text as a pattern of Redis that stands for nothing else. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

/** No document's key, since those have no further brace. */
function indexKeyOf({ partition, name }: Key): string {
  return `ringkey:{${partition}}{index}:${name}`;
}

/** No document's key, since those go on with a brace. */
function counterKeyOf({ name, group }: CounterKey): string {
  return group === undefined ? `ringkey:counter:${name}` : `ringkey:counter:{${group}}:${name}`;
}

/** The five arguments that `commit.lua` takes for a change. */
function argumentsOf(change: DocumentChange, now: number): string[] {
  if (change.type === 'delete') return [change.expected, '', '', '', ''];
  const { expected, value, expiresAt, version = randomUUID() } = change;
  const expiry = expiresAt === undefined ? ['', ''] : [String(expiresAt), String(keptMs(expiresAt - now))];
  return [expected ?? '', version, JSON.stringify(value), ...expiry];
}

/**
 * How long Redis keeps what expires after so many ms. A whole number and no endless one, because a script that fails over it has
 * made half of its changes by then.
 */
function keptMs(remainingMs: number): number {
  return Math.ceil(Math.min(Math.max(0, remainingMs), longestKeptMs)) + keptAfterExpiryMs;
}

/** The fields of an HMGET, undefined where there was none. */
function texts(reply: unknown): (string | undefined)[] {
  return Array.isArray(reply) ? reply.map((field) => (typeof field === 'string' ? field : undefined)) : [];
}

function isOver(expiresAt: string | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt !== '' && Number(expiresAt) <= now;
}

/** @param info the server's answer to INFO; empty where it keeps that to itself. */
function warningsIn(info: string): string[] {
  const settingOf = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const warnings: string[] = [];
  const policy = settingOf('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push(
      `Redis may throw away accounts and locks when its memory is full: set maxmemory-policy to noeviction (it is ${policy}).`,
    );
  }
  if (settingOf('aof_enabled') === '0') {
    warnings.push(
      'Redis loses answered changes when it ends, locks and PINs among them: set appendonly to yes.',
    );
  }
  return warnings;
}
