/** Webhooks that compute no hash, against the least Express application that checks the same signature. */
import { startBareApp } from '../frame/bare-app.ts';
import { connectionsTo, type Heard, keyIn, type OpenCall, startCall } from '../frame/caller.ts';
import { closedLoop, inTurns, type Meters, type Round } from '../frame/closed-loop.ts';
import { startRingkey } from '../frame/ringkey.ts';
import { inWords, median, percent, percentile, ratios, spreadOf } from '../frame/statistics.ts';
import type { Cell, Context, Engine, Goal, Section, Suite } from '../frame/suite.ts';
import { extensionOf } from '../frame/users.ts';

const users = 2000;

type Kind = 'incoming' | 'extension';
const kindNames: Readonly<Record<Kind, string>> = {
  incoming: 'a call comes in',
  extension: 'an extension is keyed',
};

/** Whoever answers webhooks. */
interface Contender {
  readonly name: 'bare' | Engine;
  readonly port: number;
  meters(): Meters;
  remove(): Promise<void>;
}

/** The rounds of one kind of step with so many in flight, by contender. */
interface Level {
  readonly kind: Kind;
  readonly inFlight: number;
  readonly rounds: Readonly<Record<string, readonly Round<Heard>[]>>;
}

/** Goals of the issue that this suite is from: what part of the bare application's steps a second. */
const goals: Readonly<Record<Engine, number>> = { embedded: 0.7, redis: 0.5 };

const warmUpMs = 300;
const compileMs = 3000;

const perSecond = ({ outcomes, seconds }: Round<Heard>) => outcomes.length / seconds;
const roundsOf = ({ rounds }: Level, name: string) => rounds[name] ?? [];
const shareOf = (level: Level, name: string) =>
  spreadOf(ratios(roundsOf(level, name).map(perSecond), roundsOf(level, 'bare').map(perSecond)));
const cpuEach = (level: Level, name: string, meter: string) =>
  median(roundsOf(level, name).map(({ spent, outcomes }) => ((spent[meter] ?? 0) * 1000) / outcomes.length));

/** @throws Error when it was told anything but to key something: what is measured then isn't the step. */
function checked(heard: Heard): Heard {
  if (heard.told !== 'keys') throw new Error(`A step was answered with ${heard.status}, ${heard.told}.`);
  return heard;
}

async function measureRound(
  { port, meters, name }: Contender,
  kind: Kind,
  inFlight: number,
  roundMs: number,
  mostSteps: number,
): Promise<Round<Heard>> {
  const connections = connectionsTo(port);
  let steps = 0;
  const prepared = kind === 'extension' && name !== 'bare' ? await prepare(port, mostSteps) : null;
  const anyCall: OpenCall = {
    callSid: `CA${'a'.repeat(32)}`,
    from: '+15105000000',
    keysPath: '/voice/steps/the-same-step-again/keys',
  };
  const round = await closedLoop({
    inFlight,
    warmUpMs,
    roundMs,
    meters,
    async once(slot) {
      steps += 1;
      if (kind === 'incoming') return checked(await startCall(connections.of(slot), steps));
      const call = prepared === null ? anyCall : prepared.pop();
      return call === undefined
        ? null
        : checked(await keyIn(connections.of(slot), call, extensionOf(steps % users)));
    },
  });
  connections.close();
  return round;
}

/** Calls that wait for an extension, so that a round consists of nothing but extensions. */
async function prepare(port: number, count: number): Promise<OpenCall[]> {
  const connections = connectionsTo(port);
  const calls: OpenCall[] = [];
  let begun = 0;
  await closedLoop({
    inFlight: 16,
    warmUpMs: 0,
    roundMs: 60_000,
    async once(slot) {
      begun += 1;
      if (begun > count) return null;
      const { open } = checked(await startCall(connections.of(slot), begun));
      if (open !== null) calls.push(open);
      return begun;
    },
  });
  connections.close();
  return calls;
}

async function measureLevels(contenders: readonly Contender[], context: Context): Promise<Level[]> {
  const { options, progress } = context;
  const roundMs = options.roundMs / 2;
  progress('warming up');
  for (const contender of contenders) await measureRound(contender, 'incoming', 8, compileMs, 0);
  const levels: Level[] = [];
  for (const inFlight of options.inFlight ?? [1, 8, 64]) {
    let incoming: Level | null = null;
    for (const kind of ['incoming', 'extension'] as const) {
      progress(`${kindNames[kind]}, ${inFlight} in flight`);
      const mostSteps = (name: string): number => {
        const fastest = incoming === null ? 0 : Math.max(...roundsOf(incoming, name).map(perSecond));
        return Math.ceil((fastest * (warmUpMs + roundMs) * 1.5) / 1000);
      };
      const rounds = await inTurns(
        options.rounds,
        Object.fromEntries(
          contenders.map((contender) => [
            contender.name,
            () => measureRound(contender, kind, inFlight, roundMs, mostSteps(contender.name)),
          ]),
        ),
      );
      const level: Level = { kind, inFlight, rounds };
      levels.push(level);
      incoming ??= level;
    }
  }
  return levels;
}

function sectionOf(engine: Engine, levels: readonly Level[]): Section {
  const least = goals[engine];
  const goal: Goal = {
    text: `${engine}: at least ${percent(least)} of the bare application's steps`,
    met: levels.every((level) => shareOf(level, engine).median >= least),
    measured: levels
      .map(
        (level) => `${percent(shareOf(level, engine).median)} (${level.kind}, ${level.inFlight} in flight)`,
      )
      .join(', '),
    because: 'Why steps stay below a bare application',
  };
  return {
    title: engine === 'redis' ? 'Steps on Redis' : 'Steps on the folder',
    columns: [
      'step',
      'in flight',
      'bare/s',
      'Ringkey/s',
      'share',
      'p99, ms',
      'CPU ms: bare',
      'Ringkey',
      'its main thread',
      'Redis',
      'caller',
    ],
    rows: levels.map((level): Cell[] => [
      kindNames[level.kind],
      level.inFlight,
      inWords(spreadOf(roundsOf(level, 'bare').map(perSecond))),
      inWords(spreadOf(roundsOf(level, engine).map(perSecond))),
      percent(shareOf(level, engine).median),
      percentile(
        roundsOf(level, engine).flatMap(({ outcomes }) => outcomes.map(({ ms }) => ms)),
        0.99,
      ),
      cpuEach(level, 'bare', 'service'),
      cpuEach(level, engine, 'service'),
      cpuEach(level, engine, 'main thread'),
      cpuEach(level, engine, 'redis'),
      cpuEach(level, engine, 'caller'),
    ]),
    goals: [goal],
  };
}

export const steps: Suite = {
  name: 'steps',
  title: 'Steps without a hash',
  async run(context) {
    const { engines, profileFolder } = context.options;
    const contenders: Contender[] = [{ name: 'bare', ...(await startBareApp()) }];
    try {
      for (const engine of engines) {
        context.progress(`${engine}: making ${users} users`);
        contenders.push({ name: engine, ...(await startRingkey({ engine, users, profileFolder })) });
      }
      const levels = await measureLevels(contenders, context);
      const sections = engines.map((engine) => sectionOf(engine, levels));
      const names = ['bare', ...engines];
      const plot = {
        name: 'steps',
        title: 'A call comes in: steps a second',
        xLabel: 'in flight',
        yLabel: 'a second',
        xScale: 'log2' as const,
        series: names.map((name) => ({
          name,
          points: levels
            .filter(({ kind }) => kind === 'incoming')
            .map((level): [number, number] => [level.inFlight, median(roundsOf(level, name).map(perSecond))]),
        })),
      };
      return sections.map((section, index) =>
        index === sections.length - 1 ? { ...section, plots: [plot] } : section,
      );
    } finally {
      for (const contender of contenders) await contender.remove();
    }
  },
};
