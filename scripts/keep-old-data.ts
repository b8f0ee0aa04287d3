/**
 * Makes data with an older version of Ringkey, to be kept for the tests of upgrading:
 *   git worktree add --detach /tmp/old COMMIT && (cd /tmp/old && npm ci)
 *   npx tsx scripts/keep-old-data.ts /tmp/old test/upgrade/VERSION
 * The old version runs as a process of its own, and is used by its API and by telephone.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Call, dial } from '../src/phone/dial.ts';
import { endProcess, startProcess } from '../test/support/processes.ts';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { makeTemporaryFolder } from '../test/support/temporary-folder.ts';
import {
  callerNumber,
  commonPin,
  keptSecrets,
  keptUsers,
  nobodysExtension,
  pinsOfAda,
} from '../test/upgrade/kept-data.ts';

const [checkout, target] = process.argv.slice(2);
if (checkout === undefined || target === undefined) {
  process.stderr.write('Usage: npx tsx scripts/keep-old-data.ts CHECKOUT FOLDER\n');
  process.exit(2);
}
mkdirSync(target, { recursive: true });

const dataDir = makeTemporaryFolder();
const made = await use(checkout, { DATA_DIR: dataDir });
writeFileSync(join(target, 'ringkey.mdb.gz'), gzipSync(readFileSync(join(dataDir, 'ringkey.mdb'))));

const redis = await startRedis();
const madeInRedis = await use(checkout, { DATA_DIR: makeTemporaryFolder(), REDIS_URL: redis.url });
writeFileSync(join(target, 'redis.ndjson'), await dump(redis));
await redis.remove();

const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: checkout, encoding: 'utf8' }).trim();
const facts = { commit, embedded: made, redis: madeInRedis };
writeFileSync(join(target, 'made.json'), `${JSON.stringify(facts, null, 2)}\n`);

/** Starts the old version, fills it, and ends it. Returns when that was, and the tokens that it made. */
async function use(folder: string, env: Readonly<Record<string, string>>) {
  let url = '';
  const main = ['--import', 'tsx', 'src/main.ts'];
  // A mail server that isn't there, so that mails wait.
  const settings = {
    ...keptSecrets,
    PORT: '0',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'pin@example.com',
  };
  const pairs = Object.entries({ ...settings, ...env }).map(([name, value]) => `${name}=${value}`);
  const old = await startProcess(
    'env',
    ['-i', '-C', resolve(folder), `PATH=${process.env.PATH}`, ...pairs, process.execPath, ...main],
    (line) => {
      if (line.includes('"listening"')) url = JSON.parse(line).url;
      return url !== '';
    },
  );
  const tokens = await fill(url);
  await endProcess(old, 'SIGTERM');
  return { at: new Date().toISOString(), tokens };
}

async function fill(url: string): Promise<Readonly<Record<string, string>>> {
  const api = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${keptSecrets.ADMIN_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  let callers = 0;
  const call = async (...keys: string[]): Promise<Call> => {
    callers += 1;
    const authToken = keptSecrets.TWILIO_AUTH_TOKEN;
    const from = callerNumber(callers);
    const origin = new URL(url);
    const made = await dial({ url, publicUrl: `http://localhost:${origin.port}`, authToken, from });
    for (const pressed of keys) if (made.ended === null) await made.press(pressed);
    await made.hangUp();
    return made;
  };
  const guess = async (extension: string, times: number) => {
    for (let tried = 0; tried < times; tried += 1) await call(`${extension}#`, `59263${tried}#`);
  };

  const tokens = await administer(api);
  for (const { user, pin } of keptUsers) {
    await api('POST', '/users', user);
    const pinExpired = user.extension === '1004';
    if (pin !== null) await api('POST', `/users/${user.extension}/pin/reset`, { pin, pinExpired });
  }
  const [first, second, third] = pinsOfAda;
  await call('1001#', `${first}#`, '2', `${first}#`, `${second}#`, `${second}#`);
  await call('1001#', `${second}#`, '2', `${second}#`, `${third}#`, `${third}#`);
  await guess('1002', 10);
  await api('PATCH', '/users/1003/pin', { lockedOut: true });
  for (const extension of ['1005', '1008', '1009']) await call(`${extension}#`, `${commonPin}#`);
  await guess('1010', 3);
  await guess(nobodysExtension, 4);
  return tokens;
}

type Api = (method: string, path: string, body?: unknown) => Promise<Readonly<Record<string, unknown>>>;

/** Policies and tokens, where the version has them. */
async function administer(api: Api): Promise<Readonly<Record<string, string>>> {
  try {
    await api('GET', '/policies');
  } catch {
    return {};
  }
  await api('PUT', '/policies/sales', { historyCount: 9, units: ['OU=Sales,DC=example,DC=com'] });
  await api('PUT', '/policies/default', { maxLogonAttempts: 9, logonFailuresBeforePinReset: 3 });
  const make = (body: unknown) => api('POST', '/tokens', body);
  const viewer = await make({ name: 'viewer', role: 'viewer' });
  const scope = 'OU=Sales,DC=example,DC=com';
  const sales = await make({ name: 'sales', role: 'helpdesk', scope });
  const revoked = await make({ name: 'revoked', role: 'admin' });
  await api('DELETE', `/tokens/${String(revoked.id)}`);
  return { viewer: String(viewer.token), sales: String(sales.token), revoked: String(revoked.token) };
}

/** Every key and its value, a line each. When Redis would clear it away is left out: Ringkey goes by its own clock. */
async function dump(server: RedisServer): Promise<string> {
  const names = (await server.command('KEYS', 'ringkey:*')) as string[];
  const lines = await Promise.all(
    names.sort().map(async (key) => {
      const type = await server.command('TYPE', key);
      if (type === 'hash') return { key, type, value: await server.command('HGETALL', key) };
      if (type === 'zset') return { key, type, value: await server.command('ZRANGE', key, '0', '-1') };
      return null;
    }),
  );
  return lines.flatMap((line) => (line === null ? [] : [`${JSON.stringify(line)}\n`])).join('');
}
