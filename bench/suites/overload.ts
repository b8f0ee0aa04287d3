/** Ten times as many calls as can be hashed, for a minute: who is let in, who is turned away, and whether anybody waits too long. */
import { type Outcome, outcomeOf, signIn, type WholeCall } from '../frame/caller.ts';
import { type Connection, createConnection } from '../frame/connection.ts';
import { type HashCeiling, startHashCeiling } from '../frame/hash-ceiling.ts';
import { watchHealth } from '../frame/health-watch.ts';
import { type OpenLoopRun, openLoop } from '../frame/open-loop.ts';
import { hashToVerify, type Ringkey, startRingkey } from '../frame/ringkey.ts';
import { inShort, percent, percentile } from '../frame/statistics.ts';
import type { Context, Engine, Goal, Section, Suite } from '../frame/suite.ts';
import { hashThreads } from '../frame/threads.ts';
import { pin } from '../frame/users.ts';

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

/** What the others heard, and how many of them: `wrong 1, other 2`. */
function toldInstead({ ended }: Overload): string {
  const told = ended
    .filter((one) => cameOf(one) === 'something else')
    .map(({ call }) => call?.told ?? 'no answer');
  const kinds = [...new Set(told)].map((kind) => `${kind} ${told.filter((one) => one === kind).length}`);
  return kinds.length === 0 ? 'nobody' : kinds.join(', ');
}

/** Calls a second whose PIN was checked, while calls came in. */
function admittedPerSecond({ ended, seconds }: Overload): number {
  const admitted = ended.filter((one) => one.at <= seconds && cameOf(one) === 'checked');
  return admitted.length / seconds;
}

async function measureCeiling(ceiling: HashCeiling): Promise<number> {
  return (await ceiling.round({ inFlight: hashThreads, warmUpMs: 500, roundMs: 5000 })).perSecond;
}

function goalsOf(
  engine: Engine,
  overloaded: Overload,
  ceiling: number,
  charges: Awaited<ReturnType<Ringkey['endAndCount']>>,
  checkedOf: ReadonlyMap<number, number>,
): Goal[] {
  const { ended, health, memory, memoryBefore } = overloaded;
  const unanswered = ended.filter(({ call }) => call === null || !call.answered).length;
  const slowest = Math.max(...ended.map(({ call }) => call?.slowestMs ?? Number.POSITIVE_INFINITY));
  const share = admittedPerSecond(overloaded) / ceiling;
  const half = Math.floor(memory.length / 2);
  const [peak, earlier] = [Math.max(...memory), Math.max(...memory.slice(0, half))];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const turnedAway = charges.ofUsers.filter((charged, user) => charged > (checkedOf.get(user) ?? 0)).length;
  return [
    {
      text: `${engine}: no answer but 200`,
      met: unanswered === 0,
      measured: `${unanswered} of ${inShort(ended.length)} calls had another, or none`,
    },
    {
      text: `${engine}: no answer later than 5 s`,
      met: slowest <= 5000,
      measured: Number.isFinite(slowest)
        ? `the slowest took ${inShort(slowest / 1000)} s`
        : 'some never had an answer',
    },
    {
      text: `${engine}: /healthz within 100 ms throughout`,
      met: health.failed === 0 && Math.max(...health.ms) <= 100,
      measured: `p50 ${inShort(percentile(health.ms, 0.5))} ms, p99 ${inShort(percentile(health.ms, 0.99))} ms, slowest ${inShort(Math.max(...health.ms))} ms of ${health.ms.length}; ${health.failed} without an answer`,
    },
    {
      because: 'Why memory grows with calls in flight',
      text: `${engine}: memory bounded: no higher in the second half than in the first, within 10 %`,
      met: peak <= earlier * 1.1,
      measured: `${inShort(memoryBefore)} MiB before, ${inShort(earlier)} in the first half, ${inShort(peak)} at most`,
    },
    {
      text: `${engine}: those turned away hear that too many are calling, and the others what came of their PIN`,
      met: count(overloaded, 'something else') === 0,
      measured: `${inShort(count(overloaded, 'turned away'))} and ${inShort(count(overloaded, 'checked'))} did; something else: ${toldInstead(overloaded)}`,
    },
    {
      text: `${engine}: whoever is turned away is charged nothing`,
      met: turnedAway === 0 && charges.ofService === sum(charges.ofUsers),
      measured: `${turnedAway} accounts were; ${sum(charges.ofUsers)} wrong PINs that were checked are charged to theirs, ${charges.ofService} to the service`,
    },
    {
      text: `${engine}: at least 85 % of the ceiling is admitted`,
      met: share >= 0.85,
      measured: percent(share),
      because: 'Why overload admits less than the ceiling',
    },
  ];
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

async function measureEngine({ options, progress }: Context, engine: Engine): Promise<Section> {
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
    const raw = (before + after) / 2;
    const charges = await ringkey.endAndCount();
    const slow = (part: number) =>
      percentile(
        overloaded.ended.map(({ call }) => call?.slowestMs ?? Number.NaN),
        part,
      );
    return {
      title: engine === 'redis' ? 'Overload on Redis' : 'Overload on the folder',
      columns: [
        'raw hashes/s before, after',
        'calls begun/s',
        'generator late by at most, ms',
        'checked/s',
        'signed in',
        'turned away',
        'slowest webhook of a call: p50, ms',
        'p99, ms',
      ],
      rows: [
        [
          `${inShort(before)}, ${inShort(after)}`,
          overloaded.begun / overloaded.seconds,
          overloaded.lateMs,
          admittedPerSecond(overloaded),
          overloaded.ended.filter(({ call }) => call?.told === 'in').length,
          count(overloaded, 'turned away'),
          slow(0.5),
          slow(0.99),
        ],
      ],
      goals: goalsOf(
        engine,
        overloaded,
        raw,
        charges,
        checkedWrongPins([...warmUp.ended, ...overloaded.ended]),
      ),
      plots: [
        {
          name: `overload-${engine}`,
          title: `Ten times too many calls: ${engine}`,
          xLabel: 'seconds',
          yLabel: 'calls ended a second',
          series: (['checked', 'turned away', 'something else'] as const).map((name) => ({
            name,
            points: bySecond(overloaded, name),
          })),
        },
      ],
    };
  } finally {
    ceiling.end();
    await ringkey.remove();
  }
}

export const overloads: Suite = {
  name: 'overload',
  title: 'Overload',
  runsOnce: true,
  async run(context) {
    const sections: Section[] = [];
    for (const engine of context.options.engines) sections.push(await measureEngine(context, engine));
    return sections;
  },
};
