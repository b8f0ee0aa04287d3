/** What one call costs, in hashes, CPU, commands and bytes: what docs/scaling.md computes with. */
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { leastHashCost } from '../../src/security/hasher.ts';
import { openRedisStore } from '../../src/store/redis.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import { connectionsTo, keyIn, reportEnd, startCall } from '../frame/caller.ts';
import { closedLoop } from '../frame/closed-loop.ts';
import { type Connection, createConnection } from '../frame/connection.ts';
import { type CeilingAnswer, startHashCeiling } from '../frame/hash-ceiling.ts';
import { cpuSeconds, ownCpuSeconds } from '../frame/process-figures.ts';
import { hashToVerify, type Ringkey, startRingkey } from '../frame/ringkey.ts';
import { inShort, inWords, median, type Spread, spreadOf } from '../frame/statistics.ts';
import type { Cell, Context, Section, Suite } from '../frame/suite.ts';
import { extensionOf, pin } from '../frame/users.ts';
import type { CallCosts } from '../scaling/model.ts';
import { type SeenCommand, watchCommands } from '../scaling/redis-keys.ts';

const users = 1000;
const inFlight = 8;
const watchedCalls = 10;

/** As many as there are cores, but no more than libuv's pool has threads, on which argon2 runs: Node's default is 4. */
const hashesAtOnce = Math.min(availableParallelism(), Number(process.env.UV_THREADPOOL_SIZE ?? 4));

/** The least, and what more memory or more passes cost. Memory in KiB. */
const hashCosts = [
  leastHashCost,
  { memoryKib: 19_456, passes: 3, lanes: 1 },
  { memoryKib: 32_768, passes: 2, lanes: 1 },
  { memoryKib: 47_104, passes: 2, lanes: 1 },
  { memoryKib: 65_536, passes: 2, lanes: 1 },
  { memoryKib: 65_536, passes: 3, lanes: 1 },
  { memoryKib: 131_072, passes: 3, lanes: 1 },
];

export const costs: Suite = {
  name: 'costs',
  title: 'What a call costs',
  document: 'scaling',
  async run(context) {
    const { options, progress } = context;
    progress('hashes');
    const { hashes, raw } = await measureHashes(options.rounds, options.roundMs / 4);
    const ringkey = await startRingkey({ engine: 'redis', users, profileFolder: options.profileFolder });
    try {
      const { redis } = ringkey;
      if (redis === null) throw new Error('It was to run on Redis.');
      const call = await measureCalls(ringkey, redis, context);
      progress('what one call touches');
      const connection = createConnection(ringkey.port);
      const seen = await watchCommands(redis.port, async () => {
        for (let n = 0; n < watchedCalls; n += 1) await wholeCall(connection, n);
      });
      connection.close();
      progress('one counter that all share');
      const shared = await measureShared(redis, options.roundMs);
      const least = hashes[0]?.cpuSeconds ?? spreadOf([]);
      const hashSeconds = least.median;
      const count = (fits: (command: SeenCommand) => boolean) => seen.filter(fits).length / watchedCalls;
      const figures: CallCosts = {
        hashSeconds,
        serviceSeconds: Math.max(call.serviceSeconds - hashSeconds, call.mainThreadSeconds),
        mainThreadSeconds: call.mainThreadSeconds,
        redisSeconds: call.redisSeconds,
        redisCommands: count(() => true),
        bytesToRedis: call.bytesToRedis,
        bytesFromRedis: call.bytesFromRedis,
        appendedBytes: call.appendedBytes,
        keptBytes: call.keptBytes,
        sharedCommands: count(({ kind }) => kind.shared),
      };
      const range = {
        hashSecondsLeast: Math.min(least.least, raw.cpuSeconds.least),
        hashSecondsMost: Math.max(least.most, raw.cpuSeconds.most),
      };
      return [hashSection(hashes, raw, range), callSection(figures), keySection(seen), sharedSection(shared)];
    } finally {
      await ringkey.remove();
    }
  },
};

interface HashFigures {
  readonly cost: typeof leastHashCost;
  /** One at a time. */
  readonly ms: number;
  /** Of each, `hashesAtOnce` at a time. */
  readonly cpuSeconds: Spread;
  readonly perSecond: number;
  /** Pages that the system had to give for one. */
  readonly pageFaults: number;
}

/** Raw verifications with the least parameters, as other suites measure their ceiling, in turns with the hashes here. */
interface RawFigures {
  readonly cpuSeconds: Spread;
  readonly perSecond: Spread;
}

/** Rounds of all parameters, and of the ceiling, in turns. */
async function measureHashes(
  rounds: number,
  roundMs: number,
): Promise<{ readonly hashes: readonly HashFigures[]; readonly raw: RawFigures }> {
  const found = hashCosts.map(() => ({
    alone: [] as number[],
    cpu: [] as number[],
    together: [] as number[],
    faults: [] as number[],
  }));
  const raw: CeilingAnswer[] = [];
  const ceiling = startHashCeiling({ ...(await hashToVerify()), pin });
  try {
    for (let round = 0; round < rounds; round += 1) {
      raw.push(await ceiling.round({ inFlight: hashesAtOnce, warmUpMs: 300, roundMs }));
      for (const [index, cost] of hashCosts.entries()) {
        const alone = await hashFor(cost, 1, roundMs);
        const together = await hashFor(cost, hashesAtOnce, roundMs);
        found[index]?.alone.push(1000 / alone.perSecond);
        found[index]?.cpu.push(together.cpuEach);
        found[index]?.together.push(together.perSecond);
        found[index]?.faults.push(together.faultsEach);
      }
    }
  } finally {
    ceiling.end();
  }
  const hashes = hashCosts.map((cost, index) => ({
    cost,
    ms: median(found[index]?.alone ?? []),
    cpuSeconds: spreadOf(found[index]?.cpu ?? []),
    perSecond: median(found[index]?.together ?? []),
    pageFaults: median(found[index]?.faults ?? []),
  }));
  return {
    hashes,
    raw: {
      cpuSeconds: spreadOf(raw.map(({ cpuEach }) => cpuEach)),
      perSecond: spreadOf(raw.map(({ perSecond }) => perSecond)),
    },
  };
}

async function hashFor(cost: typeof leastHashCost, atOnce: number, roundMs: number) {
  const settings = {
    type: argon2.argon2id,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.lanes,
    secret: Buffer.alloc(32, 7),
  } as const;
  const { seconds, outcomes, spent } = await closedLoop({
    inFlight: atOnce,
    warmUpMs: 100,
    roundMs,
    meters: () => ({ cpu: ownCpuSeconds(), faults: process.resourceUsage().minorPageFault }),
    once: () => argon2.hash(pin, settings),
  });
  const each = (meter: string) => (spent[meter] ?? Number.NaN) / outcomes.length;
  return { perSecond: outcomes.length / seconds, cpuEach: each('cpu'), faultsEach: each('faults') };
}

/** From the first webhook to the report that the call has ended. */
async function wholeCall(connection: Connection, user: number): Promise<true> {
  const incoming = await startCall(connection, user);
  const found = incoming.open && (await keyIn(connection, incoming.open, extensionOf(user)));
  const tried = found?.open && (await keyIn(connection, found.open, pin));
  if (found?.open === null || found === null || tried?.told !== 'in') {
    throw new Error(`A caller was told: ${tried?.told ?? found?.told ?? incoming.told}`);
  }
  if (found?.open) await reportEnd(connection, found.open);
  return true;
}

interface CallFigures {
  readonly serviceSeconds: number;
  readonly mainThreadSeconds: number;
  readonly redisSeconds: number;
  readonly bytesToRedis: number;
  readonly bytesFromRedis: number;
  readonly appendedBytes: number;
  readonly keptBytes: number;
}

async function measureCalls(ringkey: Ringkey, redis: RedisServer, { options, progress }: Context) {
  const connections = connectionsTo(ringkey.port);
  let begun = 0;
  const round = async (roundMs: number): Promise<CallFigures> => {
    const before: Readonly<Record<string, number>> = {
      ...(await countersOf(redis)),
      ...ringkey.meters(),
      begun,
    };
    // A loop lets what is in flight run out, so all calls that were begun are over.
    await closedLoop({
      inFlight,
      warmUpMs: 0,
      roundMs,
      once(slot) {
        begun += 1;
        return wholeCall(connections.of(slot), begun % users);
      },
    });
    const after: Readonly<Record<string, number>> = {
      ...(await countersOf(redis)),
      ...ringkey.meters(),
      begun,
    };
    const each = (name: string) =>
      (Number(after[name]) - Number(before[name])) / (begun - Number(before.begun));
    return {
      serviceSeconds: each('service'),
      mainThreadSeconds: each('main thread'),
      redisSeconds: each('redis'),
      bytesToRedis: each('total_net_input_bytes'),
      bytesFromRedis: each('total_net_output_bytes'),
      appendedBytes: each('aof_current_size'),
      keptBytes: each('used_memory'),
    };
  };
  progress('calls: warming up');
  await round(3000);
  progress('calls');
  const rounds: CallFigures[] = [];
  for (let n = 0; n < options.rounds; n += 1) rounds.push(await round(options.roundMs));
  connections.close();
  const middle = (name: keyof CallFigures) => median(rounds.map((figures) => figures[name]));
  return {
    serviceSeconds: middle('serviceSeconds'),
    mainThreadSeconds: middle('mainThreadSeconds'),
    redisSeconds: middle('redisSeconds'),
    bytesToRedis: middle('bytesToRedis'),
    bytesFromRedis: middle('bytesFromRedis'),
    appendedBytes: middle('appendedBytes'),
    keptBytes: middle('keptBytes'),
  };
}

const counterNames = [
  'total_net_input_bytes',
  'total_net_output_bytes',
  'aof_current_size',
  'used_memory',
] as const;

async function countersOf(redis: RedisServer): Promise<Record<(typeof counterNames)[number], number>> {
  const info = String(await redis.command('INFO', 'everything'));
  const entries = counterNames.map((name) => [
    name,
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]),
  ]);
  return Object.fromEntries(entries);
}

interface SharedFigures {
  readonly readSeconds: number;
  readonly writeSeconds: number;
  readonly writesPerSecond: number;
}

/** Adds to one pair of counters, as each try does, and reads one document, as fast as this process can. */
async function measureShared(redis: RedisServer, roundMs: number): Promise<SharedFigures> {
  const store = await openRedisStore({ url: redis.url, clock: Date.now });
  const counter = (name: string) => ({ name, windowMs: 3_600_000, group: 'bench' });
  const additions = [
    { counter: counter('caller'), by: 1, limit: 1e9 },
    { counter: counter('service'), by: 1 },
  ];
  const key = { partition: 'bench', name: 'policies' };
  await store.commit([{ type: 'put', key, expected: null, value: { schemaVersion: 1, policies: {} } }]);
  const measure = async (once: () => Promise<unknown>) => {
    const { seconds, outcomes, spent } = await closedLoop({
      inFlight: 64,
      warmUpMs: 500,
      roundMs,
      meters: () => ({ redis: cpuSeconds(redis.pid) }),
      once: async () => (await once()) ?? 'nothing',
    });
    return { perSecond: outcomes.length / seconds, cpuEach: (spent.redis ?? Number.NaN) / outcomes.length };
  };
  const writes = await measure(() => store.addToCounters(additions));
  const reads = await measure(() => store.get(key));
  await store.close();
  return { readSeconds: reads.cpuEach, writeSeconds: writes.cpuEach, writesPerSecond: writes.perSecond };
}

function hashSection(
  hashes: readonly HashFigures[],
  raw: RawFigures,
  figures: Readonly<Record<string, number>>,
): Section {
  const rawMs = spreadOf(
    [raw.cpuSeconds.least, raw.cpuSeconds.median, raw.cpuSeconds.most].map((s) => s * 1000),
  );
  return {
    title: 'Hashes by their parameters',
    text: `In turns with them, in a process of its own, as other suites measure their ceiling, raw verifications with the first line's parameters came to ${inWords(raw.perSecond)} a second, at ${inWords(rawMs)} ms of CPU each.`,
    figures,
    columns: [
      '`HASH_MEMORY_KIB`',
      '`HASH_PASSES`',
      'one takes, ms',
      'CPU ms',
      'page faults',
      `a second, ${hashesAtOnce} at a time`,
      'cores busy with hashes at a million calls an hour',
    ],
    rows: hashes.map(({ cost, ms, cpuSeconds: { median: each }, perSecond, pageFaults }) => [
      String(cost.memoryKib),
      String(cost.passes),
      ms,
      each * 1000,
      Math.round(pageFaults),
      perSecond,
      (each * 1_000_000) / 3600,
    ]),
    goals: [],
  };
}

function callSection(figures: CallCosts): Section {
  const ms = (seconds: number) => seconds * 1000;
  const rows: Cell[][] = [
    ['CPU ms: the hash', ms(figures.hashSeconds)],
    ['CPU ms: the service besides', ms(figures.serviceSeconds)],
    ['of it on the main thread', ms(figures.mainThreadSeconds)],
    ['CPU ms: Redis', ms(figures.redisSeconds)],
    ['commands to Redis', figures.redisCommands],
    ['bytes to Redis', figures.bytesToRedis],
    ['bytes from Redis', figures.bytesFromRedis],
    ['bytes that the append-only file grows by', figures.appendedBytes],
    ['bytes that Redis holds until the call is forgotten', figures.keptBytes],
  ];
  return {
    title: 'One call on Redis: four webhooks, a sign-in, its end',
    text: `${inFlight} in flight, ${inShort(users)} accounts.`,
    columns: ['', 'for each call'],
    rows,
    goals: [],
    figures: { ...figures },
  };
}

function keySection(seen: readonly SeenCommand[]): Section {
  const names = [...new Set(seen.map(({ kind }) => kind.name))];
  const of = (name: string) => seen.filter(({ kind }) => kind.name === name);
  return {
    title: 'What a call touches',
    columns: ['', 'reads', 'writes', 'shared with all calls'],
    rows: names.map((name) => {
      const [all, writes] = [of(name), of(name).filter((command) => command.writes)];
      return [
        name,
        (all.length - writes.length) / watchedCalls,
        writes.length / watchedCalls,
        all[0]?.kind.shared ? 'yes' : 'no',
      ];
    }),
    goals: [],
  };
}

function sharedSection({ readSeconds, writeSeconds, writesPerSecond }: SharedFigures): Section {
  return {
    title: 'What all calls share',
    text: 'One document and one pair of counters, 64 commands in flight from one process, so that Redis gets them in batches, as a busy one does. It runs commands on one thread.',
    columns: ['', 'CPU µs of Redis', 'the most a second, by that', 'a second, from one process'],
    rows: [
      ['a read', readSeconds * 1e6, 1 / readSeconds, ''],
      ['a charge of two counters', writeSeconds * 1e6, 1 / writeSeconds, inShort(writesPerSecond)],
    ],
    goals: [],
  };
}
