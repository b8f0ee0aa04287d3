/** What holds when the store fails. */
import type { Defence } from './defence.ts';

const replicaTest = (name: string) => ({ file: 'test/contract/redis-replicas.redis.test.ts', name });
const failoverTest = (name: string) => ({ file: 'test/faults/failovers.redis.test.ts', name });
const faultTest = (name: string) => ({ file: 'test/faults/store-faults.redis.test.ts', name });

export const defences: readonly Defence[] = [
  {
    name: 'a script that Redis forgot is sent again as a whole',
    file: 'src/store/redis-link.ts',
    find: "if (!isReplyOf('NOSCRIPT', error)) throw error;",
    replace: 'throw error;',
    test: {
      file: 'test/contract/redis.redis.test.ts',
      name: 'by forgetting its scripts, nothing is noticed',
    },
  },
  {
    name: 'slow store: what is not answered in time is apologised for',
    file: 'src/voice/router.ts',
    find: 'const answerWithinMs = 4500;',
    replace: 'const answerWithinMs = 60_000;',
    test: faultTest('slow: each answer after 1.2 s'),
  },
  {
    name: 'cut store: the connection is made again',
    file: 'src/store/redis-client.ts',
    find: 'hasConnected && Math.min(50 * 2 ** attempts, longestWaitToReconnectMs);',
    replace: 'hasConnected && attempts < 0 && longestWaitToReconnectMs;',
    test: faultTest('cut: connections dropped, new ones too'),
  },
  {
    name: 'half-open store: a connection that is silent is replaced',
    file: 'src/store/redis-link.ts',
    find: 'if (mayBeElsewhere && !isClosed) void renew();',
    replace: '',
    test: faultTest('half-open: taken and never answered'),
  },
  {
    name: 'answers broken off: whatever fails behind the door is apologised for',
    file: 'src/voice/router.ts',
    find: '      door.log.failed(error);\n      return apology;',
    replace: '      door.log.failed(error);\n      throw error;',
    test: faultTest('reset in the middle of an answer'),
  },
  {
    name: 'read-only store: what Redis refuses is not taken for done',
    file: 'src/store/redis-link.ts',
    find: 'if (mayBeElsewhere && !isClosed) void renew();',
    replace: "if (isReplyOf('READONLY', cause)) return 1;",
    test: faultTest('a read-only replica'),
  },
  {
    name: 'store out of memory: what Redis refuses is not taken for done',
    file: 'src/store/redis-link.ts',
    find: 'if (mayBeElsewhere && !isClosed) void renew();',
    replace: "if (isReplyOf('OOM', cause)) return 1;",
    test: faultTest('out of memory'),
  },
  {
    name: 'scripts forgotten under load: they are sent again',
    file: 'src/store/redis-link.ts',
    find: "if (!isReplyOf('NOSCRIPT', error)) throw error;",
    // The first time it is sent, or the service wouldn't start.
    replace:
      "if (!isReplyOf('NOSCRIPT', error) || Reflect.has(globalThis, sha1)) throw error;\n        Reflect.set(globalThis, sha1, true);",
    test: faultTest('its scripts forgotten'),
  },
  {
    name: 'failover: what too few replicas have is not answered as done',
    file: 'src/store/redis-link.ts',
    find: 'if (Number(reached) < replicas)',
    replace: 'if (Number(reached) < 0)',
    test: replicaTest('while it has nothing, each change counts as unknown'),
  },
  {
    name: 'failover of a Sentinel: its primary is looked for again',
    file: 'src/store/redis-link.ts',
    find: 'if (describeAddress(found) !== describeAddress(target)) await renew();',
    replace: '',
    test: {
      file: 'test/contract/redis-sentinel.redis.test.ts',
      name: 'after a failover it goes on with the new primary',
    },
  },
  {
    name: 'failover of a Sentinel: a primary that is one no more is left',
    file: 'src/store/redis-link.ts',
    find: 'if (isRenewing) return;',
    replace: 'return;',
    test: failoverTest('SENTINEL FAILOVER'),
  },
  {
    name: 'failover of a Cluster: what was not answered is not taken for done',
    file: 'src/store/redis-link.ts',
    find: 'if (mayBeElsewhere && !isClosed) void renew();',
    replace: 'if (!isClosed) return 1;',
    test: failoverTest('a node of a Cluster killed'),
  },
  {
    name: 'CLUSTER FAILOVER: what has moved to another node is looked for there',
    file: 'src/store/redis-client.ts',
    find: 'topologyRefreshOnReconnectionAttemptStrategy: 500,',
    replace: 'topologyRefreshOnReconnectionAttemptStrategy: 500,\n      maxCommandRedirections: 0,',
    test: failoverTest('CLUSTER FAILOVER'),
  },
  {
    name: 'failover of a Sentinel by its death: what was not answered is not taken for done',
    file: 'src/store/redis-link.ts',
    find: 'if (mayBeElsewhere && !isClosed) void renew();',
    replace: 'if (!isClosed) return 1;',
    test: failoverTest('the primary of a Sentinel killed'),
  },
  {
    name: 'failover of a Cluster: the replicas of the node that was written to are waited for, and no others',
    file: 'src/store/redis-client.ts',
    find: 'return await sendToHolder(key, commands, abortSignal);',
    replace:
      'return await Promise.all(\n            commands.map((command) => client.sendCommand(key, false, [...command], { abortSignal })),\n          );',
    test: {
      file: 'test/contract/redis-replicas.redis.test.ts',
      name: 'on a Cluster, a node whose replica has nothing holds up its own changes alone',
    },
  },
];
