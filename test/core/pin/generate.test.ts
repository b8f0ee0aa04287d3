import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatePin, type RandomBytes } from '../../../src/core/pin/generate.ts';
import { defaultPolicy } from '../../../src/core/pin/policy.ts';
import { refusals } from '../../../src/core/pin/refusals.ts';
import { anyContext, stranger } from './support.ts';

/** The same bytes for the same seed (mulberry32). */
function seededBytes(seed: number): RandomBytes {
  let state = seed;
  const nextByte = () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const again = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    return (again ^ (again >>> 14)) & 0xff;
  };
  return (count) => Uint8Array.from({ length: count }, nextByte);
}

/** These draws, one after another. */
function scripted(...draws: readonly (readonly number[])[]): RandomBytes {
  const left = [...draws];
  return () => Uint8Array.from(left.shift() ?? []);
}

describe('a generated PIN', () => {
  it('is never one that the policy refuses, whatever the account', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 4, max: 24 }),
        fc.boolean(),
        anyContext,
        (seed, minLength, allowCommonPatterns, context) => {
          const policy = { ...defaultPolicy, minLength, allowCommonPatterns };
          const pin = generatePin(seededBytes(seed), policy, context);
          expect(pin).toMatch(/^[0-9]+$/);
          expect(pin).toHaveLength(Math.max(6, minLength));
          expect(refusals(pin, policy, context)).toEqual([]);
        },
      ),
    );
  });

  it('is the first draw that fits: whole draws are thrown away, never mended', () => {
    const source = scripted(
      [8, 3, 5, 0, 1, 250],
      [255, 3, 5, 0, 1, 7],
      [11, 12, 13, 14, 15, 16], // 123456
      [248, 103, 55, 0, 241, 197],
    );
    expect(generatePin(source, defaultPolicy, stranger)).toBe('835017');
  });

  it('has every digit equally often in every place', () => {
    const policy = { ...defaultPolicy, allowCommonPatterns: true };
    const source = seededBytes(20_240_229);
    const pins = 20_000;
    const counts = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 0));
    for (let i = 0; i < pins; i++) {
      [...generatePin(source, policy, stranger)].forEach((digit, place) => {
        const row = counts[place] ?? [];
        row[Number(digit)] = (row[Number(digit)] ?? 0) + 1;
      });
    }
    const expected = pins / 10;
    const chiSquare = counts.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 54 degrees of freedom: an even source stays below 91 in 999 of 1000 cases. Bytes taken modulo 10 would add 44.
    expect(chiSquare).toBeLessThan(91);
  });

  it('does not wait for ever on a source that is broken', () => {
    const stuckHigh: RandomBytes = (count) => new Uint8Array(count).fill(255);
    const stuckLow: RandomBytes = (count) => new Uint8Array(count);
    expect(() => generatePin(stuckHigh, defaultPolicy, stranger)).toThrow(/random source is broken/);
    expect(() => generatePin(stuckLow, defaultPolicy, stranger)).toThrow(/random source is broken/);
  });
});
