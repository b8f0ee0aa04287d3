import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendWebhook } from '../../src/phone/webhook-client.ts';
import { type RingkeyProcess, runRingkey, startRingkey } from '../support/ringkey-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function start(
  env: Readonly<Record<string, string>> & { readonly DATA_DIR: string },
): Promise<RingkeyProcess> {
  const ringkey = await startRingkey(env);
  onTestFinished(() => ringkey.end('SIGKILL'));
  return ringkey;
}

describe('starting with nothing set', () => {
  it('makes the secrets, keeps them for the owner alone, and uses them again', async () => {
    const folder = temporaryFolder();
    const first = await start({ DATA_DIR: folder });
    const names = ['admin-token', 'assertion-key', 'pin-pepper', 'twilio-auth-token'];
    const read = () => names.map((name) => readFileSync(join(folder, 'secrets', name), 'utf8'));
    expect(readdirSync(join(folder, 'secrets')).sort()).toEqual(names);
    for (const name of names) expect(statSync(join(folder, 'secrets', name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    const secrets = read();
    await first.end();
    expect(first.child.exitCode).toBe(0);
    await start({ DATA_DIR: folder });
    expect(read()).toEqual(secrets);
  });

  it('is healthy, ready, and shows its figures and its public key', async () => {
    const { url } = await start({ DATA_DIR: temporaryFolder() });
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('ringkey_hash_seconds_count');
    const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: object[] };
    expect(keys).toEqual([expect.objectContaining({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })]);
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });
});

describe('what stops the start', () => {
  it('names everything that is missing in production at once, and makes nothing up', async () => {
    const folder = temporaryFolder();
    const { code, err } = await runRingkey({ NODE_ENV: 'production', DATA_DIR: folder, PORT: 'x' });
    expect(code).toBe(1);
    for (const name of [
      'PUBLIC_URL',
      'TWILIO_AUTH_TOKEN',
      'PIN_PEPPER',
      'ASSERTION_KEY',
      'ADMIN_TOKEN',
      'PORT',
    ]) {
      expect(err).toMatch(new RegExp(`^${name} (is missing|must be)`, 'm'));
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses an empty token and a short pepper without repeating them', async () => {
    const { code, err } = await runRingkey({
      TWILIO_AUTH_TOKEN: 'short',
      PIN_PEPPER: 'c2hvcnQ=',
      DATA_DIR: temporaryFolder(),
    });
    expect(code).toBe(1);
    expect(err).toMatch(/TWILIO_AUTH_TOKEN must be/);
    expect(err).toMatch(/PIN_PEPPER must be/);
    expect(err).not.toMatch(/: short|c2hvcnQ/);
  });

  it('says in one line that a pepper does not fit the database, and takes it as a previous one', async () => {
    const folder = temporaryFolder();
    const other = Buffer.alloc(32, 7).toString('base64');
    const first = await start({ DATA_DIR: folder });
    const kept = first.secret('pin-pepper');
    await first.api('POST', '/users', { extension: '4711' });
    await first.api('POST', '/users/4711/pin/reset', { pin: '596183', pinExpired: false });
    await first.end();
    const { code, err } = await runRingkey({ DATA_DIR: folder, PIN_PEPPER: other });
    expect([code, err.trim().split('\n')]).toEqual([
      1,
      ["Ringkey can't start.", expect.stringMatching(/^PIN_PEPPER does not fit/)],
    ]);

    const rotated = await start({ DATA_DIR: folder, PIN_PEPPER: other, PIN_PEPPER_PREVIOUS: kept });
    const call = await rotated.dial();
    await call.press('4711#596183#');
    expect(call.heard()).toMatch(/signed in/);
    await rotated.end();
    const alone = await start({ DATA_DIR: folder, PIN_PEPPER: other });
    const again = await alone.dial();
    await again.press('4711#596183#');
    expect(again.heard()).toMatch(/signed in/);
  });

  it.each<[string, (folder: string) => Readonly<Record<string, string>>, RegExp]>([
    ['an unreachable Redis', () => ({ REDIS_URL: 'redis://:geheim@127.0.0.1:1' }), /Redis.*127\.0\.0\.1:1/],
    ['a malformed Redis URL', () => ({ REDIS_URL: 'http://127.0.0.1' }), /REDIS_URL|redis:\/\//],
    [
      'a data folder that is a file',
      (folder) => {
        writeFileSync(join(folder, 'file'), '');
        return { DATA_DIR: join(folder, 'file') };
      },
      /file.*(ENOTDIR|EEXIST)/,
    ],
    // The file system of processes takes no folders, and Node's own recursion would try for ever.
    [
      'a data folder that can not be made',
      () => ({ DATA_DIR: '/proc/ringkey' }),
      /\/proc\/ringkey.*(ENOENT|EACCES)/,
    ],
    [
      'a database that is none',
      (folder) => {
        mkdirSync(join(folder, 'data'));
        writeFileSync(join(folder, 'data', 'ringkey.mdb'), 'something else'.repeat(1000));
        return { DATA_DIR: join(folder, 'data') };
      },
      /ringkey\.mdb.*restore/,
    ],
    [
      'a broken view, with file and line',
      (folder) => {
        writeFileSync(join(folder, 'pin.xml'), '<?xml version="1.0" encoding="UTF-8"?>\n<Respons/>');
        return { TWIML_DIR: folder };
      },
      /pin\.xml:2: /,
    ],
    [
      'a broken language file, with file and line',
      (folder) => {
        mkdirSync(join(folder, 'locales'));
        writeFileSync(join(folder, 'locales', 'en-US.json'), '{\n  "pin": "Enter {count, plural}"\n}');
        return { TWIML_DIR: folder };
      },
      /en-US\.json:2: /,
    ],
    ['an assertion key that is none', () => ({ ASSERTION_KEY: 'abc' }), /ASSERTION_KEY must be an Ed25519/],
  ])('says in a line: %s', async (_name, prepare, expected) => {
    const folder = temporaryFolder();
    const { code, err, out } = await runRingkey({ DATA_DIR: join(folder, 'own'), ...prepare(folder) });
    const [, line = '', ...rest] = err.trim().split('\n');
    expect([code, rest, out]).toEqual([1, [], '']);
    expect(line).toMatch(expected);
    expect(err).not.toMatch(/geheim|\n\s+at /);
  });

  it('says in one line that the data folder is in use, and by whom', async () => {
    const folder = temporaryFolder();
    const holder = await start({ DATA_DIR: folder });
    const { code, err } = await runRingkey({ DATA_DIR: folder });
    expect(code).toBe(1);
    expect(err).toContain(`in use by process ${holder.child.pid}`);
  });

  it('says in one line that the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, err } = await runRingkey({ DATA_DIR: temporaryFolder(), PORT: port });
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`Can't listen on 127.0.0.1:${port}: another program`));
  });
});

describe('stopping', () => {
  it('answers the webhook in flight before it ends on SIGTERM', async () => {
    const ringkey = await start({ DATA_DIR: temporaryFolder(), HASH_MEMORY_KIB: '131072', HASH_PASSES: '5' });
    await ringkey.api('POST', '/users', { extension: '4711' });
    const call = await ringkey.dial();
    await call.press('4711#');
    const asked = call.requests.at(-1);
    const action = /action="([^"]+)"/.exec(asked?.answer?.body ?? '')?.[1] ?? '';
    const answer = sendWebhook({
      url: ringkey.url + new URL(action).pathname,
      signUrl: action,
      authToken: ringkey.secret('twilio-auth-token'),
      params: { ...asked?.params, Digits: '111111' },
    });
    // The hash takes long enough for the signal to arrive in the middle of it.
    const hashing = async () =>
      (await (await fetch(`${ringkey.url}/metrics`)).text()).includes('ringkey_hash_admitted 1');
    while (!(await hashing()));
    await Promise.all([ringkey.end('SIGTERM'), answer]);
    expect((await answer).body).toMatch(/do not match/);
    expect(ringkey.child.exitCode).toBe(0);
  });
});
