/** Verifies one hash again and again, as many at a time as it is told, and tells how many that were a second. */
import argon2 from 'argon2';
import { closedLoop } from '../frame/closed-loop.ts';
import type { CeilingAnswer, CeilingRequest } from '../frame/hash-ceiling.ts';
import { ownCpuSeconds } from '../frame/process-figures.ts';

process.on('message', async (request: CeilingRequest) => {
  const { digest, pin, inFlight, warmUpMs, roundMs } = request;
  const secret = Buffer.from(request.secret, 'base64');
  const { seconds, outcomes, spent } = await closedLoop({
    inFlight,
    warmUpMs,
    roundMs,
    once: () => argon2.verify(digest, pin, { secret }),
    meters: () => ({ cpu: ownCpuSeconds() }),
  });
  if (outcomes.includes(false)) throw new Error('The hash is of another PIN.');
  const answer: CeilingAnswer = {
    perSecond: outcomes.length / seconds,
    cpuEach: (spent.cpu ?? Number.NaN) / outcomes.length,
  };
  process.send?.(answer);
});
