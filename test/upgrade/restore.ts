/**
 * Puts kept data back, into a folder or a Redis, and starts today's service on it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { fakeClock } from '../support/clock.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startTestService, type TestOptions, type TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { callerNumber, keptSecrets } from './kept-data.ts';

/** The folders of kept data. */
export type KeptData = '0.1.0' | 'before-schema-2';

/** When the data was left, and the tokens that it holds. */
interface Made {
  readonly at: string;
  readonly tokens: { readonly [name: string]: string };
}

/** Puts data back where a service is to find it. */
export interface Restored {
  readonly options: TestOptions & { readonly clock: ReturnType<typeof fakeClock> };
  readonly tokens: Made['tokens'];
}

/** Kept data in a folder of its own. */
export function restoreFolder(data: KeptData): Restored {
  const dataDir = temporaryFolder();
  const packed = readFileSync(pathOf(data, 'ringkey.mdb.gz'));
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'ringkey.mdb'), gunzipSync(packed), { mode: 0o600 });
  const { embedded } = madeOf(data);
  return { options: { dataDir, clock: clockOf(embedded), env: keptSecrets }, tokens: embedded.tokens };
}

/** Kept data in place of all that a Redis holds. */
export async function restoreRedis(data: KeptData, server: RedisServer): Promise<Restored> {
  await server.command('FLUSHALL');
  const lines = readFileSync(pathOf(data, 'redis.ndjson'), 'utf8').trim().split('\n');
  for (const line of lines) {
    const { key, type, value }: { key: string; type: 'hash' | 'zset'; value: string[] } = JSON.parse(line);
    if (type === 'hash') await server.command('HSET', key, ...value);
    else await server.command('ZADD', key, ...value.flatMap((member) => ['0', member]));
  }
  const { redis } = madeOf(data);
  const env = { ...keptSecrets, REDIS_URL: server.url };
  return { options: { clock: clockOf(redis), env }, tokens: redis.tokens };
}

let callers = 1000;

/** Calls, from a number that hasn't called yet, and keys these; the last words that were heard. */
export async function callAndKey(ringkey: TestService, ...keys: string[]): Promise<string> {
  callers += 1;
  const call = await ringkey.dial({ from: callerNumber(callers) });
  for (const pressed of keys) if (call.ended === null) await call.press(pressed);
  const heard = call.heard();
  await call.hangUp();
  return heard;
}

/** Starts today's service on it, does some work, and stops the service however that ends. */
export async function withRestored(
  { options }: Restored,
  use: (ringkey: TestService) => Promise<void>,
): Promise<void> {
  const ringkey = await startTestService(options);
  try {
    await use(ringkey);
  } finally {
    await ringkey.stop();
  }
}

/** A second later: nothing is due by then that wasn't when the data was left. */
function clockOf({ at }: Made) {
  return fakeClock(Date.parse(at) + 1000);
}

function madeOf(data: KeptData): { readonly embedded: Made; readonly redis: Made } {
  return JSON.parse(readFileSync(pathOf(data, 'made.json'), 'utf8'));
}

function pathOf(data: KeptData, file: string): string {
  return fileURLToPath(new URL(`${data}/${file}`, import.meta.url));
}
