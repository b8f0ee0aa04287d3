/**
 * What a developer would otherwise take for "identifier plus secret with lockout" in Node, at the same cost of a hash: how many sign-ins a
 * second, and how many hashes are computed when many wrong secrets arrive at once.
 */
import { performance } from 'node:perf_hooks';
import { apologyMs, connectionsTo, keyIn, outcomeOf, signIn, startCall } from '../frame/caller.ts';
import { closedLoop, inTurns, type Meters, type Round } from '../frame/closed-loop.ts';
import { type HashCeiling, startHashCeiling } from '../frame/hash-ceiling.ts';
import { hashToVerify, type Ringkey, startRingkey } from '../frame/ringkey.ts';
import { type SignInServer, startFramework, startTextbook } from '../frame/sign-in-servers.ts';
import { inShort, inWords, median, percent, percentile, ratios, spreadOf } from '../frame/statistics.ts';
import type { Cell, Context, Section, Suite } from '../frame/suite.ts';
import { hashThreads } from '../frame/threads.ts';
import { extensionOf, pin } from '../frame/users.ts';

const users = 512;
const wrongAtOnce = 200;
const wrongPin = '596184';
/** Of Ringkey's default policy, of the textbook's limiter, and what the framework is given. */
const limit = 10;
const noLimit = 1_000_000_000;

/** How long the request with the secret took. */
interface SignedIn {
  readonly ms: number;
}

/** One of those that are compared. */
interface Contender {
  meters(): Meters;
  /** How many hashes it has computed. Those that are under way may be among them or not. */
  hashes(): Promise<number>;
  /** A whole sign-in. @throws Error unless it succeeds or is turned away because too many are under way. */
  signIn(slot: number, user: number): Promise<SignedIn | 'turned away'>;
  /** Has wrong secrets of a user arrive at once, one from each source: a number that calls, or an address. */
  guess(user: number, sources: readonly number[]): Promise<void>;
  /** Whether the right secret is let in from a source of its own. */
  isLetIn(user: number): Promise<boolean>;
  remove(): Promise<void>;
}

function phoneService(ringkey: Ringkey): Contender {
  const connections = connectionsTo(ringkey.port);
  return {
    meters: ringkey.meters,
    hashes: () => ringkey.figure('ringkey_hash_seconds_count'),
    async signIn(slot, user) {
      const call = await signIn(connections.of(slot), user);
      const outcome = outcomeOf(call, 'right');
      if (outcome === 'something else') throw new Error(`Who keyed the right PIN was told "${call.told}".`);
      return outcome === 'turned away' ? outcome : { ms: call.pinMs };
    },
    async guess(user, sources) {
      const guesses = await Promise.all(
        sources.map(async (source, slot) => {
          const incoming = await startCall(connections.of(slot), source);
          const asked =
            incoming.open && (await keyIn(connections.of(slot), incoming.open, extensionOf(user)));
          const open = asked?.open;
          if (!open) throw new Error('A call ended before the PIN was asked for.');
          return () => keyIn(connections.of(slot), open, wrongPin);
        }),
      );
      const heard = await Promise.all(guesses.map((guess) => guess()));
      if (heard.some(({ status, told }) => status !== 200 || told === 'in'))
        throw new Error('A wrong PIN was not answered as one.');
    },
    isLetIn: async (user) => (await signIn(connections.of(0), user)).told === 'in',
    async remove() {
      connections.close();
      await ringkey.remove();
    },
  };
}

const addressOf = (source: number) => [10, source >> 16, (source >> 8) & 255, source & 255].join('.');

function webServer(server: SignInServer): Contender {
  const connections = connectionsTo(server.port);
  const statusOf = async (slot: number, user: number, secret: string, source: number) =>
    (await server.signIn(connections.of(slot), user, secret, addressOf(source))).status;
  return {
    meters: server.meters,
    hashes: server.hashes,
    async signIn(slot, user) {
      const began = performance.now();
      const status = await statusOf(slot, user, pin, user);
      if (status !== 200) throw new Error(`The right secret was answered with ${status}.`);
      return { ms: performance.now() - began };
    },
    async guess(user, sources) {
      const statuses = await Promise.all(
        sources.map((source, slot) => statusOf(slot, user, wrongPin, source)),
      );
      const unfit = statuses.find((status) => status !== 401 && status !== 429);
      if (unfit !== undefined) throw new Error(`A wrong secret was answered with ${unfit}.`);
    },
    isLetIn: async (user) => (await statusOf(0, user, pin, user)) === 200,
    async remove() {
      connections.close();
      await server.remove();
    },
  };
}

interface Entry {
  readonly name: string;
  /** @param most how many requests one source may make, where requests are what is limited. */
  start(most: number): Promise<Contender>;
}

const entries: readonly Entry[] = [
  {
    name: 'Ringkey',
    start: async () => phoneService(await startRingkey({ engine: 'redis', users, profileFolder: null })),
  },
  { name: 'better-auth', start: async (most) => webServer(await startFramework({ users, limit: most })) },
  { name: 'textbook', start: async (most) => webServer(await startTextbook({ users, limit: most })) },
];

/** Starts all, and ends them whatever comes of the work. */
async function withAll<T>(
  most: number,
  work: (contenders: ReadonlyMap<string, Contender>) => Promise<T>,
): Promise<T> {
  const started = new Map<string, Contender>();
  try {
    for (const { name, start } of entries) started.set(name, await start(most));
    return await work(started);
  } finally {
    for (const contender of started.values()) await contender.remove();
  }
}

type SpeedRound = Round<SignedIn | 'turned away'>;

/** Takes down how many raw hashes a second there were. @returns no sign-ins. */
async function rawRound(
  ceiling: HashCeiling,
  raw: number[],
  inFlight: number,
  roundMs: number,
): Promise<SpeedRound> {
  const { perSecond: hashes } = await ceiling.round({
    inFlight: Math.min(inFlight, hashThreads),
    warmUpMs: 300,
    roundMs,
  });
  raw.push(hashes);
  return { seconds: 0, outcomes: [], spent: {} };
}

const signedIn = ({ outcomes }: SpeedRound) => outcomes.filter((outcome) => outcome !== 'turned away');

const perSecond = (round: SpeedRound) => signedIn(round).length / round.seconds;

const cpuEach = (rounds: readonly SpeedRound[], meter: string) =>
  median(rounds.map((round) => ((round.spent[meter] ?? Number.NaN) * 1000) / signedIn(round).length));

function turnedAway(rounds: readonly SpeedRound[]): string {
  const all = rounds.flatMap(({ outcomes }) => outcomes);
  return percent(all.filter((outcome) => outcome === 'turned away').length / all.length);
}

/** Raw hashes, in turns with those who sign in. */
const rawName = 'raw hashes';

async function measureSpeed(context: Context): Promise<Section> {
  const ceiling = startHashCeiling({ ...(await hashToVerify()), pin });
  try {
    return await measureBeside(context, ceiling);
  } finally {
    ceiling.end();
  }
}

async function measureBeside({ options, progress }: Context, ceiling: HashCeiling): Promise<Section> {
  const rows: Cell[][] = [];
  await withAll(noLimit, async (contenders) => {
    for (const inFlight of options.inFlight ?? [1, 8, 64]) {
      progress(`${inFlight} in flight`);
      const round = (contender: Contender) => () => {
        let begun = 0;
        return closedLoop({
          inFlight,
          warmUpMs: 500 + inFlight * 20,
          roundMs: options.roundMs,
          once(slot) {
            begun += 1;
            return contender.signIn(slot, begun % users);
          },
          restMs: (outcome) => (outcome === 'turned away' ? apologyMs : 0),
          meters: contender.meters,
        });
      };
      const raw: number[] = [];
      const measured = await inTurns(
        options.rounds,
        Object.fromEntries([
          [rawName, () => rawRound(ceiling, raw, inFlight, options.roundMs)],
          ...[...contenders].map(([name, contender]) => [name, round(contender)] as const),
        ]),
      );
      const ours = (measured[entries[0]?.name ?? ''] ?? []).map(perSecond);
      const none = Number.NaN;
      rows.push([inFlight, rawName, inWords(spreadOf(raw)), '', '', none, none, '', none, none, none, none]);
      for (const [name, rounds] of Object.entries(measured)) {
        if (name === rawName) continue;
        const latencies = rounds.flatMap(signedIn).map(({ ms }) => ms);
        rows.push([
          inFlight,
          name,
          inWords(spreadOf(rounds.map(perSecond))),
          percent(median(ratios(rounds.map(perSecond), raw))),
          inWords(spreadOf(ratios(rounds.map(perSecond), ours))),
          percentile(latencies, 0.5),
          percentile(latencies, 0.99),
          turnedAway(rounds),
          cpuEach(rounds, 'service'),
          cpuEach(rounds, 'main thread'),
          cpuEach(rounds, 'redis'),
          cpuEach(rounds, 'caller'),
        ]);
      }
    }
  });
  return {
    title: 'Sign-ins a second beside others',
    text: speedText,
    columns: [
      'in flight',
      'who',
      'sign-ins/s',
      'of raw hashes',
      'of Ringkey',
      'request with the secret p50, ms',
      'p99, ms',
      'turned away',
      'CPU ms each: service',
      'its main thread',
      'Redis',
      'caller',
    ],
    rows,
    goals: [],
  };
}

const speedText = `Argon2id with 19 MiB, two passes and one lane; a process and a Redis (\`appendonly\`) for each, in production mode; connections
are kept. Ringkey turns callers away while more hashes wait than can be computed in time; such a call stays in flight for ${apologyMs / 1000} s,
as its caller hears an apology, and the times are of the others.

- **Ringkey**: three signed webhooks to a sign-in, each a step of a stored call; counts the try before the hash; records
  the sign-in with the account; signs a statement of who is calling. It hashes on as many threads as there are cores.
- **better-auth**: one JSON request. Its plugin for names, its rate limit and its sessions in Redis; users in its store in memory, so
  it waits for no database. It limits requests by address, and has no lockout of an account. It hashes on libuv's four threads.
- **textbook**: one JSON request. \`express\`, \`argon2\` and \`rate-limiter-flexible\`, as the limiter's documentation shows for a login; users and
  sessions in Redis. It counts wrong secrets by name and address, after the hash. It hashes on libuv's four threads.`;

async function measureBursts({ options, progress }: Context): Promise<Section> {
  const kinds = [
    { sources: 'one', sourceOf: () => 0 },
    { sources: `${wrongAtOnce}`, sourceOf: (index: number) => index },
  ];
  const rows: Cell[][] = [];
  let most = 0;
  await withAll(limit, async (contenders) => {
    for (const [kind, { sources, sourceOf }] of kinds.entries()) {
      for (const [name, contender] of contenders) {
        progress(`${wrongAtOnce} wrong secrets at ${name}, sources: ${sources}`);
        const counts: number[] = [];
        let letIn = 0;
        for (let burst = 0; burst < options.rounds; burst += 1) {
          // Another user and other sources for each, so that what one burst left behind doesn't help with the next.
          const user = kind * options.rounds + burst;
          const first = 1000 * (user + 1);
          const before = await contender.hashes();
          await contender.guess(
            user,
            Array.from({ length: wrongAtOnce }, (_, index) => first + sourceOf(index)),
          );
          counts.push((await contender.hashes()) - before);
          if (await contender.isLetIn(user)) letIn += 1;
        }
        if (name === 'Ringkey') most = Math.max(most, ...counts);
        rows.push([name, sources, inWords(spreadOf(counts)), `${letIn} of ${counts.length}`]);
      }
    }
  });
  return {
    title: `${wrongAtOnce} wrong secrets at once, with a limit of ${limit}`,
    text: burstText,
    columns: ['who', 'sources', 'hashes computed', 'right secret let in afterwards'],
    rows,
    goals: [
      {
        text: 'Ringkey computes no more hashes than the limit, from wherever they come',
        met: most <= limit,
        measured: `${inShort(most)} at most`,
      },
    ],
  };
}

const burstText = `For one user, from one number or address, or each from another one. A hash that is computed for a wrong secret is a guess
that was tried. Afterwards the user comes with the right secret, from somewhere else. Ringkey locks the account, whoever guessed, so its owner
is kept out too until the lock opens; unless it is the owner's own number that calls and the policy has \`ownerGrace\`. The others
turn sources away, and let the owner in. Ringkey also turns away, and doesn't charge, who comes when more hashes wait than can be computed
in time: on a slow or busy machine it may compute fewer than the limit, and then the account isn't locked yet.`;

export const besideOthers: Suite = {
  name: 'beside-others',
  title: 'Beside others',
  async run(context) {
    return [await measureSpeed(context), await measureBursts(context)];
  },
};
