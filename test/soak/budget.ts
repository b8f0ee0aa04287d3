/**
 * How much a soak does, and its randomness: both can be set from outside, so that a run can be shorter, and repeated.
 */
import { randomInt } from 'node:crypto';

/**
 * The soak's seed, a whole number: `SOAK_SEED`, else a random one. `npm run test:soak` prints it, and so does each test that fails.
 * @throws RangeError when SOAK_SEED isn't a whole number from 0 to 4294967295.
 */
export const soakSeed: number = readSeed(process.env.SOAK_SEED);

/**
 * How many runs of something to make, when it is `full` at the ordinary length: at least one.
 * @throws RangeError when SOAK_SCALE isn't a positive number.
 */
export function runs(full: number): number {
  const scale = Number(process.env.SOAK_SCALE ?? '1');
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new RangeError('SOAK_SCALE must be a number greater than 0.');
  return Math.max(1, Math.round(full * scale));
}

export interface Random {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of the items. @throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T;
}

/**
 * Numbers that follow from the seed and a name, so that each soak has its own and the same again in the next run with this seed.
 * @param seed as `soakSeed`, which is what it is unless given.
 */
export function seededRandom(name: string, seed: number = soakSeed): Random {
  // SplitMix32 over a hash of the name (FNV-1a): short, and random enough to choose by. Not for secrets.
  let state = seed ^ 0x811c9dc5;
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('There is nothing to pick from.');
      return item;
    },
  };
}

function readSeed(text: string | undefined): number {
  if (text === undefined || text === '') return randomInt(2 ** 32);
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new RangeError('SOAK_SEED must be a whole number from 0 to 4294967295.');
  return seed;
}
