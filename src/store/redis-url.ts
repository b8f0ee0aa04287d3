/**
 * Reads the address of a Redis: one node, a set of Sentinels, or a Cluster. No message ever repeats the user or the password.
 */
import { StoreOpenError } from './open-error.ts';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
}

export type RedisAddress =
  | (Access & { readonly type: 'single'; readonly database: number })
  /** The nodes are the Sentinels; user and password are those of the Redis that they watch. */
  | (Access & { readonly type: 'sentinel'; readonly database: number; readonly masterName: string })
  | (Access & { readonly type: 'cluster' });

const defaultPorts = { single: 6379, sentinel: 26_379, cluster: 6379 };

const form = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^@?#]*))?$/;

/**
 * @param url `redis://[user:password@]host[:port][/database]`, `redis+sentinel://[…@]host[:port],host[:port]/master[/database]` or
 * `redis+cluster://[…@]host[:port],host[:port]`; with `rediss` instead of `redis`: over TLS. User and password are percent-encoded.
 * @throws StoreOpenError naming the part that is wrong.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const [matched, scheme, kind, userInfo, hosts = '', path = ''] = form.exec(url) ?? [];
  if (matched === undefined) {
    throw wrong(
      'it must look like redis://[user:password@]host:port[/database], redis+sentinel://host:port,host:port/master ' +
        'or redis+cluster://host:port,host:port, with user and password percent-encoded',
    );
  }
  const type = kind === 'sentinel' || kind === 'cluster' ? kind : 'single';
  const [first, ...others] = hosts.split(',').map((host) => parseNode(host, defaultPorts[type]));
  if (first === undefined) throw wrong('it names no host');
  const access = { nodes: [first, ...others], tls: scheme === 'rediss', ...parseUserInfo(userInfo) } as const;
  if (type === 'cluster') {
    if (path !== '') throw wrong('a Cluster has no databases, so nothing may follow its hosts');
    return { type, ...access };
  }
  if (type === 'single') {
    if (others.length > 0) {
      throw wrong(
        'several hosts need redis+sentinel:// or redis+cluster://, so that it is clear what they are',
      );
    }
    return { type, ...access, database: parseDatabase(path) };
  }
  const [masterName = '', database = '', ...rest] = path.split('/');
  if (masterName === '' || rest.length > 0) {
    throw wrong(
      'after the Sentinels comes /master, the name by which they know the Redis, and then perhaps /database',
    );
  }
  return { type, ...access, masterName: decode(masterName), database: parseDatabase(database) };
}

/** For messages: where it is, without user and password. */
export function describeAddress({ nodes }: RedisAddress): string {
  return nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ');
}

function parseNode(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, portText] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw wrong(`"${text}" is no host:port`);
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65_535) throw wrong(`port ${port} is not between 1 and 65535`);
  return { host, port };
}

function parseUserInfo(text: string | undefined): Pick<Access, 'username' | 'password'> {
  if (text === undefined || text === '') return {};
  const colon = text.indexOf(':');
  if (colon === -1) throw wrong('before the @ comes user:password, or :password without a user');
  const username = decode(text.slice(0, colon));
  const password = decode(text.slice(colon + 1));
  return username === '' ? { password } : { username, password };
}

function parseDatabase(text: string): number {
  if (!/^\d{0,5}$/.test(text)) throw wrong('the database must be a number');
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('a % in it is not followed by two hexadecimal digits');
  }
}

function wrong(reason: string): StoreOpenError {
  return new StoreOpenError(`REDIS_URL can't be used: ${reason}.`);
}
