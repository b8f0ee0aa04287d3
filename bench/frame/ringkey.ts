/**
 * Ringkey as it runs in production: a process of its own, started as `npm start` does, on an empty store with users. Redis, if it keeps
 * the data, is another process, with the settings that the README recommends.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { openRedisStore } from '../../src/store/redis.ts';
import type { Store } from '../../src/store/store.ts';
import { endProcess, startProcess } from '../../test/support/processes.ts';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import { recommendedSettings } from '../seed/redis-settings.ts';
import type { Meters } from './closed-loop.ts';
import { cpuSeconds, mainThreadSeconds, ownCpuSeconds, ownMemoryMib } from './process-figures.ts';
import { adminToken, appUrl, authToken, pepper, publicUrl } from './settings.ts';
import { orUndo } from './starting.ts';
import type { Engine } from './suite.ts';
import { addUsers, failuresOf, hashOfEverybody } from './users.ts';

/** The hash that all users share, to compare with: made once. */
let madeHash: ReturnType<typeof hashOfEverybody> | undefined;

function sharedHash(): ReturnType<typeof hashOfEverybody> {
  madeHash ??= hashOfEverybody(pepper);
  return madeHash;
}

export interface Ringkey {
  readonly port: number;
  readonly pid: number;
  readonly redis: RedisServer | null;
  /** Seconds of CPU: `service`, of which `main thread`; `redis`; and `caller`, this process. */
  meters(): Meters;
  memoryMib(): number;
  /** A figure of `/metrics`, by name and labels; 0 if it isn't there. */
  figure(series: string): Promise<number>;
  /** Ends the service, and looks in its store for what was charged: to each user, and to the service's budget. */
  endAndCount(): Promise<Charges>;
  /** Ends everything that is left, and removes the data. */
  remove(): Promise<void>;
}

/** As `src/services/failure-budgets.ts` names it. */
const serviceFailures = { name: 'failures:service', windowMs: 3_600_000, group: 'failures' };

export interface Charges {
  /** Failures since the last success, by user. */
  readonly ofUsers: readonly number[];
  readonly ofService: number;
}

export interface RingkeyOptions {
  readonly engine: Engine;
  readonly users: number;
  /** Where the service leaves a CPU profile when it ends; null: nowhere. */
  readonly profileFolder: string | null;
  /** More settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** More arguments for Node, before the program. */
  readonly nodeArgs?: readonly string[];
}

/** The hash that every user has, as `argon2.verify` takes it. */
export async function hashToVerify(): Promise<{ readonly digest: string; readonly secret: Buffer }> {
  const { newPin, secret } = await sharedHash();
  return { digest: newPin.hash.hash, secret };
}

export async function startRingkey({
  engine,
  users,
  profileFolder,
  env = {},
  nodeArgs = [],
}: RingkeyOptions): Promise<Ringkey> {
  const folder = makeTemporaryFolder();
  const redis = engine === 'redis' ? await startRedis({ settings: recommendedSettings }) : null;
  const openStore = async () =>
    redis === null
      ? openEmbeddedStore({ folder: join(folder, 'data'), clock: Date.now })
      : openRedisStore({ url: redis.url, clock: Date.now, onEvent: () => {} });
  const removeData = async () => {
    await redis?.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  const service = await orUndo(async () => {
    const store = await openStore();
    await fillStore(store, users);
    await store.close();
    return startService({ folder, redisUrl: redis?.url ?? null, profileFolder, env, nodeArgs });
  }, removeData);
  return {
    port: service.port,
    pid: service.pid,
    redis,
    meters: () => ({
      service: cpuSeconds(service.pid),
      'main thread': mainThreadSeconds(service.pid),
      redis: redis === null ? 0 : cpuSeconds(redis.pid),
      caller: ownCpuSeconds(),
    }),
    memoryMib: () => ownMemoryMib(service.pid),
    figure: service.figure,
    async endAndCount() {
      await service.end();
      const opened = await openStore();
      const ofUsers = await failuresOf(opened, pepper, 0, users);
      const ofService = await opened.readCounter(serviceFailures);
      await opened.close();
      return { ofUsers, ofService };
    },
    async remove() {
      await service.end();
      await removeData();
    },
  };
}

/** Makes users 0 to `count` - 1 in an empty store. */
export async function fillStore(store: Store, count: number): Promise<void> {
  await addUsers(store, pepper, (await sharedHash()).newPin, count);
}

/** A process that runs over a store that is there. */
export interface ServiceProcess {
  readonly port: number;
  readonly pid: number;
  /** A figure of `/metrics`, by name and labels; 0 if it isn't there. */
  figure(series: string): Promise<number>;
  end(): Promise<void>;
}

export interface ServiceOptions {
  /** Its own, for its log and, without Redis, the data. */
  readonly folder: string;
  readonly redisUrl: string | null;
  readonly profileFolder: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

export async function startService({
  folder,
  redisUrl,
  profileFolder,
  env,
  nodeArgs = [],
}: ServiceOptions): Promise<ServiceProcess> {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'service.log');
  const child = await startProcess(
    'env',
    [
      '-i',
      ...pairsOf({ ...settingsOf(folder, redisUrl), ...env }),
      'sh',
      '-c',
      intoFile,
      'sh',
      log,
      process.execPath,
      ...nodeArgs,
      ...programArgs(profileFolder),
    ],
    (line) => line === 'begun',
  );
  const port = await orUndo(
    () => portIn(log),
    () => endProcess(child, 'SIGKILL'),
  );
  return {
    port,
    pid: child.pid,
    async figure(series) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
    end: () => endProcess(child, 'SIGTERM'),
  };
}

/** As with a journal or a container: the log goes somewhere, and costs what writing it costs, but nobody here reads it. */
const intoFile = 'log=$1; shift; : >"$log"; echo begun; exec "$@" >"$log" 2>&1';

function programArgs(profileFolder: string | null): string[] {
  const main = ['--import', 'tsx', fileURLToPath(new URL('../../src/main.ts', import.meta.url))];
  if (profileFolder === null) return main;
  mkdirSync(profileFolder, { recursive: true });
  return ['--cpu-prof', '--cpu-prof-dir', profileFolder, ...main];
}

function settingsOf(folder: string, redisUrl: string | null): Readonly<Record<string, string>> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    PUBLIC_URL: publicUrl,
    APP_URL: appUrl,
    TWILIO_AUTH_TOKEN: authToken,
    PIN_PEPPER: pepper.toString('base64'),
    ADMIN_TOKEN: adminToken,
    ASSERTION_KEY: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
  };
}

const pairsOf = (env: Readonly<Record<string, string>>) =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

/** @throws Error with what was logged, when it doesn't listen within a minute. */
async function portIn(log: string): Promise<number> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const text = readFileSync(log, 'utf8');
    const url = /"event":"listening","url":"(http:[^"]+)"/.exec(text)?.[1];
    if (url !== undefined) return Number(new URL(url).port);
    if (text.includes("can't start")) throw new Error(text);
    await setTimeout(50);
  }
  throw new Error(`The service doesn't listen: ${readFileSync(log, 'utf8')}`);
}
