import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualCall } from '../support/manual-call.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { type RingkeyProcess, startRingkey } from '../support/ringkey-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const redis = useRedis('node');
const publicUrl = 'https://pin.example.com';
const pin = '596183';

/** Two processes on one Redis; what one begins the other may go on with. */
let one: RingkeyProcess;
let two: RingkeyProcess;

const settings = (more: Readonly<Record<string, string>> = {}) => ({
  ...redis.settings(),
  PUBLIC_URL: publicUrl,
  ASSERTION_KEY: assertionKey,
  DATA_DIR: '/nonexistent/ringkey',
  CALLER_FAILURES_PER_HOUR: '1000',
  ...more,
});

/** A key for these tests alone (openssl genpkey -algorithm ed25519, DER in base64). */
const assertionKey = 'MC4CAQAwBQYDK2VwBCIEIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';

beforeAll(async () => {
  one = await startRingkey(settings());
  two = await startRingkey(settings());
});
afterAll(async () => {
  await Promise.all([one.end(), two.end()]);
});

const call = (from?: string) => manualCall(publicUrl, redis.settings().TWILIO_AUTH_TOKEN ?? '', from);
const status = async (id: string) => (await one.api('GET', `/users/${id}/pin`)).body;

async function addUser(extension: string, pinExpired = false): Promise<string> {
  const { body } = await one.api('POST', '/users', { extension });
  await two.api('POST', `/users/${body.id}/pin/reset`, { pin, pinExpired });
  return String(body.id);
}

async function hashes({ url }: RingkeyProcess): Promise<number> {
  const figures = await (await fetch(`${url}/metrics`)).text();
  return Number(/^ringkey_hash_seconds_count (\d+)/m.exec(figures)?.[1] ?? 0);
}

describe('two processes on one Redis', () => {
  it('take turns within one call, forced change included', async () => {
    await addUser('4101', true);
    const turns = call();
    expect((await turns.start(one.url)).body).toMatch(/extension/);
    expect((await turns.key(two.url, '4101')).body).toMatch(/PIN/);
    expect((await turns.key(one.url, pin)).body).toMatch(/new PIN/);
    expect((await turns.key(two.url, '740296')).body).toMatch(/once more/);
    expect((await turns.key(one.url, '740296')).body).toMatch(/changed.*signed in/);
    expect((await turns.key(two.url, '1')).body).toMatch(/first sign-in/);
  });

  it('answer a webhook that reaches both the same, and charge it once', async () => {
    const id = await addUser('4102');
    const twice = call();
    await twice.start(one.url);
    await twice.key(one.url, '4102');
    const before = (await hashes(one)) + (await hashes(two));
    const [first, second] = await Promise.all([twice.key(one.url, '111111'), twice.key(two.url, '111111')]);
    expect(first.body).toBe(second.body);
    expect(first.body).toMatch(/do not match/);
    expect((await hashes(one)) + (await hashes(two)) - before).toBe(1);
    expect(await status(id)).toMatchObject({ failedAttempts: 1 });
  });

  it('compute at most maxLogonAttempts hashes for 200 simultaneous wrong PINs on one extension, and lock it', async () => {
    const id = await addUser('4103');
    const calls = Array.from({ length: 200 }, (_, n) => ({
      made: call(`+1555128${1000 + n}`),
      url: n % 2 === 0 ? one.url : two.url,
    }));
    for (const { made, url } of calls) {
      await made.start(url);
      await made.key(url, '4103');
    }
    const before = (await hashes(one)) + (await hashes(two));
    const answers = await Promise.all(calls.map(({ made, url }, n) => made.key(url, String(100_000 + n))));
    const computed = (await hashes(one)) + (await hashes(two)) - before;
    expect(computed).toBeLessThanOrEqual(10);
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    const wrong = answers.filter(({ body }) => /do not match/.test(body));
    const others = answers.filter((answer) => !wrong.includes(answer));
    expect(wrong.length).toBeLessThan(10);
    // A machine that is slow at the moment turns some away before they are charged, and some with an apology after that.
    for (const { body } of others) expect(body).toMatch(/locked|Many people|technical problem/);
    const apologies = others.filter(({ body }) => /technical problem/.test(body)).length;
    const { lockedOut, failedAttempts } = await status(id);
    expect(lockedOut).toBe(true);
    expect(failedAttempts).toBeGreaterThanOrEqual(computed);
    expect(failedAttempts).toBeLessThanOrEqual(Math.min(10, computed + apologies));
  });

  it('leave an attempt charged, and ask again, when the process that verified it was killed', async () => {
    const id = await addUser('4104');
    const slow = await startRingkey(settings({ HASH_MEMORY_KIB: '524288', HASH_PASSES: '8' }));
    try {
      // A hash made at this cost is slow to verify anywhere.
      await slow.api('POST', `/users/${id}/pin/reset`, { pin, pinExpired: false });
      const cut = call('+15551290001');
      await cut.start(slow.url);
      await cut.key(slow.url, '4104');
      const broken = cut.key(slow.url, pin).catch(() => 'broken off');
      const charged = async () => (await status(id)).failedAttempts === 1;
      while (!(await charged()));
      await slow.end('SIGKILL');
      expect(await broken).toBe('broken off');
      const before = await hashes(two);
      const repeated = await cut.key(two.url, pin);
      expect(repeated.body).toMatch(/Gather/);
      expect(repeated.body).not.toMatch(/signed in/);
      expect((await hashes(two)) - before).toBe(0);
      expect(await status(id)).toMatchObject({ failedAttempts: 1 });
    } finally {
      await slow.end('SIGKILL');
    }
  });
});

describe('Redis gone', () => {
  it('stopped during a call: every webhook is answered in time with an apology, nobody gets in, and it works again after', async () => {
    await addUser('4105');
    const ringing = call();
    await ringing.start(one.url);
    await ringing.key(one.url, '4105');
    const [server] = redis.nodes();
    await server?.stop();

    const began = Date.now();
    const late = call();
    const answers = await Promise.all([ringing.key(one.url, pin), late.start(one.url), late.start(two.url)]);
    expect(Date.now() - began).toBeLessThan(5000);
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
      expect(answer.body).toMatch(/sorry.*<Hangup\/>/is);
    }
    expect((await one.api('GET', '/users/4105/pin')).body).toMatchObject({
      status: 503,
      code: 'store_unavailable',
    });
    expect((await fetch(`${one.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${one.url}/healthz`)).status).toBe(200);

    await server?.restart();
    const ready = async () => (await fetch(`${one.url}/readyz`)).ok && (await fetch(`${two.url}/readyz`)).ok;
    while (!(await ready()));
    const next = call();
    await next.start(one.url);
    await next.key(two.url, '4105');
    expect((await next.key(one.url, pin)).body).toMatch(/signed in/);
  });
});

describe('kill -9 right after an answer, on Redis with appendonly', () => {
  it('loses no lock, no count and no changed PIN, of the service or of Redis', async () => {
    const id = await addUser('4106', true);
    const process = await startRingkey(settings({ DATA_DIR: temporaryFolder() }));
    const changing = call('+15551290002');
    await changing.start(process.url);
    await changing.key(process.url, '4106');
    await changing.key(process.url, pin);
    await changing.key(process.url, '740296');
    expect((await changing.key(process.url, '740296')).body).toMatch(/changed/);
    const wrong = call('+15551290003');
    await wrong.start(process.url);
    await wrong.key(process.url, '4106');
    expect((await wrong.key(process.url, '111111')).body).toMatch(/do not match/);
    await process.end('SIGKILL');
    const [server] = redis.nodes();
    await server?.kill9();
    await server?.restart();
    while (!(await fetch(`${one.url}/readyz`)).ok);
    expect(await status(id)).toMatchObject({ failedAttempts: 1, pinExpired: false, firstTimeUser: false });
    const after = call('+15551290004');
    await after.start(one.url);
    await after.key(one.url, '4106');
    expect((await after.key(one.url, '740296')).body).toMatch(/signed in/);
  });
});
