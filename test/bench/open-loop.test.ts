import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openLoop } from '../../bench/frame/open-loop.ts';

it('begins as many as it was told, however long they take, and waits for all of them', async () => {
  let inFlight = 0;
  let most = 0;
  const indexes: number[] = [];
  const begun = await openLoop({
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
