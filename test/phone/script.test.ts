import { describe, expect, test } from 'vitest';
import { dial } from '../../src/phone/dial.ts';
import { parseScript, runScript, ScriptError } from '../../src/phone/script.ts';
import { startService } from './service.ts';

async function run(script: string) {
  const service = await startService({
    '/voice': '<Gather action="/voice/pin"><Say>Enter your PIN.</Say></Gather><Say>Nothing heard.</Say>',
    '/voice/pin': '<Say>You have 2 messages.</Say><Gather action="/voice/bye"/>',
    '/voice/bye': '<Say>Goodbye.</Say><Hangup/>',
  });
  const call = await dial({ url: service.url, authToken: 'a-token-of-the-tests' });
  const failure = await runScript(parseScript(script), call).catch((error: unknown) => error);
  return { call, failure };
}

describe('running a script', () => {
  test('keys, listens and ends', async () => {
    const { call, failure } = await run(`
      # A caller with messages.
      expect Enter your PIN
      press 4711#
      expect /you have \\d+ messages?/i

      press 1#
      expect-end document
    `);
    expect(failure).toBeUndefined();
    expect(call.requests[1]?.params.Digits).toBe('4711');
  });

  test('hangs up where it says so, or at its end', async () => {
    const spoken = await run('hang up\nexpect-end caller');
    expect(spoken.failure).toBeUndefined();
    const silent = await run('expect Enter');
    expect(silent.failure).toBeUndefined();
    expect(silent.call.ended).toEqual({ by: 'caller' });
  });

  test('stays silent', async () => {
    expect((await run('wait\nexpect Nothing heard.\nexpect-end')).failure).toBeUndefined();
  });

  test.each([
    ['expect Goodbye', 'line 1: expected Goodbye, but heard: Enter your PIN.'],
    ['expect /^PIN/', 'line 1: expected /^PIN/u, but heard: Enter your PIN.'],
    ['press 1\nexpect Hello', 'line 2: expected Hello, but heard: nothing'],
    ['expect-end', 'line 1: expected the end of the call, but the call goes on; heard: Enter your PIN.'],
    [
      'hang up\nexpect-end document',
      'line 2: expected an end by "document", but the call ended by "caller"; heard: Enter your PIN.',
    ],
    ['press 1#1#\n\npress 2#', 'line 3: the call was over (document); heard: Goodbye.'],
    ['wait\nwait', 'line 2: the call was over (document); heard: Nothing heard.'],
  ])('fails on %j, and hangs up', async (script, message) => {
    const { call, failure } = await run(script);
    expect(failure).toBeInstanceOf(ScriptError);
    expect(failure).toMatchObject({ message });
    expect(call.ended).not.toBeNull();
  });
});

describe('reading a script', () => {
  test.each([
    'press',
    'press 12x#',
    'wait 5',
    'hang',
    'hang on',
    'expect',
    'expect /(/',
    'expect-end someday',
    'dial 1',
  ])('refuses %j with its line', (row) => {
    expect(() => parseScript(`wait\n\n${row}`)).toThrow(ScriptError);
    expect(() => parseScript(`wait\n\n${row}`)).toThrow(/^line 3: /);
  });

  test('takes any line ends', () => {
    expect(parseScript('wait\r\nhang up\r\n').map(({ kind }) => kind)).toEqual(['wait', 'hang up']);
  });
});
