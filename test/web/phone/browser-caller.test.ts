/**
 * The caller at the page, with time that passes when the test says so.
 */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBrowserCaller } from '../../../src/web/phone/browser-caller.ts';
import type { PhoneMessage } from '../../../src/web/phone/messages.ts';

function setUp(isPatient = false) {
  const told: PhoneMessage[] = [];
  const rests: { readonly ms: number; readonly over: () => void }[] = [];
  const caller = createBrowserCaller({
    tell: (message) => void told.push(message),
    async onRequest() {},
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        rests.push({ ms, over: resolve });
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
    isPatient,
  });
  return { caller, told, rests, kinds: () => told.map(({ kind }) => kind) };
}

const words = {
  kind: 'say',
  text: 'Hello',
  language: 'en-US',
  voice: null,
  loop: 1,
  bargeIn: true,
} as const;

test('keys are given one at a time, in order, and silence when the time is over', async () => {
  const { caller, rests } = setUp();
  const first = caller.nextKey(5000);
  caller.press(['4', '7']);
  expect(await first).toBe('4');
  expect(await caller.nextKey(5000)).toBe('7');
  const third = caller.nextKey(6000);
  rests.at(-1)?.over();
  expect(await third).toBe('silence');
  expect(rests.map(({ ms }) => ms)).toEqual([5000, 6000]);
});

test('with patience there is no end to the time, and it can be had and given up while keys are waited for', async () => {
  const { caller, rests, told } = setUp(true);
  const key = caller.nextKey(5000);
  expect(rests).toEqual([]);
  caller.setPatience(false);
  await expect.poll(() => rests.map(({ ms }) => ms)).toEqual([5000]);
  caller.setPatience(true);
  await expect.poll(() => told.length).toBe(3);
  rests[0]?.over();
  caller.staySilent();
  expect(await key).toBe('silence');
  expect(told).toEqual([
    { kind: 'listen', timeoutMs: null },
    { kind: 'listen', timeoutMs: 5000 },
    { kind: 'listen', timeoutMs: null },
  ]);
});

test('to have stayed silent before is not to stay silent now', async () => {
  const { caller } = setUp(true);
  caller.staySilent();
  const key = caller.nextKey(5000);
  caller.press(['1']);
  expect(await key).toBe('1');
});

test('a sound lasts until the page says that this one is through', async () => {
  const { caller, kinds } = setUp();
  const first = caller.hear(words);
  caller.played(1);
  await first;
  const second = caller.hear(words);
  caller.played(1);
  expect(kinds()).toEqual(['say', 'over', 'say']);
  caller.played(2);
  await second;
  expect(kinds()).toEqual(['say', 'over', 'say', 'over']);
});

test('a key cuts a sound short only where the document lets it, and is not lost', async () => {
  const { caller } = setUp();
  const open = caller.hear(words);
  caller.press(['1']);
  await open;
  const closed = caller.hear({ ...words, bargeIn: false });
  let isThrough = false;
  const watched = Promise.resolve(closed).then(() => {
    isThrough = true;
  });
  caller.press(['2']);
  await setImmediate();
  expect(isThrough).toBe(false);
  caller.played(2);
  await watched;
  expect([await caller.nextKey(1), await caller.nextKey(1)]).toEqual(['1', '2']);
});

test('a page that plays nothing holds the call up for two minutes at most', async () => {
  const { caller, rests } = setUp(true);
  const said = caller.hear(words);
  expect(rests.map(({ ms }) => ms)).toEqual([120_000]);
  rests[0]?.over();
  await said;
});

test('a pause takes its time, whatever is pressed in it, and a key ends it where the document lets it', async () => {
  const { caller, rests } = setUp();
  const closed = caller.hear({ kind: 'pause', seconds: 3, bargeIn: false });
  caller.press(['1']);
  expect(rests.map(({ ms }) => ms)).toEqual([3000]);
  rests[0]?.over();
  await closed;
  await caller.hear({ kind: 'pause', seconds: 3, bargeIn: true });
  expect(rests).toHaveLength(1);
});

test('hanging up ends whatever is waited for, and forgets what was keyed', async () => {
  const { caller } = setUp(true);
  const said = caller.hear(words);
  caller.hangUp();
  await said;
  caller.press(['1']);
  expect(caller.hungUp.aborted).toBe(true);
  expect(await caller.nextKey(1000)).toBe('silence');
});

test('no more keys are kept than any entry takes', async () => {
  const { caller } = setUp();
  for (let times = 0; times < 10; times += 1) caller.press(Array.from({ length: 50 }, () => '1' as const));
  let keys = 0;
  caller.setPatience(true);
  while (keys < 200) {
    expect(await caller.nextKey(1)).toBe('1');
    keys += 1;
  }
  const next = caller.nextKey(1);
  caller.staySilent();
  expect(await next).toBe('silence');
});
