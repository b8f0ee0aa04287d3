/**
 * What many accounts cost: the store's part of a sign-in, the list of who is locked, and a look-up by each kind of identity, with a
 * thousand accounts and with a million; and how many bytes an account takes.
 *
 * Services on stores of each size run side by side and are measured in turns, call by call, so that what else the machine does meets
 * all of them.
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { IdentityKind } from '../../src/core/identity.ts';
import { openLmdbFile } from '../../src/store/lmdb-file.ts';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import type { RingkeyProcess } from '../../test/support/ringkey-process.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { inShort, median, percentile } from '../frame/statistics.ts';
import type { Cell, Context, Engine, Goal, Plot, Section, Suite } from '../frame/suite.ts';
import { pin } from '../frame/users.ts';
import { fullyNamedEvery, namesOf } from '../seed/people.ts';
import { accountMaking, readFigures, startInProduction } from '../seed/production.ts';
import { recommendedSettings } from '../seed/redis-settings.ts';
import { loadIntoFolder, loadIntoRedis, makeDump } from '../seed/seed.ts';

const sizes = [1000, 100_000, 1_000_000];

/** The same number everywhere: a list costs what is on it. */
const lockedCount = 100;

/** How often each is measured in a round. A look-up is one by each kind. */
const perRound = { signIns: 20, lookUps: 40, lists: 20 };

/** What may lie between the most accounts and the fewest. */
const allowedRatio = 1.5;

/** A dump of so many accounts, made at `now` (Unix ms). */
interface Seed {
  readonly count: number;
  readonly dump: string;
  readonly now: number;
}

/** A service over a store with so many accounts, and what was measured of it: for each piece of work, times in ms. */
interface Subject {
  readonly count: number;
  readonly ringkey: RingkeyProcess;
  readonly times: Map<string, number[]>;
}

/** Bytes for each account, by what was weighed and the number of accounts. */
interface Weight {
  readonly what: string;
  readonly count: number;
  readonly bytes: number;
}

const signIn = 'a sign-in: time in the store';
const list = `list the ${lockedCount} who are locked`;
const lookUp = (kind: string) => `look up by ${kind}`;
const memoryOfRedis = 'Redis: memory';
const fileOfRedis = 'Redis: append-only file, rewritten';
const titles = { embedded: 'On the folder', redis: 'On Redis' } as const;

export const size: Suite = {
  name: 'size',
  title: 'Size: from a thousand accounts to a million',
  async run(context) {
    const { options, progress } = context;
    const folder = makeTemporaryFolder();
    try {
      const making = await accountMaking();
      const seeds: Seed[] = [];
      for (const count of options.accounts ?? sizes) {
        progress(`makes ${count} accounts`);
        const dump = join(folder, `dump-${count}`);
        await makeDump(dump, count, making);
        seeds.push({ count, dump, now: making.now });
      }
      const sections: Section[] = [];
      const weights: Weight[] = [];
      for (const engine of options.engines) {
        const measured = await measureOn(engine, seeds, folder, context);
        sections.push(timesOf(engine, measured.subjects));
        weights.push(...measured.weights);
      }
      return [...sections, weightsOf(weights)];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureOn(
  engine: Engine,
  seeds: readonly Seed[],
  folder: string,
  { options, progress }: Context,
): Promise<{ readonly subjects: readonly Subject[]; readonly weights: readonly Weight[] }> {
  const weights: Weight[] = [];
  const subjects: Subject[] = [];
  const servers: RedisServer[] = [];
  try {
    for (const [index, seed] of seeds.entries()) {
      const { count } = seed;
      progress(`${engine}: loads ${count} accounts`);
      const data = join(folder, `${engine}-${count}`);
      mkdirSync(data, { recursive: true });
      const env: Record<string, string> = {};
      if (engine === 'embedded') {
        await loadIntoFolder(seed.dump, data);
        weights.push(...(await weighFolder(data, count)));
      } else {
        const server = await startRedis({ settings: ['--appendonly', 'no', ...recommendedSettings] });
        servers.push(server);
        env.REDIS_URL = server.url;
        weights.push(...(await loadAndWeigh(server, seed)));
        if (index === 1) weights.push(await weighWithDefaults(seed));
      }
      const subject = { count, ringkey: await startInProduction(data, env), times: new Map() };
      subjects.push(subject);
      for (let n = 0; n < lockedCount; n += 1)
        await ask(subject, `/users/${extensionOf(n)}/pin`, { lockedOut: true });
    }
    for (let round = 1; round <= options.rounds; round += 1) {
      progress(`${engine}: round ${round} of ${options.rounds}`);
      await measureRound(subjects);
    }
    return { subjects, weights };
  } finally {
    for (const { ringkey } of subjects) await ringkey.end();
    for (const server of servers) await server.remove();
    for (const { count } of seeds)
      rmSync(join(folder, `${engine}-${count}`), { recursive: true, force: true });
  }
}

async function measureRound(subjects: readonly Subject[]): Promise<void> {
  for (let sample = 0; sample < perRound.signIns; sample += 1) {
    for (const subject of subjects) note(subject, signIn, await storeTimeOfSignIn(subject));
  }
  for (let sample = 0; sample < perRound.lookUps; sample += 1) {
    for (const subject of subjects) {
      for (const [kind, ms] of await timeLookUps(subject)) note(subject, lookUp(kind), ms);
    }
  }
  for (let sample = 0; sample < perRound.lists; sample += 1) {
    for (const subject of subjects) note(subject, list, await timeList(subject));
  }
}

function note({ times }: Subject, what: string, ms: number): void {
  const noted = times.get(what) ?? [];
  noted.push(ms);
  times.set(what, noted);
}

/** Makes a whole call. How long its store operations took, added up. */
async function storeTimeOfSignIn({ count, ringkey }: Subject): Promise<number> {
  const n = lockedCount + Math.floor(Math.random() * (count - lockedCount));
  // A look at the figures asks the store too, whether the service is ready. What that takes is between any two looks.
  const atFirst = await storeSeconds(ringkey);
  const before = await storeSeconds(ringkey);
  const ofLooking = before - atFirst;
  const call = await ringkey.dial({ from: '+15005550006' });
  await call.press(`${extensionOf(n)}#`);
  await call.press(`${pin}#`);
  if (!/signed in/i.test(call.heard())) throw new Error(`A caller was told: ${call.heard()}`);
  await call.hangUp();
  return ((await storeSeconds(ringkey)) - before - ofLooking) * 1000;
}

async function storeSeconds({ url }: RingkeyProcess): Promise<number> {
  return (await readFigures(url, ['ringkey_store_seconds_sum'])).ringkey_store_seconds_sum;
}

/** Looks somebody up who has an identity of every kind, by each of them and by the account's id. */
async function timeLookUps(subject: Subject): Promise<ReadonlyMap<IdentityKind | 'id', number>> {
  const n = Math.floor((Math.random() * subject.count) / fullyNamedEvery) * fullyNamedEvery;
  const { id } = await ask(subject, `/users/${extensionOf(n)}`);
  const names = new Map<IdentityKind | 'id', string>([['id', String(id)], ...namesOf(n)]);
  const times = new Map<IdentityKind | 'id', number>();
  for (const [kind, name] of names) {
    const began = performance.now();
    const found = await ask(subject, `/users/${encodeURIComponent(name)}`);
    times.set(kind, performance.now() - began);
    if (found.id !== id) throw new Error(`By ${kind}, somebody else was found.`);
  }
  return times;
}

async function timeList(subject: Subject): Promise<number> {
  const began = performance.now();
  const { users } = await ask(subject, '/users?lockedOut=true&limit=1000');
  const ms = performance.now() - began;
  if (!Array.isArray(users) || users.length !== lockedCount)
    throw new Error('The locked were not all listed.');
  return ms;
}

/** Reads, or changes. */
async function ask({ ringkey }: Subject, path: string, change?: Readonly<Record<string, unknown>>) {
  const method = change === undefined ? 'GET' : 'PATCH';
  const { status, body, text } = await ringkey.api(method, path, change);
  if (status >= 300) throw new Error(`${method} ${path}: ${text}`);
  return body;
}

function extensionOf(n: number): string {
  return namesOf(n).get('extension') ?? '';
}

interface LmdbStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

async function weighFolder(folder: string, count: number): Promise<Weight[]> {
  const path = join(folder, 'ringkey.mdb');
  const root = openLmdbFile(path);
  const inUse = ['documents', 'indexes', 'expiries'].map((name) => {
    // Its types say nothing of what it holds.
    const stats = root.openDB({ name }).getStats() as LmdbStats;
    const pages = stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
    return { what: `folder: pages of ${name}`, count, bytes: (pages * stats.pageSize) / count };
  });
  await root.close();
  return [{ what: 'folder: the file', count, bytes: statSync(path).size / count }, ...inUse];
}

/** Loads a Redis that keeps no file, and then has it write one at once, as it does when it rewrites it. */
async function loadAndWeigh(server: RedisServer, seed: Seed): Promise<Weight[]> {
  const memory = await weighMemory(server, seed);
  await server.command('CONFIG', 'SET', 'appendonly', 'yes');
  while (await isRewriting(server)) await pause(100);
  const { count } = seed;
  const bytes = (await numberIn(server, 'persistence', 'aof_current_size')) / count;
  return [
    { what: memoryOfRedis, count, bytes: memory },
    { what: fileOfRedis, count, bytes },
  ];
}

async function weighWithDefaults(seed: Seed): Promise<Weight> {
  const server = await startRedis({ settings: ['--appendonly', 'no'] });
  try {
    const bytes = await weighMemory(server, seed);
    return { what: "Redis: memory, with Redis's own settings", count: seed.count, bytes };
  } finally {
    await server.remove();
  }
}

async function weighMemory(server: RedisServer, { dump, count, now }: Seed): Promise<number> {
  const empty = await numberIn(server, 'memory', 'used_memory');
  await loadIntoRedis(dump, server.port, now);
  return ((await numberIn(server, 'memory', 'used_memory')) - empty) / count;
}

async function isRewriting(server: RedisServer): Promise<boolean> {
  const states = ['aof_rewrite_in_progress', 'aof_rewrite_scheduled'];
  return (await Promise.all(states.map((state) => numberIn(server, 'persistence', state)))).some(
    (on) => on > 0,
  );
}

async function numberIn(server: RedisServer, section: string, name: string): Promise<number> {
  const info = String(await server.command('INFO', section));
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
}

function timesOf(engine: Engine, subjects: readonly Subject[]): Section {
  const [few] = subjects;
  const many = subjects.at(-1);
  if (few === undefined || many === undefined) throw new Error('Nothing was measured.');
  const title = titles[engine];
  const works = [...few.times.keys()];
  const middle = ({ times }: Subject, what: string) => median(times.get(what) ?? []);
  const ratioOf = (what: string) => middle(many, what) / middle(few, what);
  const cell = ({ times }: Subject, what: string) => {
    const all = times.get(what) ?? [];
    const [low, high] = [percentile(all, 0.25), percentile(all, 0.75)].map(inShort);
    return `${inShort(median(all))} (${low}–${high})`;
  };
  const goal = (text: string, whats: readonly string[]): Goal => {
    const worst = Math.max(...whats.map(ratioOf));
    return {
      text: `${title}, ${text} takes at most ${allowedRatio} times as long with ${inShort(many.count)} accounts as with ${inShort(few.count)}`,
      met: worst <= allowedRatio,
      measured: `${inShort(worst)} times`,
    };
  };
  return {
    title,
    text: 'Milliseconds: the median, and in brackets the middle half of what was measured.',
    columns: ['', ...subjects.map(({ count }) => `${inShort(count)} accounts`), 'ratio'],
    rows: works.map((what) => [
      what,
      ...subjects.map((subject) => cell(subject, what)),
      inShort(ratioOf(what)),
    ]),
    goals: [
      goal('the store time of a sign-in', [signIn]),
      goal('a list of who is locked', [list]),
      goal(
        'the look-up that grows most',
        works.filter((what) => what.startsWith(lookUp(''))),
      ),
    ],
    plots: [plotOf(engine, subjects, middle)],
  };
}

function plotOf(
  engine: Engine,
  subjects: readonly Subject[],
  middle: (subject: Subject, what: string) => number,
): Plot {
  const line = (name: string, what: string) => ({
    name,
    points: subjects.map((subject): [number, number] => [subject.count, middle(subject, what)]),
  });
  return {
    name: `size-${engine}`,
    title: `${titles[engine]}: time by number of accounts`,
    xLabel: 'accounts',
    yLabel: 'ms',
    xScale: 'log2',
    series: [line('sign-in', signIn), line('who is locked', list), line('look-up', lookUp('extension'))],
  };
}

function weightsOf(weights: readonly Weight[]): Section {
  const counts = [...new Set(weights.map(({ count }) => count))].sort((a, b) => a - b);
  const bytesOf = (what: string, count: number): Cell => {
    const weight = weights.find((one) => one.what === what && one.count === count);
    return weight === undefined ? '' : Math.round(weight.bytes);
  };
  /** With the most accounts; none where it wasn't weighed. */
  const figureOf = (name: string, what: string) => {
    const bytes = weights.findLast((weight) => weight.what === what)?.bytes;
    return bytes === undefined ? {} : { [name]: bytes };
  };
  return {
    title: 'Bytes for each account',
    text: [
      'Each account has a PIN, and two records in the audit trail: that it was made, and that it was given the PIN. One in ten has an',
      'identity of every kind; the others have an extension, a name, an address and a telephone number. Redis runs with the settings',
      'that [scaling.md](scaling.md) recommends, unless it says otherwise.',
    ].join('\n'),
    columns: ['bytes', ...counts.map((count) => `${inShort(count)} accounts`)],
    rows: [...new Set(weights.map(({ what }) => what))].map((what) => [
      what,
      ...counts.map((count) => bytesOf(what, count)),
    ]),
    goals: [],
    figures: {
      ...figureOf('memoryBytes', memoryOfRedis),
      ...figureOf('fileBytes', fileOfRedis),
    },
  };
}
