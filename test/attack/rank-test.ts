/**
 * Whether two lots of measured times differ. Both tests are free of the shape of the distribution, which for times on a shared machine is
 * anything but normal.
 */
import type { Random } from '../soak/budget.ts';

/**
 * The Mann-Whitney U test (Wilcoxon's rank sum), two-sided, by the normal approximation with the correction for ties (Mann and Whitney 1947;
 * Lehmann, Nonparametrics, 1.5).
 * @returns the probability of such a difference, or a greater one, between two lots of the same.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))];
  all.sort((x, y) => x.value - y.value);
  let [rankSum, ties] = [0, 0];
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    const length = to - from;
    const rank = (from + to + 1) / 2;
    for (let index = from; index < to; index += 1) if (all[index]?.first) rankSum += rank;
    ties += length ** 3 - length;
    from = to;
  }
  const [n, m, total] = [a.length, b.length, all.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance === 0 ? 1 : 2 * upperTail(Math.abs(u - (n * m) / 2) / Math.sqrt(variance));
}

/**
 * The two-sample Kolmogorov-Smirnov test, by the asymptotic distribution (Stephens' form for finite samples). It sees a difference of shape
 * where the ranks are even on the whole.
 */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [a.toSorted((p, q) => p - q), b.toSorted((p, q) => p - q)];
  let [i, j, distance] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] ?? Infinity, y[j] ?? Infinity);
    while (i < x.length && (x[i] ?? Infinity) <= value) i += 1;
    while (j < y.length && (y[j] ?? Infinity) <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  const effective = Math.sqrt((x.length * y.length) / (x.length + y.length));
  const lambda = (effective + 0.12 + 0.11 / effective) * distance;
  let p = 0;
  for (let k = 1; k <= 100; k += 1) p += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * lambda * lambda);
  return lambda < 0.2 ? 1 : Math.min(1, Math.max(0, p));
}

/**
 * The smallest shift that `mannWhitney` finds with this power between two lots as large as the one that was measured, both drawn from it:
 * in its unit, within a twentieth.
 */
export function detectableShift(
  measured: readonly number[],
  alpha: number,
  power: number,
  random: Random,
): number {
  const draws = 60;
  const draw = () => measured.map(() => random.pick(measured));
  const found = (shift: number) => {
    let times = 0;
    for (let n = 0; n < draws; n += 1) {
      const shifted = draw().map((value) => value + shift);
      if (mannWhitney(draw(), shifted) < alpha) times += 1;
    }
    return times / draws;
  };
  let [low, high] = [0, median(measured) / 100 || 1e-6];
  while (found(high) < power) [low, high] = [high, 2 * high];
  while (high - low > high / 20) {
    const middle = (low + high) / 2;
    if (found(middle) < power) low = middle;
    else high = middle;
  }
  return high;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/**
 * How far two lots lie apart for certain where they do so most: of each decile, 10 % to 90 %, the gap between the ranges that it lies in
 * with a probability of 0.997 (David and Nagaraja, Order Statistics, 7.1), in their unit; 0 where the ranges overlap. A decile alone says
 * little: where a tenth of the times are late, the last one jumps by all that they are late by.
 */
export function certainShift(a: readonly number[], b: readonly number[]): number {
  const rangesOf = (lot: readonly number[]) => {
    const sorted = lot.toSorted((p, q) => p - q);
    return [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenths) => {
      const middle = (sorted.length * tenths) / 10;
      const reach = 3 * Math.sqrt(middle * (1 - tenths / 10));
      const low = sorted[Math.floor(middle - reach)] ?? Number.NEGATIVE_INFINITY;
      return { low, high: sorted[Math.ceil(middle + reach)] ?? Number.POSITIVE_INFINITY };
    });
  };
  const others = rangesOf(b);
  const gaps = rangesOf(a).map(({ low, high }, index) => {
    const other = others[index] ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    return Math.max(low - other.high, other.low - high);
  });
  return Math.max(0, ...gaps);
}

/** P(Z > z) of the normal distribution, to 1e-7 (Abramowitz and Stegun 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
