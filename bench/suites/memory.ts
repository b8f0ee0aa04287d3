/** What a service's memory consists of while calls are in flight, so that what grows with them has a name. */
import { join } from 'node:path';
import { leastHashCost } from '../../src/security/hasher.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { apologyMs, connectionsTo, outcomeOf, signIn } from '../frame/caller.ts';
import { closedLoop } from '../frame/closed-loop.ts';
import { type MemoryParts, memoryParts, reporting } from '../frame/memory-parts.ts';
import { startRingkey } from '../frame/ringkey.ts';
import { inShort, inWords, spreadOf } from '../frame/statistics.ts';
import type { Cell, Context, Engine, Section, Suite } from '../frame/suite.ts';
import { hashThreads } from '../frame/threads.ts';

const users = 2000;
const warmUpMs = 5000;
const sampleMs = 200;

/** A service as it runs, and then again with a collection of garbage under load: a collection makes every later peak lower. */
const inFlights = [64, 256] as const;

interface Round {
  /** By calls in flight: the moment at which the service had most for itself, before anybody asked it to collect. */
  readonly peaks: readonly MemoryParts[];
  /** By calls in flight: right after a collection, under load. */
  readonly collected: readonly MemoryParts[];
  /** After a collection, with nothing in flight. */
  readonly afterwards: MemoryParts;
}

async function measureRound({ options, progress }: Context, engine: Engine): Promise<Round> {
  const socket = join(makeTemporaryFolder(), 'memory.sock');
  progress(`${engine}: making ${users} users`);
  const ringkey = await startRingkey({
    engine,
    users,
    profileFolder: options.profileFolder,
    ...reporting(socket),
  });
  const look = (collected: boolean) => memoryParts(ringkey.pid, socket, collected);
  const connections = connectionsTo(ringkey.port);
  let calls = 0;

  /** @param collectAt when to collect, as a part of the round; null: never. */
  async function load(inFlight: number, roundMs: number, collectAt: number | null): Promise<MemoryParts[]> {
    const fillMs = 500 + inFlight * 20;
    const samples: Promise<MemoryParts>[] = [];
    const sample = () => void samples.push(look(collectAt !== null));
    const watch =
      collectAt === null ? setInterval(sample, sampleMs) : setTimeout(sample, fillMs + roundMs * collectAt);
    await closedLoop({
      inFlight,
      warmUpMs: fillMs,
      roundMs,
      once(slot) {
        calls += 1;
        return signIn(connections.of(slot), calls % users);
      },
      restMs: (call) => (outcomeOf(call, 'right') === 'turned away' ? apologyMs : 0),
    });
    clearInterval(watch);
    return Promise.all(samples);
  }

  try {
    progress(`${engine}: warming up`);
    await load(16, warmUpMs, null);
    const peaks: MemoryParts[] = [];
    const collected: MemoryParts[] = [];
    for (const inFlight of inFlights) {
      progress(`${engine}: ${inFlight} in flight`);
      // As long as the three rounds of sign-ins.
      const all = await load(inFlight, options.roundMs * 3, null);
      peaks.push(all.reduce((most, one) => (one.own > most.own ? one : most)));
    }
    for (const inFlight of inFlights) {
      progress(`${engine}: ${inFlight} in flight, collected`);
      collected.push(...(await load(inFlight, options.roundMs, 0.9)));
    }
    return { peaks, collected, afterwards: await look(true) };
  } finally {
    connections.close();
    await ringkey.remove();
  }
}

const rows: readonly { readonly name: string; readonly part: keyof MemoryParts }[] = [
  { name: '**what it has for itself**', part: 'own' },
  { name: "V8's heap", part: 'heap' },
  { name: 'of it objects, garbage among them', part: 'live' },
  { name: 'buffers of objects, outside of the heap', part: 'buffers' },
  { name: 'native: threads, code, the allocator, hashes', part: 'native' },
  { name: "besides: pages of files, the program's and the store's", part: 'files' },
];

function sectionOf(engine: Engine, rounds: readonly Round[]): Section {
  const hashMib = (hashThreads * leastHashCost.memoryKib) / 1024;
  const looks: readonly (readonly [string, (round: Round) => MemoryParts | undefined])[] = [
    ...inFlights.map((inFlight, index) => {
      return [`${inFlight} in flight, at its peak`, ({ peaks }: Round) => peaks[index]] as const;
    }),
    ...inFlights.map((inFlight, index) => {
      return [`${inFlight}, collected`, ({ collected }: Round) => collected[index]] as const;
    }),
    ['none, collected', ({ afterwards }) => afterwards],
  ];
  const cell = (part: keyof MemoryParts, look: (round: Round) => MemoryParts | undefined): string =>
    inWords(spreadOf(rounds.map((round) => look(round)?.[part] ?? Number.NaN)));
  return {
    title: engine === 'redis' ? 'Memory on Redis' : 'Memory on the folder',
    text: `MiB. Hashes in progress, ${hashThreads} at a time, take ${inShort(hashMib)} of what is native. Collected: right after garbage was, under load.`,
    columns: ['', ...looks.map(([name]) => name)],
    rows: rows.map(({ name, part }): Cell[] => [name, ...looks.map(([, look]) => cell(part, look))]),
    goals: [],
  };
}

export const memory: Suite = {
  name: 'memory',
  title: 'Memory',
  async run(context) {
    const { engines, rounds } = context.options;
    const sections: Section[] = [];
    for (const engine of engines) {
      const measured: Round[] = [];
      for (let n = 0; n < rounds; n += 1) measured.push(await measureRound(context, engine));
      sections.push(sectionOf(engine, measured));
    }
    return sections;
  },
};
