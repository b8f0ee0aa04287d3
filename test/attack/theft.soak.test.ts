/** How long the PINs of a stolen database hold: without its pepper, and with it. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import argon2 from 'argon2';
import { expect, it } from 'vitest';
import { leastHashCost } from '../../src/security/hasher.ts';
import { runs } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { stealFolder, stealRedis } from './steal.ts';
import { crack, hashKeyOf, stealFrom, type Theft } from './theft.ts';

const redis = useRedis('node');
const everyShortPin = Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, '0'));

const thefts: readonly (readonly [string, Theft, number])[] = [
  ['the embedded store', { env: async () => ({}), steal: stealFolder }, 10_000],
  ['Redis', { env: redis.emptied, steal: () => stealRedis(redis.nodes()) }, 10_000],
];

it.each(thefts)(
  'every PIN of four digits is tried at the hashes stolen from %s',
  async (where, theft, full) => {
    const { hashes } = await stealFrom(theft);
    const pins = everyShortPin.filter((pin, n) => n < runs(full) || pin === '8317');
    const without = await crack(hashes, pins, undefined);
    const withOther = await crack(hashes, pins, hashKeyOf(Buffer.alloc(32, 6)));
    const withIt = await crack(hashes, pins, hashKeyOf());
    expect([without, withOther, [...new Set(withIt)]]).toEqual([[], [], ['8317']]);
    reportRow('A stolen database: PINs of four digits tried at every hash in it', {
      service: where,
      hashes: hashes.length,
      'PINs tried at each': pins.length,
      'found without the pepper': without.length,
      'found with another pepper': withOther.length,
      'found with the pepper': new Set(withIt).size,
    });
  },
);

it('tells how long the PINs of a database hold that was stolen with its pepper', async () => {
  const { memoryKib, passes, lanes } = leastHashCost;
  const options = {
    type: argon2.argon2id,
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: lanes,
  } as const;
  const secret = hashKeyOf();
  const stolen = await argon2.hash('907364', { ...options, secret });
  const cores = availableParallelism();
  // An attacker tries as fast as the machine can, with as many hashes at a time as it has cores.
  const tries = runs(400);
  let tried = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: cores }, async () => {
      while (tried < tries) {
        tried += 1;
        await argon2.verify(stolen, String(tried).padStart(6, '0'), { secret });
      }
    }),
  );
  const perSecond = tried / ((performance.now() - began) / 1000);
  expect(perSecond).toBeGreaterThan(0);
  for (const digits of [4, 5, 6, 7, 8, 10, 12]) {
    const hours = 10 ** digits / perSecond / 3600;
    reportRow(
      `A stolen database and its pepper: how long one PIN holds, with Argon2id at ${memoryKib} KiB and ${passes} passes`,
      {
        digits,
        'PINs there are': (10 ** digits).toLocaleString('en-US'),
        'hashes a second on this machine': perSecond.toFixed(0),
        'until all are tried': duration(hours),
        'until one is found, on average': duration(hours / 2),
        'with a hundred such machines': duration(hours / 200),
      },
    );
  }
});

/** In the unit that suits it. */
function duration(hours: number): string {
  if (hours < 1 / 60) return `${Math.ceil(hours * 3600)} seconds`;
  if (hours < 1) return `${(hours * 60).toFixed(0)} minutes`;
  if (hours < 48) return `${hours.toFixed(1)} hours`;
  return hours < 24 * 730 ? `${(hours / 24).toFixed(0)} days` : `${(hours / 24 / 365).toFixed(0)} years`;
}
