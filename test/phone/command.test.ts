import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exitCodes, phone, usage } from '../../src/phone/command.ts';
import { startService } from './service.ts';

const env = { TWILIO_AUTH_TOKEN: 'a-token-of-the-tests' };

/** Runs the command with `keys` piped in. */
async function run(args: readonly string[], environment: Record<string, string> = env, keys = '') {
  const keyboard = new PassThrough();
  keyboard.end(keys);
  let text = '';
  const output = {
    write(piece: string) {
      text += piece;
    },
  };
  const code = await phone(args, { env: environment, keyboard, output });
  return { code, text };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'phone-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const pages = {
  '/voice': '<Gather action="/voice/pin"><Say>Enter your PIN.</Say></Gather>',
  '/voice/pin': '<Say>Thank you.</Say>',
};

describe('the phone command', () => {
  test('makes a call with the keys that it is given, and never shows them', async () => {
    const service = await startService(pages);
    const { code, text } = await run(['--url', service.url, '--from', '+15551110000'], env, '4711#');
    expect(text).toBe('"Enter your PIN."\n•••••\n"Thank you."\n[the service hung up]\n');
    expect(code).toBe(exitCodes.done);
    expect(service.received[1]?.form.get('Digits')).toBe('4711');
    expect(service.received[0]?.form.get('From')).toBe('+15551110000');
  });

  test('lets a signal hang up', async () => {
    const service = await startService(pages);
    let text = '';
    const code = await phone(['--url', service.url], {
      env,
      keyboard: new PassThrough(),
      output: {
        write(piece) {
          text += piece;
        },
      },
      onCaller: (caller) => caller.hangUp(),
    });
    expect(code).toBe(exitCodes.done);
    expect(text).toContain('[you hung up]');
    expect(service.received.at(-1)?.path).toBe('/voice/status');
  });

  test('signs the public URL of an option or of the environment', async () => {
    const service = await startService({ '/voice': '' });
    await run(['--url', service.url], { ...env, PUBLIC_URL: 'https://a.example' });
    await run(['--url', service.url, '--public-url', 'https://b.example'], {
      ...env,
      PUBLIC_URL: 'https://a.example',
    });
    const firsts = service.received.filter(({ path }) => path === '/voice');
    expect(firsts.map(({ headers }) => headers['x-twilio-signature'])).toEqual(
      ['https://a.example/voice', 'https://b.example/voice'].map((url, index) =>
        getExpectedTwilioSignature(env.TWILIO_AUTH_TOKEN, url, Object.fromEntries(firsts[index]?.form ?? [])),
      ),
    );
  });

  test('finds the token in a file, in the environment, or in the data folder', async () => {
    const service = await startService({ '/voice': '' });
    const data = await folder();
    await mkdir(join(data, 'secrets'));
    await writeFile(join(data, 'secrets', 'twilio-auth-token'), 'from-data\n');
    await writeFile(join(data, 'token'), 'from-file\n');
    const url = ['--url', service.url];
    await run([...url, '--token-file', join(data, 'token')], { ...env, DATA_DIR: data });
    await run(url, { ...env, DATA_DIR: data });
    await run(url, { DATA_DIR: data });
    const firsts = service.received.filter(({ path }) => path === '/voice');
    expect(firsts.map(({ headers }) => headers['x-twilio-signature'])).toEqual(
      ['from-file', env.TWILIO_AUTH_TOKEN, 'from-data'].map((token, index) =>
        getExpectedTwilioSignature(
          token,
          `${service.url}/voice`,
          Object.fromEntries(firsts[index]?.form ?? []),
        ),
      ),
    );
  });

  test('asks for a token where there is none', async () => {
    const { code, text } = await run([], { DATA_DIR: await folder() });
    expect(code).toBe(exitCodes.usage);
    expect(text).toMatch(/^No webhook token in .*twilio-auth-token\. /);
  });

  test('says that nobody answers', async () => {
    const { code, text } = await run([], { ...env, PORT: '1' });
    expect(code).toBe(exitCodes.unreachable);
    expect(text).toContain('No service answers at http://localhost:1 (');
  });

  test('says which URL was signed when the service refuses the signature', async () => {
    const service = await startService({ '/voice': { status: 403, body: '' } });
    const { code, text } = await run(['--url', service.url, '--public-url', 'https://a.example']);
    expect(code).toBe(exitCodes.refused);
    expect(text).toContain(
      'refused the signature over https://a.example/voice. Its PUBLIC_URL must be https://a.example',
    );
  });

  test('fails with a call that fails, and knows no fallback when told so', async () => {
    const service = await startService({ '/voice': { status: 500, body: '' } });
    expect(await run(['--url', service.url, '--no-fallback'])).toMatchObject({ code: exitCodes.failed });
    expect(service.received.map(({ path }) => path)).toEqual(['/voice', '/voice/status']);
  });

  test('plays a script, and fails where the script fails', async () => {
    const service = await startService(pages);
    const script = join(await folder(), 'call.txt');
    await writeFile(script, 'press 4711#\nexpect Thank you\nexpect-end document\n');
    const passed = await run(['--url', service.url, '--script', script]);
    expect(passed.code).toBe(exitCodes.done);
    expect(passed.text).toBe('"Enter your PIN."\n•••••\n"Thank you."\n[the service hung up]\n');

    await writeFile(script, 'expect Thank you\n');
    const failed = await run(['--url', service.url, '--script', script]);
    expect(failed.code).toBe(exitCodes.failed);
    expect(failed.text).toContain('line 1: expected Thank you, but heard: Enter your PIN.');

    await writeFile(script, 'sing\n');
    const unreadable = await run(['--url', service.url, '--script', script]);
    expect(unreadable.code).toBe(exitCodes.usage);
    expect(unreadable.text).toMatch(/^line 1: "sing" is not a step/);
  });

  test('reports an unreachable service as that, with a script, too', async () => {
    const script = join(await folder(), 'call.txt');
    await writeFile(script, 'expect Thank you\n');
    expect(await run(['--script', script], { ...env, PORT: '1' })).toMatchObject({
      code: exitCodes.unreachable,
    });
  });

  test.each([[['--bogus']], [['--url', 'localhost:3000']], [['--script', '/nowhere/at/all']], [['extra']]])(
    'refuses %j',
    async (args) => {
      const { code, text } = await run(args);
      expect(code).toBe(exitCodes.usage);
      expect(text.trim()).not.toBe('');
    },
  );

  test('explains itself', async () => {
    expect(await run(['--help'], {})).toEqual({ code: exitCodes.done, text: usage });
  });
});
