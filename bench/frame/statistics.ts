/** The arithmetic of rounds and latencies. */

/**
 * The value below which this part of all values lies, by the nearest rank. NaN for no values.
 * @param part from 0 to 1: 0.5 for the median of many, 0.99 for p99.
 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(part * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The value in the middle; of two, their mean. NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Median and range of what several rounds gave. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Each value divided by the one at the same place: rounds that ran beside one another. */
export function ratios(values: readonly number[], bases: readonly number[]): number[] {
  return values.map((value, index) => value / (bases[index] ?? Number.NaN));
}

/** A number as a reader takes it in: three significant digits, thousands apart. */
export function inShort(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** `median (least–most)`. */
export function inWords({ median: middle, least, most }: Spread): string {
  return `${inShort(middle)} (${inShort(least)}–${inShort(most)})`;
}

/** A part of one as a percentage: whole, but with one decimal near 0 and 100, since nearly all isn't all, and a few aren't none. */
export function percent(part: number): string {
  if (!Number.isFinite(part)) return '–';
  const value = part * 100;
  if (value > 0 && value < 1) return `${Math.max(value, 0.1).toFixed(1)} %`;
  if (value > 99 && value < 100) return `${Math.min(value, 99.9).toFixed(1)} %`;
  return `${Math.round(value)} %`;
}
