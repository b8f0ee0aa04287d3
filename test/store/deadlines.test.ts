import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createDeadlines, LateError } from '../../src/store/deadlines.ts';

it('gives work its whole time, also when the event loop was blocked since the moment began', async () => {
  const deadlines = createDeadlines(400, 50);
  const first = deadlines.run(() => setTimeout(1));
  const blockedUntil = performance.now() + 300;
  while (performance.now() < blockedUntil);
  await expect(deadlines.run(() => setTimeout(250, 'done'))).resolves.toBe('done');
  await first;
});

it('ends what is late, and lets it know', async () => {
  const deadlines = createDeadlines(20, 5);
  let isTold = false;
  const late = deadlines.run(
    (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          isTold = true;
        });
      }),
  );
  await expect(late).rejects.toThrow(LateError);
  expect(isTold).toBe(true);
});
