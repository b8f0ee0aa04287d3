import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { closedLoop, inTurns } from '../../bench/frame/closed-loop.ts';

it('keeps as many at work as it was told, each slot one', async () => {
  const atWork = new Set<number>();
  let most = 0;
  const round = await closedLoop({
    inFlight: 5,
    warmUpMs: 5,
    roundMs: 30,
    async once(slot) {
      expect(atWork.has(slot)).toBe(false);
      atWork.add(slot);
      most = Math.max(most, atWork.size);
      await setImmediate();
      atWork.delete(slot);
      return slot;
    },
  });
  expect(most).toBe(5);
  expect(atWork.size).toBe(0);
  expect(new Set(round.outcomes)).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(round.seconds).toBeGreaterThanOrEqual(0.03);
});

it('counts what ended within its time, and what the meters grew by', async () => {
  const began = performance.now();
  let done = 0;
  const { outcomes, spent, seconds } = await closedLoop({
    inFlight: 1,
    warmUpMs: 20,
    roundMs: 40,
    async once() {
      await setTimeout(1);
      done += 1;
      return performance.now() - began;
    },
    meters: () => ({ done, constant: 7 }),
  });
  expect(outcomes.every((at) => at >= 20)).toBe(true);
  expect(spent).toEqual({ done: outcomes.length, constant: 0 });
  expect(done).toBeGreaterThan(outcomes.length);
  // One that ended the warm-up and one that ended the round lie at the two ends of the time.
  expect((outcomes.at(-1) ?? 0) - (outcomes[0] ?? 0)).toBeLessThan(seconds * 1000);
});

it('counts one at least, however long it takes', async () => {
  const { outcomes, seconds } = await closedLoop({
    inFlight: 1,
    warmUpMs: 0,
    roundMs: 1,
    once: () => setTimeout(10, 'slow'),
  });
  expect(outcomes).toEqual(['slow']);
  expect(seconds).toBeGreaterThan(0.005);
});

it('lets a slot rest after what asks for it, and no longer than the round', async () => {
  const began = performance.now();
  let [brief, long] = [0, 0];
  const { outcomes } = await closedLoop({
    inFlight: 2,
    warmUpMs: 0,
    roundMs: 60,
    async once(slot) {
      await setImmediate();
      if (slot === 0) brief += 1;
      else long += 1;
      return slot;
    },
    restMs: (slot) => (slot === 0 ? 20 : 60_000),
  });
  expect(long).toBe(1);
  expect(brief).toBeGreaterThan(1);
  expect(brief).toBeLessThanOrEqual(5);
  expect(outcomes.length).toBe(brief + long - 1);
  expect(performance.now() - began).toBeLessThan(30_000);
});

it('ends when there is no work left', async () => {
  let left = 100;
  const { outcomes } = await closedLoop({
    inFlight: 3,
    warmUpMs: 0,
    roundMs: 60_000,
    async once() {
      await setImmediate();
      left -= 1;
      return left < 0 ? null : left;
    },
  });
  // The first to end began the time.
  expect(outcomes).toHaveLength(99);
});

it('waits for what is in flight before it tells that something failed', async () => {
  let inFlight = 0;
  const failing = closedLoop({
    inFlight: 2,
    warmUpMs: 0,
    roundMs: 60_000,
    async once(slot) {
      inFlight += 1;
      await setTimeout(slot === 0 ? 1 : 15);
      inFlight -= 1;
      if (slot === 0) throw new Error('the server is gone');
      return slot;
    },
  });
  await expect(failing).rejects.toThrow('the server is gone');
  expect(inFlight).toBe(0);
});

it('runs contenders in turns', async () => {
  const ran: string[] = [];
  const run = (name: string) => async () => ran.push(name);
  const results = await inTurns(3, { a: run('a'), b: run('b') });
  expect(ran.join('')).toBe('ababab');
  expect(results).toEqual({ a: [1, 3, 5], b: [2, 4, 6] });
});
