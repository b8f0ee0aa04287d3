/** Whole calls, against as many raw hashes as the machine can compute. */
import {
  apologyMs,
  connectionsTo,
  type Outcome,
  outcomeOf,
  signIn,
  type WholeCall,
} from '../frame/caller.ts';
import { closedLoop, inTurns, type Round } from '../frame/closed-loop.ts';
import { syncMs } from '../frame/disk.ts';
import { type CeilingAnswer, type HashCeiling, startHashCeiling } from '../frame/hash-ceiling.ts';
import { hashToVerify, type Ringkey, startRingkey } from '../frame/ringkey.ts';
import { inShort, inWords, median, percent, percentile, ratios, spreadOf } from '../frame/statistics.ts';
import type { Cell, Context, Engine, Goal, Options, Section, Suite } from '../frame/suite.ts';
import { hashThreads } from '../frame/threads.ts';
import { pin } from '../frame/users.ts';
import { memoryColumn } from '../scaling/process-memory.ts';

const users = 2000;

/** How many syncs of the disk are timed, a page of 4 KiB each. */
const syncsMeasured = 400;

/** A service that has just started is slow until its code is compiled. */
const warmUpMs = 5000;

interface ServiceRound extends Round<WholeCall> {
  readonly memoryMib: number;
}

interface Level {
  readonly inFlight: number;
  readonly ceilings: readonly CeilingAnswer[];
  readonly rounds: readonly ServiceRound[];
}

const cameOf = (call: WholeCall) => outcomeOf(call, 'right');

const perSecond = ({ outcomes, seconds }: Round<WholeCall>) =>
  outcomes.filter((call) => cameOf(call) === 'checked').length / seconds;

/** What one sign-in cost in ms of CPU, in the middle round. */
function cpuEach(level: Level, meter: string): number {
  return median(
    level.rounds.map(
      (round) => ((round.spent[meter] ?? Number.NaN) * 1000) / (perSecond(round) * round.seconds),
    ),
  );
}

const shareOf = ({ rounds, ceilings }: Level) =>
  spreadOf(
    ratios(
      rounds.map(perSecond),
      ceilings.map((ceiling) => ceiling.perSecond),
    ),
  );

const ceilingOf = ({ ceilings }: Level) => median(ceilings.map((ceiling) => ceiling.perSecond));

/** The PIN steps of calls that were not turned away, in ms. */
const pinStepMs = ({ rounds }: Level) =>
  rounds.flatMap(({ outcomes }) =>
    outcomes.filter((call) => cameOf(call) === 'checked').map(({ pinMs }) => pinMs),
  );

const allowedMs = (level: Level) => Math.min(5000, (level.inFlight / ceilingOf(level)) * 1.5 * 1000);
const callsOf = ({ rounds }: Level) => rounds.flatMap(({ outcomes }) => outcomes);
const count = (level: Level, what: Outcome) => callsOf(level).filter((call) => cameOf(call) === what).length;
const memoryOf = ({ rounds }: Level) => median(rounds.map(({ memoryMib }) => memoryMib));

async function measureLevel(
  ringkey: Ringkey,
  ceiling: HashCeiling,
  inFlight: number,
  { rounds, roundMs }: Options,
): Promise<Level> {
  let calls = 0;
  const connections = connectionsTo(ringkey.port);
  // Until as many calls wait for their hash as will.
  const fillMs = 500 + inFlight * 20;
  const measured = await inTurns<'ceiling' | 'ringkey', CeilingAnswer | ServiceRound>(rounds, {
    ceiling: () => ceiling.round({ inFlight: Math.min(inFlight, hashThreads), warmUpMs: 300, roundMs }),
    async ringkey() {
      let memoryMib = 0;
      const watch = setInterval(() => {
        memoryMib = Math.max(memoryMib, ringkey.memoryMib());
      }, 200);
      const round = await closedLoop({
        inFlight,
        warmUpMs: fillMs,
        roundMs,
        once(slot) {
          calls += 1;
          return signIn(connections.of(slot), calls % users);
        },
        restMs: (call) => (cameOf(call) === 'turned away' ? apologyMs : 0),
        meters: ringkey.meters,
      });
      clearInterval(watch);
      return { ...round, memoryMib };
    },
  });
  connections.close();
  return {
    inFlight,
    ceilings: measured.ceiling.filter((result) => 'perSecond' in result),
    rounds: measured.ringkey.filter((result) => 'outcomes' in result),
  };
}

function rowOf(level: Level): Cell[] {
  const hashMs = median(level.ceilings.map((ceiling) => ceiling.cpuEach)) * 1000;
  const steps = pinStepMs(level);
  return [
    level.inFlight,
    inWords(spreadOf(level.ceilings.map((ceiling) => ceiling.perSecond))),
    inWords(spreadOf(level.rounds.map(perSecond))),
    percent(shareOf(level).median),
    percentile(steps, 0.5),
    percentile(steps, 0.99),
    allowedMs(level),
    percent(count(level, 'turned away') / callsOf(level).length),
    hashMs,
    cpuEach(level, 'service') - hashMs,
    cpuEach(level, 'main thread'),
    cpuEach(level, 'redis'),
    cpuEach(level, 'caller'),
    memoryOf(level),
  ];
}

const columns = [
  'in flight',
  'raw hashes/s',
  'sign-ins/s',
  'share',
  'PIN step p50, ms',
  'p99, ms',
  'allowed, ms',
  'turned away',
  'CPU ms: a raw hash',
  'service besides',
  'its main thread',
  'Redis',
  'caller',
  memoryColumn,
];

function goalsOf(engine: Engine, levels: readonly Level[]): Goal[] {
  const each = (text: (level: Level) => string) =>
    levels.map((level) => `${text(level)} at ${level.inFlight}`).join(', ');
  const p99 = (level: Level) => percentile(pinStepMs(level), 0.99);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const others = sum(levels.map((level) => count(level, 'something else')));
  const calls = sum(levels.map((level) => callsOf(level).length));
  const small = levels.find(({ inFlight }) => inFlight === 64);
  const large = levels.find(({ inFlight }) => inFlight === 256);
  const growth = small === undefined || large === undefined ? null : memoryOf(large) / memoryOf(small);
  const memory: Goal[] =
    growth === null
      ? []
      : [
          {
            text: `${engine}: memory flat from 64 to 256 in flight, within 10 %`,
            met: growth <= 1.1,
            measured: `× ${growth.toFixed(2)}`,
            because: 'Why memory grows with calls in flight',
          },
        ];
  return [
    {
      text: `${engine}: at least 90 % of the ceiling`,
      met: levels.every((level) => shareOf(level).median >= 0.9),
      measured: each((level) => percent(shareOf(level).median)),
      because: 'Why sign-ins stay below the ceiling',
    },
    {
      text: `${engine}: p99 of the PIN step, of calls that weren't turned away, within (in flight ÷ ceiling) × 1.5, and 5 s`,
      met: levels.every((level) => p99(level) <= allowedMs(level)),
      measured: each((level) => `${inShort(p99(level))} of ${inShort(allowedMs(level))} ms`),
      because: 'Why the slowest PIN steps take too long',
    },
    ...memory,
    {
      text: `${engine}: everybody is let in, or hears that too many are calling`,
      met: others === 0,
      measured: `${others} of ${inShort(calls)} heard something else`,
    },
  ];
}

async function measureEngine(
  context: Context,
  engine: Engine,
): Promise<Section & { levels: readonly Level[] }> {
  const { options, progress } = context;
  progress(`${engine}: making ${users} users`);
  const ringkey = await startRingkey({ engine, users, profileFolder: options.profileFolder });
  // Before anybody else writes.
  const syncs = engine === 'embedded' ? syncMs(syncsMeasured) : [];
  const ceiling = startHashCeiling({ ...(await hashToVerify()), pin });
  const levels: Level[] = [];
  try {
    progress(`${engine}: warming up`);
    await measureLevel(ringkey, ceiling, 16, { ...options, rounds: 1, roundMs: warmUpMs });
    for (const inFlight of options.inFlight ?? [1, 8, 64, 256]) {
      progress(`${engine}: ${inFlight} in flight`);
      levels.push(await measureLevel(ringkey, ceiling, inFlight, options));
    }
  } finally {
    ceiling.end();
    await ringkey.remove();
  }
  return {
    title: engine === 'redis' ? 'Sign-ins on Redis' : 'Sign-ins on the folder',
    text: `Who is turned away hears an apology of a few seconds. Such a call stays in flight for ${apologyMs / 1000} s, and then the next takes its place.${textOf(syncs)}`,
    columns,
    rows: levels.map(rowOf),
    goals: goalsOf(engine, levels),
    levels,
  };
}

/** How long the disk takes, where commits wait for it. */
function textOf(syncs: readonly number[]): string {
  if (syncs.length === 0) return '';
  const [middle, slow] = [percentile(syncs, 0.5), percentile(syncs, 0.99)];
  return ` A sync of the disk took ${inShort(middle)} ms, and of a hundred the slowest ${inShort(slow)}, with nothing else going on.`;
}

export const signIns: Suite = {
  name: 'sign-ins',
  title: 'Sign-ins',
  async run(context) {
    const measured = [];
    for (const engine of context.options.engines) measured.push(await measureEngine(context, engine));
    const [first] = measured;
    const points = (levels: readonly Level[], value: (level: Level) => number) =>
      levels.map((level): [number, number] => [level.inFlight, value(level)]);
    const sections: Section[] = measured.map(({ levels: _, ...section }) => section);
    const plots = [
      {
        name: 'sign-ins',
        title: 'Sign-ins a second',
        xLabel: 'calls in flight',
        yLabel: 'a second',
        xScale: 'log2' as const,
        series: [
          { name: 'raw hashes', points: points(first?.levels ?? [], ceilingOf) },
          ...measured.map(({ levels }, index) => ({
            name: context.options.engines[index] ?? '',
            points: points(levels, ({ rounds }) => median(rounds.map(perSecond))),
          })),
        ],
      },
    ];
    return sections.map((section, index) =>
      index === sections.length - 1 ? { ...section, plots } : section,
    );
  },
};
