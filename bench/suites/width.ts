/** One and two services on a Redis Cluster of three nodes, against one service on one Redis, all on this machine. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openRedisStore } from '../../src/store/redis.ts';
import { type RedisServer, startRedis, startRedisCluster } from '../../test/support/redis-server.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { connectionsTo, signIn, startCall, type Told } from '../frame/caller.ts';
import { closedLoop, inTurns, type Meters, type Round } from '../frame/closed-loop.ts';
import { cpuSeconds, ownCpuSeconds } from '../frame/process-figures.ts';
import { fillStore, type ServiceProcess, startService } from '../frame/ringkey.ts';
import { inWords, median, percent, ratios, spreadOf } from '../frame/statistics.ts';
import type { Cell, Context, Section, Suite } from '../frame/suite.ts';
import { recommendedSettings } from '../seed/redis-settings.ts';

const users = 500;
const inFlight = 16;
/** By all services of a contender together. */
const hashesAtOnce = 2;
const warmUpMs = 1000;
const compileMs = 3000;

type Name = 'one' | 'cluster' | 'two';
const names: Readonly<Record<Name, string>> = {
  one: 'one service, one Redis',
  cluster: 'one service, Cluster of three',
  two: 'two services, Cluster of three',
};

interface Contender {
  readonly services: readonly ServiceProcess[];
  readonly nodes: readonly RedisServer[];
}

/** What a caller does: a whole sign-in, or only the first webhook of a call, which needs no hash. */
type Work = 'signIn' | 'step';

type WidthRound = Round<Told>;
type Rounds = Readonly<Record<Name, readonly WidthRound[]>>;

const perSecond = ({ outcomes, seconds }: WidthRound) => outcomes.length / seconds;

export const width: Suite = {
  name: 'width',
  title: 'Width: more services, more nodes',
  async run(context) {
    const { options, progress } = context;
    const folder = makeTemporaryFolder();
    const servers: { remove(): Promise<void> }[] = [];
    const services: ServiceProcess[] = [];
    const start = async (redisUrl: string, hashConcurrency: number) => {
      const service = await startService({
        folder: join(folder, String(services.length)),
        redisUrl,
        profileFolder: options.profileFolder,
        env: { HASH_CONCURRENCY: String(hashConcurrency) },
      });
      services.push(service);
      return service;
    };
    try {
      const single = await startRedis({ settings: recommendedSettings });
      servers.push(single);
      const cluster = await startRedisCluster({ settings: recommendedSettings });
      servers.push(cluster);
      progress(`makes ${users} users in each`);
      for (const url of [single.url, cluster.url]) {
        const store = await openRedisStore({ url, clock: Date.now });
        await fillStore(store, users);
        await store.close();
      }
      // Each contender hashes as many at a time, whatever the machine's cores would have them do.
      const [all, half] = [hashesAtOnce, hashesAtOnce / 2];
      const contenders: Readonly<Record<Name, Contender>> = {
        one: { services: [await start(single.url, all)], nodes: [single] },
        cluster: { services: [await start(cluster.url, all)], nodes: cluster.nodes },
        two: {
          services: [await start(cluster.url, half), await start(cluster.url, half)],
          nodes: cluster.nodes,
        },
      };
      return [await compare('signIn', contenders, context), await compare('step', contenders, context)];
    } finally {
      for (const service of services) await service.end();
      for (const server of servers) await server.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function compare(
  work: Work,
  contenders: Readonly<Record<Name, Contender>>,
  { options, progress }: Context,
): Promise<Section> {
  progress(work === 'signIn' ? 'sign-ins' : 'first webhooks');
  for (const contender of Object.values(contenders)) await measureRound(work, contender, compileMs);
  const round = (name: Name) => () => measureRound(work, contenders[name], options.roundMs);
  const rounds: Rounds = await inTurns(options.rounds, {
    one: round('one'),
    cluster: round('cluster'),
    two: round('two'),
  });
  return sectionOf(work, rounds);
}

/** @throws Error when a caller was told anything else: what is measured then isn't the work. */
function checked({ told }: { readonly told: Told }, due: Told): Told {
  if (told !== due) throw new Error(`A caller was told "${told}" instead of "${due}".`);
  return told;
}

/** Slots take turns among the services, as calls do behind a load balancer. */
async function measureRound(
  work: Work,
  { services, nodes }: Contender,
  roundMs: number,
): Promise<WidthRound> {
  const connections = services.map(({ port }) => connectionsTo(port));
  let begun = 0;
  const round = await closedLoop({
    inFlight,
    warmUpMs,
    roundMs,
    meters: () => metersOf(services, nodes),
    async once(slot) {
      const connection = connections[slot % connections.length]?.of(slot);
      if (connection === undefined) return null;
      begun += 1;
      return work === 'signIn'
        ? checked(await signIn(connection, begun % users), 'in')
        : checked(await startCall(connection, begun % users), 'keys');
    },
  });
  for (const { close } of connections) close();
  return round;
}

/** Seconds of CPU by kind of process, and of the busiest node alone. */
function metersOf(services: readonly ServiceProcess[], nodes: readonly RedisServer[]): Meters {
  const sum = (pids: readonly number[]) =>
    pids.map(cpuSeconds).reduce((total, seconds) => total + seconds, 0);
  return {
    services: sum(services.map(({ pid }) => pid)),
    redis: sum(nodes.map(({ pid }) => pid)),
    ...Object.fromEntries(nodes.map(({ pid }, index) => [`node ${index}`, cpuSeconds(pid)])),
    caller: ownCpuSeconds(),
  };
}

function sectionOf(work: Work, rounds: Rounds): Section {
  const all = Object.keys(names) as Name[];
  const what = work === 'signIn' ? 'sign-in' : 'webhook';
  const each = (name: Name, meter: string) =>
    median(rounds[name].map((round) => ((round.spent[meter] ?? 0) * 1000) / round.outcomes.length));
  const busiest = (name: Name) =>
    median(
      rounds[name].map(({ spent }) => {
        const nodes = Object.entries(spent).filter(([meter]) => meter.startsWith('node '));
        return Math.max(...nodes.map(([, seconds]) => seconds)) / (spent.redis ?? Number.NaN);
      }),
    );
  const row = (name: Name): Cell[] => [
    names[name],
    inWords(spreadOf(rounds[name].map(perSecond))),
    percent(median(ratios(rounds[name].map(perSecond), rounds.one.map(perSecond)))),
    each(name, 'services'),
    each(name, 'redis'),
    percent(busiest(name)),
    each(name, 'caller'),
  ];
  return {
    title: work === 'signIn' ? 'Sign-ins' : 'Webhooks without a hash: a call comes in',
    text: `${inFlight} calls in flight, ${hashesAtOnce} hashes at a time by all services together. CPU is in ms for each ${what}, by all processes of a kind together.`,
    columns: [
      '',
      `${what}s/s`,
      'against one and one',
      'CPU ms: services',
      'Redis nodes',
      'of it the busiest node',
      'caller',
    ],
    rows: all.map(row),
    goals: [],
  };
}
