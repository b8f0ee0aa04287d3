import { describe, expect, it } from 'vitest';
import { seededRandom } from '../soak/budget.ts';
import { certainShift, detectableShift, kolmogorovSmirnov, mannWhitney, median } from './rank-test.ts';

describe('two lots of times', () => {
  const random = seededRandom('rank test', 1);
  const uniform = (count: number, from = 0) =>
    Array.from({ length: count }, () => from + random.below(1_000_000) / 1_000_000);

  it('have the probabilities that the formulas of these tests give', () => {
    // By hand: U = 0 of 25, z = 2.6112; and with ties, U = 2.5 of 16, z = 1.6372.
    expect(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeCloseTo(0.00902, 4);
    expect(mannWhitney([1, 2, 2, 3], [2, 3, 4, 5])).toBeCloseTo(0.1016, 3);
    // Twenty against twenty, wholly apart.
    const apart = Array.from({ length: 20 }, (_, n) => n);
    expect(
      kolmogorovSmirnov(
        apart,
        apart.map((n) => n + 100),
      ),
    ).toBeLessThan(1e-8);
    expect(kolmogorovSmirnov(apart, apart)).toBe(1);
  });

  it('are told apart falsely about as often as was said, whatever their shape', () => {
    const runs = 1000;
    let [byRank, byShape] = [0, 0];
    for (let n = 0; n < runs; n += 1) {
      const lot = () => uniform(60).map((value) => Math.exp(6 * value));
      const [a, b] = [lot(), lot()];
      if (mannWhitney(a, b) < 0.05) byRank += 1;
      if (kolmogorovSmirnov(a, b) < 0.05) byShape += 1;
    }
    // Five standard deviations round 5 %; the second test is known to be the more careful one.
    expect(byRank / runs).toBeGreaterThan(0.02);
    expect(byRank / runs).toBeLessThan(0.085);
    expect(byShape / runs).toBeLessThan(0.085);
  });

  it('are told apart when one lies as far off as is said to be found', () => {
    const measured = uniform(300, 1);
    const shift = detectableShift(measured, 0.001, 0.9, random);
    // For even times between 0 and 1 the shift is (z(0.9995) + z(0.9)) · √(2 / 12n) = 0.1079 nearly.
    expect(shift).toBeGreaterThan(0.08);
    expect(shift).toBeLessThan(0.14);
    expect(mannWhitney(uniform(300, 1), uniform(300, 1 + 2 * shift))).toBeLessThan(0.001);
  });

  it('lie apart for certain by no more than their ranges do, whichever lot is later there', () => {
    const even = Array.from({ length: 1000 }, (_, n) => n);
    expect(certainShift(even, even)).toBe(0);
    const lowHalfSooner = even.map((n) => (n < 500 ? n - 300 : n));
    // By hand, of the fourth decile: 300 less both reaches of 3 · √(1000 · 0.4 · 0.6) = 46.5, rounded outwards.
    expect(certainShift(even, lowHalfSooner)).toBeGreaterThan(200);
    expect(certainShift(even, lowHalfSooner)).toBeLessThanOrEqual(300);
    expect(certainShift(lowHalfSooner, even)).toBe(certainShift(even, lowHalfSooner));
    // What only a few are late by is beyond the last decile.
    const fewLate = even.map((n) => (n > 950 ? n + 10_000 : n));
    expect(certainShift(even, fewLate)).toBe(0);
    // Too few to be certain of anything.
    expect(certainShift([1, 2, 3], [101, 102, 103])).toBe(0);
  });

  it('have a middle', () => expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]));
});
