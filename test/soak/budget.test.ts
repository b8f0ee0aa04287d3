import { afterEach, describe, expect, it, vi } from 'vitest';
import { runs, seededRandom } from './budget.ts';

afterEach(() => vi.unstubAllEnvs());

describe('how much a soak does', () => {
  it.each([
    [undefined, 100, 100],
    ['0.1', 100, 10],
    ['0.001', 100, 1],
    ['3', 100, 300],
  ])('with a scale of %s, %i runs become %i', (scale, full, expected) => {
    vi.stubEnv('SOAK_SCALE', scale);
    expect(runs(full)).toBe(expected);
  });

  it.each(['0', '-1', 'much', ''])('a scale of "%s" is refused', (scale) => {
    vi.stubEnv('SOAK_SCALE', scale);
    expect(() => runs(1)).toThrow(RangeError);
  });
});

describe('its randomness', () => {
  const numbers = (name: string, seed: number) => {
    const random = seededRandom(name, seed);
    return Array.from({ length: 1000 }, () => random.below(10));
  };

  it('is the same for the same seed and name, and another for others', () => {
    expect(numbers('a', 1)).toEqual(numbers('a', 1));
    expect(numbers('a', 1)).not.toEqual(numbers('b', 1));
    expect(numbers('a', 1)).not.toEqual(numbers('a', 2));
  });

  it('gives each number about as often as the others', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const number of numbers('even', 7)) counts[number] = (counts[number] ?? 0) + 1;
    for (const count of counts) expect(count).toBeGreaterThan(60);
  });

  it('picks from what there is', () => {
    const random = seededRandom('pick', 3);
    expect(new Set(Array.from({ length: 50 }, () => random.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
