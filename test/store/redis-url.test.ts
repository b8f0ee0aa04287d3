import { describe, expect, test } from 'vitest';
import { StoreOpenError } from '../../src/store/open-error.ts';
import { describeAddress, parseRedisUrl } from '../../src/store/redis-url.ts';

describe('an address of Redis', () => {
  test.each([
    [
      'redis://localhost',
      { type: 'single', tls: false, database: 0, nodes: [{ host: 'localhost', port: 6379 }] },
    ],
    [
      'redis://user:p%40ss%3A%2F@redis.example:7000/12',
      {
        type: 'single',
        tls: false,
        database: 12,
        nodes: [{ host: 'redis.example', port: 7000 }],
        username: 'user',
        password: 'p@ss:/',
      },
    ],
    [
      'rediss://:secret@[::1]:6380/',
      { type: 'single', tls: true, database: 0, nodes: [{ host: '::1', port: 6380 }], password: 'secret' },
    ],
    [
      'redis+sentinel://u:p@a:1,b,c:3/primary/2',
      {
        type: 'sentinel',
        tls: false,
        database: 2,
        masterName: 'primary',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26_379 },
          { host: 'c', port: 3 },
        ],
        username: 'u',
        password: 'p',
      },
    ],
    [
      'rediss+sentinel://a/a%20name',
      {
        type: 'sentinel',
        tls: true,
        database: 0,
        masterName: 'a name',
        nodes: [{ host: 'a', port: 26_379 }],
      },
    ],
    [
      'redis+cluster://:p@a:1,b:2',
      {
        type: 'cluster',
        tls: false,
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        password: 'p',
      },
    ],
    ['rediss+cluster://a/', { type: 'cluster', tls: true, nodes: [{ host: 'a', port: 6379 }] }],
  ])('%s is understood', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  test.each([
    ['', /must look like/],
    ['localhost:6379', /must look like/],
    ['http://:secret@localhost', /must look like/],
    ['redis+ring://:secret@localhost', /must look like/],
    ['redis://:secret@', /must look like/],
    ['redis://:secret@localhost?db=1', /must look like/],
    ['redis://:se/cret@localhost', /must look like/],
    ['redis://:se@cret@localhost', /must look like/],
    ['redis://secret@localhost', /user:password/],
    ['redis://:secret%zz@localhost', /% in it/],
    ['redis://:secret@a,b', /redis\+sentinel:\/\/ or redis\+cluster:\/\//],
    ['redis://:secret@local host', /no host:port/],
    ['redis://:secret@a:b', /no host:port/],
    ['redis://:secret@a:0', /between 1 and 65535/],
    ['redis://:secret@a:65536', /between 1 and 65535/],
    ['redis://:secret@a/primary', /must be a number/],
    ['redis+cluster://:secret@a,/', /no host:port/],
    ['redis+cluster://:secret@a/1', /no databases/],
    ['redis+sentinel://:secret@a', /\/master/],
    ['redis+sentinel://:secret@a/primary/x', /must be a number/],
    ['redis+sentinel://:secret@a/primary/1/2', /\/master/],
  ])('%s is refused with a reason, and without its password', (url, reason) => {
    expect(() => parseRedisUrl(url)).toThrow(StoreOpenError);
    expect(() => parseRedisUrl(url)).toThrow(reason);
    expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL [^\n]*\.$/);
    expect(() => parseRedisUrl(url)).not.toThrow(/se.?cret/);
  });

  test('is told without user and password', () => {
    const address = parseRedisUrl('redis+cluster://user:secret@a:1,[::1]:2');
    expect(describeAddress(address)).toBe('a:1, [::1]:2');
  });
});
