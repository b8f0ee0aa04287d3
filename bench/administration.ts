/**
 * What administration costs with many users, against the same with few, and what a reset of many does to callers.
 *
 *     npm run bench:administration -- [--users 100000] [--few 1000] [--rounds 9] [--engine embedded|redis|both] [--json]
 *
 * It starts the service itself, in this process and over real HTTP, on a folder and on a Redis of its own, one after the other. What is
 * measured with few and with many users is measured in one run, so that their ratio means something on any machine. Hashes have the
 * cost of production. The table goes to standard output, progress to standard error.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { leastHashCost } from '../src/security/hasher.ts';
import { type RedisServer, startRedis } from '../test/support/redis-server.ts';
import { type Body, startTestService, type TestService } from '../test/support/service.ts';
import { describeMachine } from './frame/machine.ts';
import { ownMemoryMib } from './frame/process-figures.ts';
import { adminToken, authToken, pepper } from './frame/settings.ts';
import { type Spread, spreadOf } from './frame/statistics.ts';
import { pin } from './frame/users.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    few: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '9' },
    engine: { type: 'string', default: 'both' },
    json: { type: 'boolean', default: false },
  },
});
const number = (most: number) => z.coerce.number().int().min(1).max(most);
const options = z
  .object({
    users: number(1_000_000),
    few: number(1_000_000),
    rounds: number(1000),
    engine: z.enum(['embedded', 'redis', 'both']),
    json: z.boolean(),
  })
  .parse(values);

const engines = (['embedded', 'redis'] as const).filter(
  (engine) => options.engine === 'both' || options.engine === engine,
);

/** Sorts of users besides the many: those who are locked, those who are reset, and one who calls. */
const lockedCount = 100;
const resetCount = 100;

/** What was measured, in ms, over the rounds. */
type Measures = Readonly<Record<string, Spread>>;

interface EngineResult {
  readonly engine: string;
  readonly few: Measures;
  readonly many: Measures;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Calls the API, and stops the run where it doesn't answer with success. The tests' own way would check each answer as well. */
async function ask(
  { service, secrets }: TestService,
  method: string,
  path: string,
  body?: unknown,
): Promise<Body> {
  const response = await fetch(`${service.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${secrets.adminToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return response.headers.get('content-type')?.includes('ndjson') ? {} : JSON.parse(text);
}

const unitOf = (name: string) => `OU=${name},DC=example,DC=com`;

function userOf(n: number): Body {
  const unit = n < lockedCount ? 'Locked' : n < lockedCount + resetCount ? 'Reset' : `Unit ${n % 50}`;
  return {
    extension: String(1_000_000 + n),
    displayName: `Name ${n}`,
    email: `user${n}@example.com`,
    upn: `user${n}@corp.example.com`,
    alias: `alias-${n}`,
    sipAddress: `sip:user${n}@sip.example.com`,
    account: `CORP\\user${n}`,
    dn: `CN=User ${n},${unitOf(unit)}`,
    legacyExchangeDn: `/o=Org/ou=Unit/cn=Recipients/cn=user${n}`,
    phoneNumbers: [`+1415${String(5_000_000 + n)}`],
  };
}

/** An identity of each kind. */
function identitiesOf(id: string, n: number): Readonly<Record<string, string>> {
  const user = userOf(n);
  const kinds = [
    'extension',
    'displayName',
    'email',
    'upn',
    'alias',
    'sipAddress',
    'account',
    'dn',
    'legacyExchangeDn',
  ];
  return {
    id,
    ...Object.fromEntries(kinds.map((kind) => [kind, String(user[kind])])),
    phoneNumber: `+1415${String(5_000_000 + n)}`,
  };
}

const columns = Object.keys(userOf(0));

/** A file with as many users, as somebody would import it. */
function fileOf(users: number): string {
  const quoted = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const rows = Array.from({ length: users }, (_, n) => {
    const user = userOf(n);
    return columns.map((column) => quoted([user[column]].flat().join(' '))).join(',');
  });
  return [columns.join(','), ...rows].join('\n');
}

/** Imports as many users. How long that took, and by how many MiB the process grew meanwhile, at most; the file is one part of that. */
async function seed({ service, secrets }: TestService, users: number) {
  const body = fileOf(users);
  const before = ownMemoryMib(process.pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, ownMemoryMib(process.pid));
  }, 50);
  let answer = '';
  const ms = await timeOf(async () => {
    const response = await fetch(`${service.url}/api/v1/users/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secrets.adminToken}`, 'content-type': 'text/csv' },
      body,
    });
    answer = await response.text();
  });
  clearInterval(watch);
  if (!answer.includes(`"created":${users}`)) throw new Error(`The import ended with ${answer.slice(-500)}`);
  return { ms, grownMib: peak - before, fileMib: Buffer.byteLength(body) / 2 ** 20 };
}

/** One call of a user whose number is known: how long the step took in which the PIN was keyed. */
async function timeCall(ringkey: TestService, from: string): Promise<number> {
  const call = await ringkey.dial({ from });
  const took = await timeOf(() => call.press(`${pin}#`));
  if (!/signed in/i.test(call.heard())) throw new Error(`A caller was told: ${call.heard()}`);
  await call.hangUp();
  return took;
}

/** How long one hash takes, as the service computes it: without a queue, with its peppers. */
async function timeHashes(ringkey: TestService, rounds: number): Promise<number[]> {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = await ringkey.figure('ringkey_hash_seconds_sum');
    await ask(ringkey, 'POST', `/users/${userOf(lockedCount + resetCount).extension}/pin/reset`, {
      pin,
      pinExpired: false,
    });
    times.push(((await ringkey.figure('ringkey_hash_seconds_sum')) - before) * 1000);
  }
  return times;
}

async function measure(ringkey: TestService, users: number): Promise<Measures> {
  const times: Record<string, number[]> = {};
  const note = (name: string, ms: number) => {
    times[name] = [...(times[name] ?? []), ms];
  };
  console.error(`  ${users} users: seeding`);
  const imported = await seed(ringkey, users);
  note('import a user, all ten kinds of identity', imported.ms / users);
  note('memory of the import (MiB)', imported.grownMib);
  note('size of its file (MiB)', imported.fileMib);

  const rounds = Array.from({ length: options.rounds }, (_, round) => round);
  const locked = { filter: { ou: unitOf('Locked') }, expectedCount: lockedCount };
  console.error('    lists, look-ups and changes of many');
  for (const round of rounds) {
    await ask(ringkey, 'POST', '/pins/lock', locked);
    note(
      `list ${lockedCount} who are locked`,
      await timeOf(() => ask(ringkey, 'GET', '/users?lockedOut=true&limit=1000')),
    );
    note(
      `unlock ${lockedCount} who are locked`,
      await timeOf(() => ask(ringkey, 'POST', '/pins/unlock', { ...locked, filter: { lockedOut: true } })),
    );
    note('list the first 100', await timeOf(() => ask(ringkey, 'GET', '/users?limit=100')));
    // Nothing but a look at each user finds those of a unit.
    note(
      `list ${lockedCount} of a unit (looks at each user)`,
      await timeOf(() => ask(ringkey, 'GET', `/users?limit=1000&ou=${encodeURIComponent(unitOf('Locked'))}`)),
    );
    const n = Math.floor(((round + 0.5) / rounds.length) * users);
    const { id } = await ask(ringkey, 'GET', `/users/${userOf(n).extension}`);
    for (const [kind, identity] of Object.entries(identitiesOf(String(id), n))) {
      note(
        `find by ${kind}`,
        await timeOf(() => ask(ringkey, 'GET', `/users/${encodeURIComponent(identity)}`)),
      );
    }
    note("read a PIN's status", await timeOf(() => ask(ringkey, 'GET', `/users/${userOf(n).extension}/pin`)));
  }

  console.error('    callers, alone, while users are searched, and while PINs are reset');
  const from = identitiesOf('', lockedCount + resetCount).phoneNumber ?? '';
  for (const ms of await timeHashes(ringkey, options.rounds)) note('one hash', ms);
  for (const _round of rounds) note("a caller's PIN", await timeCall(ringkey, from));
  let isSearched = true;
  const search = (async () => {
    while (isSearched) await ask(ringkey, 'GET', '/users?q=nobody');
  })();
  for (const _round of rounds)
    note("a caller's PIN while all users are searched", await timeCall(ringkey, from));
  isSearched = false;
  await search;
  let isReset = false;
  const reset = timeOf(() =>
    ask(ringkey, 'POST', '/pins/reset', {
      filter: { ou: unitOf('Reset') },
      expectedCount: resetCount,
      reveal: true,
    }),
  ).finally(() => {
    isReset = true;
  });
  while (!isReset) note(`a caller's PIN while ${resetCount} are reset`, await timeCall(ringkey, from));
  note(`reset one of ${resetCount}, beside callers`, (await reset) / resetCount);
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, spreadOf(all)]));
}

async function measureOn(redis: RedisServer | null, users: number): Promise<Measures> {
  await redis?.command('FLUSHALL');
  const env = { LOG_LEVEL: 'warn', ...(redis === null ? {} : { REDIS_URL: redis.url, ...redisSecrets }) };
  const ringkey = await startTestService({ env, hashCost: leastHashCost });
  try {
    return await measure(ringkey, users);
  } finally {
    await ringkey.stop();
  }
}

/** With Redis there is no folder of its own where they would be made. */
const redisSecrets = {
  PIN_PEPPER: pepper.toString('base64'),
  TWILIO_AUTH_TOKEN: authToken,
  ADMIN_TOKEN: adminToken,
};

function table({ engine, few, many }: EngineResult): string {
  const ms = (value: number) => value.toFixed(value < 10 ? 2 : 1);
  const cell = ({ median, least, most }: Spread) => `${ms(median)} (${ms(least)}–${ms(most)})`;
  const hash = many['one hash']?.median ?? Number.NaN;
  const rows = Object.entries(many).flatMap(([name, ofMany]) => {
    const ofFew = few[name];
    if (ofFew === undefined) return [];
    const ratio = (ofMany.median / ofFew.median).toFixed(2);
    const inHashes = name.startsWith('a caller')
      ? `${(ofMany.median / hash).toFixed(2)} (≤ ${(ofMany.most / hash).toFixed(2)})`
      : '';
    return [`| ${[name, cell(ofFew), cell(ofMany), ratio, inHashes].join(' | ')} |`];
  });
  return [
    `### ${engine}`,
    '',
    `| ms: median (least–most) | ${options.few} users | ${options.users} users | ratio | in hashes |`,
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const results: EngineResult[] = [];
for (const engine of engines) {
  console.error(engine);
  const redis = engine === 'redis' ? await startRedis() : null;
  try {
    const few = await measureOn(redis, options.few);
    const result = { engine, few, many: await measureOn(redis, options.users) };
    results.push(result);
    if (!options.json) console.log(table(result));
  } finally {
    await redis?.remove();
  }
}
const date = new Date().toISOString().slice(0, 10);
const machine = describeMachine();
if (options.json) console.log(JSON.stringify({ date, machine, options, results }, null, 2));
else {
  const { cpu, cores, memoryGib, node, redis } = machine;
  console.log(
    `${date}: ${cpu}, ${cores} cores, ${memoryGib} GiB, Node ${node}, Redis ${redis}; ${options.rounds} rounds.`,
  );
}
