/**
 * How many answered charges are gone when Redis is killed while PINs are tried, and comes back from its disk or as its replica. Each of
 * them is a guess given back.
 */
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openRedisStore } from '../../src/store/redis.ts';
import { type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { runs, seededRandom } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { startLaggingPipe } from './lagging-pipe.ts';

interface Setup {
  readonly name: string;
  readonly settings: readonly string[];
  readonly comesBack: 'from its disk' | 'as its replica';
  readonly replicas: number;
  /** Whether an answered charge may be lost. */
  readonly mayLose: boolean;
}

const disk = { comesBack: 'from its disk', replicas: 0 } as const;
const failover = { comesBack: 'as its replica', mayLose: true, settings: [] } as const;

const setups: readonly Setup[] = [
  { ...disk, name: 'appendfsync always', settings: ['--appendfsync', 'always'], mayLose: false },
  { ...disk, name: 'appendfsync everysec', settings: ['--appendfsync', 'everysec'], mayLose: true },
  // Redis writes before it replies, and what it wrote outlives the process: only a machine that loses power loses it.
  { ...disk, name: 'appendfsync no', settings: ['--appendfsync', 'no'], mayLose: false },
  { ...disk, name: 'snapshots alone', settings: ['--appendonly', 'no', '--save', '1 1'], mayLose: true },
  { ...disk, name: 'no persistence', settings: ['--appendonly', 'no'], mayLose: true },
  { ...failover, name: 'a replica', replicas: 0 },
  {
    ...failover,
    name: 'a replica, min-replicas-to-write 1',
    settings: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'],
    replicas: 0,
  },
  { ...failover, name: 'a replica, REDIS_REPLICAS=1', replicas: 1, mayLose: false },
];

/** Accounts that are charged at the same time. */
const accounts = Array.from({ length: 8 }, (_, number) => ({ partition: `p${number}`, name: 'account' }));
const lagMs = 20;

test.each(setups)('$name', async (setup) => {
  const random = seededRandom(setup.name);
  const lost: number[] = [];
  let answered = 0;
  for (let run = 0; run < runs(6); run += 1) {
    const { primary, successor } = await start(setup);
    const charged = await chargeUntilKilled(primary, setup.replicas, 300 + random.below(1500));
    const found = await countAt(await successor());
    const total = charged.reduce((sum, count) => sum + count, 0);
    answered += total;
    lost.push(charged.reduce((sum, count, index) => sum + Math.max(0, count - (found[index] ?? 0)), 0));
  }
  const most = Math.max(...lost);
  const all = lost.reduce((sum, count) => sum + count, 0);
  reportRow(`Charges lost when Redis is killed (kill -9) under guessing, replica ${lagMs} ms away`, {
    setting: setup.name,
    'comes back': setup.comesBack,
    kills: lost.length,
    'charges answered': answered,
    'of them lost': all,
    'most in one kill': most,
  });
  expect(answered).toBeGreaterThan(0);
  if (!setup.mayLose) expect(all).toBe(0);
});

/** The one that is killed, and what makes it, or its replica, come back. */
async function start({ settings, comesBack }: Setup): Promise<{
  readonly primary: RedisServer;
  readonly successor: () => Promise<RedisServer>;
}> {
  const primary = await startRedis({ settings });
  onTestFinished(() => primary.remove());
  if (comesBack === 'from its disk') {
    return {
      primary,
      successor: async () => {
        await primary.restart();
        return primary;
      },
    };
  }
  const port = await startLaggingPipe(primary.port, lagMs);
  const replica = await startRedis({ settings: ['--replicaof', '127.0.0.1', String(port)] });
  onTestFinished(() => replica.remove());
  // Until then the primary may count too few.
  await waitUntil('the replica follows', async () =>
    String(await primary.command('INFO', 'replication')).includes('state=online'),
  );
  return {
    primary,
    successor: async () => {
      await replica.command('REPLICAOF', 'NO', 'ONE');
      return replica;
    },
  };
}

/** Charges all accounts as fast as it goes. Returns the last charge of each that was answered. */
async function chargeUntilKilled(primary: RedisServer, replicas: number, ms: number): Promise<number[]> {
  const store = await openRedisStore({ url: primary.url, replicas, clock: Date.now });
  const charged = accounts.map(() => 0);
  const charging = accounts.map(async (key, index) => {
    for (let count = 1; ; count += 1) {
      const answered = await charge(store, key, count).catch(unlessUnavailable);
      if (!answered) return;
      charged[index] = count;
    }
  });
  await setTimeout(ms);
  await primary.kill9();
  await Promise.all(charging);
  await store.close();
  return charged;
}

async function charge(store: Store, key: (typeof accounts)[number], count: number): Promise<boolean> {
  const found = await store.get(key);
  return (
    (await store.commit([{ type: 'put', key, expected: found?.version ?? null, value: count }])) ===
    'committed'
  );
}

function unlessUnavailable(error: unknown): false {
  if (!(error instanceof StoreUnavailableError)) throw error;
  return false;
}

async function countAt(server: RedisServer): Promise<number[]> {
  const store = await openRedisStore({ url: server.url, clock: Date.now });
  try {
    return await Promise.all(accounts.map(async (key) => Number((await store.get(key))?.value ?? 0)));
  } finally {
    await store.close();
  }
}
