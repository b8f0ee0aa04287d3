/**
 * The lines of the telephone: whose calls they carry, and for how long.
 */
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createPhoneLines } from '../../../src/web/phone/lines.ts';
import type { PhoneMessage } from '../../../src/web/phone/messages.ts';
import { startTestService } from '../../support/service.ts';

async function setUp() {
  const ringkey = await startTestService();
  onTestFinished(() => ringkey.stop());
  const failures: unknown[] = [];
  const sleeps: { readonly ms: number; readonly over: () => void }[] = [];
  let look = async () => null;
  const lines = createPhoneLines({
    url: ringkey.service.url,
    publicUrl: ringkey.service.publicUrl,
    appUrl: null,
    authToken: ringkey.secrets.twilioAuthToken,
    firstLocales: new Map(),
    look: () => look(),
    clock: ringkey.clock.now,
    sleep: (ms) => new Promise((over) => void sleeps.push({ ms, over })),
    randomBytes,
    onFailure: (error) => void failures.push(error),
  });
  function call(owner: string) {
    const told: PhoneMessage[] = [];
    const callSid = `CA${randomBytes(16).toString('hex')}`;
    const request = { callSid, owner, from: null, locale: null, isPatient: true };
    const line = lines.call(request, (message) => void told.push(message));
    const [first] = told;
    return { line, told, name: first?.kind === 'call' ? first.call : '' };
  }
  return {
    lines,
    call,
    sleeps,
    failures,
    breakStore: () => {
      look = () => Promise.reject(new Error('no store'));
    },
  };
}

test('a call is acted on by its owner alone, and by its own name alone', async () => {
  const { lines, call } = await setUp();
  const { line, name } = call('Ada');
  const other = call('Grace');
  expect(lines.callerOf(name, 'Ada')).not.toBeNull();
  expect(lines.callerOf(name, 'Grace')).toBeNull();
  expect(lines.callerOf(other.name, 'Ada')).toBeNull();
  expect(lines.callerOf('', 'Ada')).toBeNull();
  expect(name).toHaveLength(43);
  line?.hangUp();
  await line?.over;
  expect(lines.callerOf(name, 'Ada')).toBeNull();
  await lines.close();
});

test('a call ends after 15 minutes, whatever its caller does', async () => {
  const { lines, call, sleeps } = await setUp();
  const { line, told } = call('Ada');
  await expect.poll(() => told.some(({ kind }) => kind === 'say')).toBe(true);
  const [limit] = sleeps;
  expect(limit?.ms).toBe(15 * 60_000);
  limit?.over();
  await line?.over;
  expect(told.at(-1)).toEqual({ kind: 'end', end: { by: 'limit', minutes: 15 } });
  await lines.close();
});

test('a telephone that breaks says so, tells the log, and gives the line back', async () => {
  const { lines, call, failures, breakStore } = await setUp();
  breakStore();
  const { line, told, name } = call('Ada');
  await line?.over;
  expect(told.at(-1)).toMatchObject({ kind: 'end', end: { by: 'error' } });
  expect(failures).toEqual([new Error('no store')]);
  expect(lines.callerOf(name, 'Ada')).toBeNull();
});

test('once closed, no call is made', async () => {
  const { lines, call } = await setUp();
  await lines.close();
  expect(call('Ada').line).toBeNull();
});
