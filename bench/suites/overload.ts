/** Ten times as many calls as can be hashed, for a minute: who is let in, who is turned away, and whether anybody waits too long. */
import { type Outcome, outcomeOf, signIn, type WholeCall } from '../frame/caller.ts';
import { inTurns } from '../frame/closed-loop.ts';
import { type Connection, createConnection } from '../frame/connection.ts';
import { type HashCeiling, startHashCeiling } from '../frame/hash-ceiling.ts';
import { watchHealth } from '../frame/health-watch.ts';
import { type OpenLoopRun, openLoop } from '../frame/open-loop.ts';
import { hashToVerify, type Ringkey, startRingkey } from '../frame/ringkey.ts';
import { inShort, percentile } from '../frame/statistics.ts';
import type { Cell, Context, Engine, Section, Suite } from '../frame/suite.ts';
import { hashThreads } from '../frame/threads.ts';
import { pin } from '../frame/users.ts';
import { memoryColumn } from '../scaling/process-memory.ts';
import { longestGap, type OverloadRound, overloadGoals } from './overload-goals.ts';

const times = 10;

/** Those who key the right PIN, and those after them, who key a wrong one. */
const rightUsers = 8000;
const wrongUsers = 2000;
const wrongEvery = 20;
const wrongPin = '596184';

/** Of each call, when it ended, in s since the first began; null: a webhook of it had no answer. */
interface Ended {
  readonly at: number;
  readonly user: number;
  readonly call: WholeCall | null;
}

interface Overload extends OpenLoopRun {
  readonly ended: readonly Ended[];
  /** In MiB, each 500 ms. */
  readonly memory: readonly number[];
  readonly memoryBefore: number;
  readonly health: { readonly ms: readonly number[]; readonly failed: number };
}

/** Connections that are kept for the next call; there are as many as calls were ever in flight. */
function connectionPool(port: number) {
  const idle: Connection[] = [];
  return {
    async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
      const connection = idle.pop() ?? createConnection(port);
      try {
        return await work(connection);
      } finally {
        idle.push(connection);
      }
    },
    close() {
      for (const connection of idle) connection.close();
    },
  };
}

async function overload(ringkey: Ringkey, perSecond: number, forMs: number): Promise<Overload> {
  const pool = connectionPool(ringkey.port);
  const ended: Ended[] = [];
  const memory: number[] = [];
  const memoryBefore = ringkey.memoryMib();
  const watch = setInterval(() => memory.push(ringkey.memoryMib()), 500);
  const health = await watchHealth(ringkey.port);
  const began = performance.now();
  const run = await openLoop({
    perSecond,
    forMs,
    async begin(index, dueAt) {
      const isWrong = index % wrongEvery === 0;
      const user = isWrong ? rightUsers + ((index / wrongEvery) % wrongUsers) : index % rightUsers;
      const call = await pool
        .use((connection) => signIn(connection, user, isWrong ? wrongPin : pin, dueAt))
        .catch(() => null);
      ended.push({ at: (performance.now() - began) / 1000, user, call });
    },
  });
  clearInterval(watch);
  pool.close();
  return { ...run, ended, memory, memoryBefore, health: await health.stop() };
}

const cameOf = ({ user, call }: Ended): Outcome => outcomeOf(call, user < rightUsers ? 'right' : 'wrong');

const count = ({ ended }: Overload, what: Outcome) => ended.filter((one) => cameOf(one) === what).length;

/** What those heard of whom neither came, and how many of them. */
function toldElse({ ended }: Overload): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of ended) {
    if (cameOf(one) !== 'something else') continue;
    const told = one.call?.told ?? 'no answer';
    counts[told] = (counts[told] ?? 0) + 1;
  }
  return counts;
}

/** Calls a second whose PIN was checked, while calls came in. */
function admittedPerSecond({ ended, seconds }: Overload): number {
  const admitted = ended.filter((one) => one.at <= seconds && cameOf(one) === 'checked');
  return admitted.length / seconds;
}

async function measureCeiling(ceiling: HashCeiling): Promise<number> {
  return (await ceiling.round({ inFlight: hashThreads, warmUpMs: 500, roundMs: 5000 })).perSecond;
}

/** A minute of overload on a service of its own, between two looks at the ceiling. */
interface Measured {
  readonly before: number;
  readonly after: number;
  readonly overloaded: Overload;
  readonly figures: OverloadRound;
}

function figuresOf(
  overloaded: Overload,
  warmUp: Overload,
  ceiling: number,
  charges: Awaited<ReturnType<Ringkey['endAndCount']>>,
): OverloadRound {
  const { ended, health, memory, memoryBefore } = overloaded;
  const checkedOf = checkedWrongPins([...warmUp.ended, ...ended]);
  const half = Math.floor(memory.length / 2);
  return {
    calls: ended.length,
    unanswered: ended.filter(({ call }) => call === null || !call.answered).length,
    slowestMs: Math.max(...ended.map(({ call }) => call?.slowestMs ?? Number.POSITIVE_INFINITY)),
    health,
    memory: {
      before: memoryBefore,
      earlier: Math.max(...memory.slice(0, half)),
      peak: Math.max(...memory),
    },
    turnedAway: count(overloaded, 'turned away'),
    checked: count(overloaded, 'checked'),
    toldElse: toldElse(overloaded),
    chargedAway: charges.ofUsers.filter((charged, user) => charged > (checkedOf.get(user) ?? 0)).length,
    charged: {
      accounts: charges.ofUsers.reduce((total, one) => total + one, 0),
      service: charges.ofService,
    },
    share: admittedPerSecond(overloaded) / ceiling,
  };
}

/** How many wrong PINs each user keyed that weren't turned away, and so may be charged. A right one never may. */
function checkedWrongPins(ended: readonly Ended[]): ReadonlyMap<number, number> {
  const checked = new Map<number, number>();
  for (const { user, call } of ended) {
    if (user < rightUsers || call?.told === 'busy') continue;
    checked.set(user, (checked.get(user) ?? 0) + 1);
  }
  return checked;
}

/** So many calls of which this came ended in each second. */
function bySecond({ ended, seconds }: Overload, what: Outcome) {
  const counts = Array.from({ length: Math.round(seconds) }, () => 0);
  for (const one of ended) {
    const second = Math.floor(one.at);
    if (cameOf(one) === what && second < counts.length) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts.map((count, second): [number, number] => [second, count]);
}

/** On a service and a store of its own, so that no round has the memory or the charges of another. */
async function measureRound({ options, progress }: Context, engine: Engine): Promise<Measured> {
  const { profileFolder, overloadMs } = options;
  progress(`${engine}: making ${rightUsers + wrongUsers} users`);
  const ringkey = await startRingkey({ engine, users: rightUsers + wrongUsers, profileFolder });
  const ceiling = startHashCeiling({ ...(await hashToVerify()), pin });
  try {
    progress(`${engine}: warming up`);
    const warmUp = await overload(ringkey, 20, 5000);
    const before = await measureCeiling(ceiling);
    progress(`${engine}: ${inShort(before * times)} calls a second`);
    const overloaded = await overload(ringkey, before * times, overloadMs);
    const after = await measureCeiling(ceiling);
    const charges = await ringkey.endAndCount();
    return {
      before,
      after,
      overloaded,
      figures: figuresOf(overloaded, warmUp, (before + after) / 2, charges),
    };
  } finally {
    ceiling.end();
    await ringkey.remove();
  }
}

/** The longest time in which no PIN was checked while calls came in, in ms: where a disk or a core stands still, it shows here. */
function standstillMs({ ended, seconds }: Overload): number {
  const checked = ended.filter((one) => cameOf(one) === 'checked').map(({ at }) => at);
  return longestGap(checked, 0, seconds) * 1000;
}

function rowOf({ before, after, overloaded, figures }: Measured, round: number): Cell[] {
  const slow = (part: number) =>
    percentile(
      overloaded.ended.map(({ call }) => call?.slowestMs ?? Number.NaN),
      part,
    );
  return [
    round + 1,
    `${inShort(before)}, ${inShort(after)}`,
    overloaded.begun / overloaded.seconds,
    overloaded.lateMs,
    admittedPerSecond(overloaded),
    overloaded.ended.filter(({ call }) => call?.told === 'in').length,
    count(overloaded, 'turned away'),
    slow(0.5),
    slow(0.99),
    standstillMs(overloaded),
    figures.memory.peak,
  ];
}

function sectionOf(engine: Engine, rounds: readonly Measured[]): Section {
  const byShare = [...rounds].sort((a, b) => a.figures.share - b.figures.share);
  const middle = byShare[Math.floor(byShare.length / 2)];
  return {
    title: engine === 'redis' ? 'Overload on Redis' : 'Overload on the folder',
    text: 'Goals are judged by the worst round, but what is admitted by the median. The plot is of the round with the median.',
    columns: [
      'round',
      'raw hashes/s before, after',
      'calls begun/s',
      'generator late by at most, ms',
      'checked/s',
      'signed in',
      'turned away',
      'slowest webhook of a call: p50, ms',
      'p99, ms',
      'longest without a PIN checked, ms',
      memoryColumn,
    ],
    rows: rounds.map(rowOf),
    goals: overloadGoals(
      engine,
      rounds.map(({ figures }) => figures),
    ),
    plots:
      middle === undefined
        ? []
        : [
            {
              name: `overload-${engine}`,
              title: `Ten times too many calls: ${engine}`,
              xLabel: 'seconds',
              yLabel: 'calls ended a second',
              series: (['checked', 'turned away', 'something else'] as const).map((name) => ({
                name,
                points: bySecond(middle.overloaded, name),
              })),
            },
          ],
  };
}

export const overloads: Suite = {
  name: 'overload',
  title: 'Overload',
  async run(context) {
    const { engines, rounds } = context.options;
    const measured = await inTurns(
      rounds,
      Object.fromEntries(engines.map((engine) => [engine, () => measureRound(context, engine)])),
    );
    return engines.map((engine) => sectionOf(engine, measured[engine] ?? []));
  },
};
