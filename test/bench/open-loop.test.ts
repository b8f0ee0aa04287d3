import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openLoop } from '../../bench/frame/open-loop.ts';

it('begins as many as it was told, however long they take, and waits for all of them', async () => {
  let inFlight = 0;
  let most = 0;
  const indexes: number[] = [];
  const { begun } = await openLoop({
    perSecond: 1000,
    forMs: 50,
    async begin(index) {
      indexes.push(index);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await setTimeout(100);
      inFlight -= 1;
    },
  });
  expect(begun).toBe(50);
  expect(indexes).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(most).toBe(50);
  expect(inFlight).toBe(0);
});

it('tells each when it was due, and how late it was itself', async () => {
  const dues: number[] = [];
  const lags: number[] = [];
  const began = performance.now();
  const { seconds, lateMs } = await openLoop({
    perSecond: 1000,
    forMs: 50,
    async begin(index, dueAt) {
      dues.push(dueAt);
      lags.push(performance.now() - dueAt);
      // Keeps this process from beginning the next in time.
      if (index === 20) while (performance.now() < dueAt + 100);
    },
  });
  const gaps = dues.slice(1).map((due, index) => due - (dues[index] ?? Number.NaN));
  for (const gap of gaps) expect(gap).toBeCloseTo(1, 6);
  expect(Math.min(...lags)).toBeGreaterThan(-0.01);
  expect(lags[21]).toBeGreaterThan(90);
  expect(lateMs).toBeGreaterThan(90);
  expect(lateMs).toBeLessThanOrEqual(Math.max(...lags));
  // It was to last 50 ms.
  expect(seconds).toBeGreaterThan(0.1);
  expect(seconds).toBeLessThanOrEqual((performance.now() - began) / 1000);
});
