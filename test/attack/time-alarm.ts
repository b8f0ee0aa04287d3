/** When two lots of answer times differ so that a caller could tell. */
import { certainShift, kolmogorovSmirnov, mannWhitney, median } from './rank-test.ts';

/**
 * What differs by less is reported, and is no alarm: a call carries sound in packets of 20 ms, so nobody on the telephone can tell. It is
 * there to be found, where nothing lies between: what is stored of an account is longer than what is stored of nobody. It holds for the
 * median, and for each decile as far as chance can't have moved it: on a machine with twice as much to do as it has cores, the last
 * decile of 400 times of one kind was seen to move by 8 ms, and by none for certain.
 */
const audibleMs = 1;

export interface ComparedTimes {
  /** Of no difference, by Mann-Whitney U and by Kolmogorov-Smirnov. */
  readonly byRank: number;
  readonly byShape: number;
  /** In ms; positive: the first lot is later. */
  readonly medianShift: number;
  /** What a decile differs by for certain, in ms: some of the tries may be later while the median stays. */
  readonly certainShift: number;
  /** Whether one of the tests found a difference. */
  readonly isFound: boolean;
  /** Whether it is one that a caller could tell. */
  readonly isAlarm: boolean;
}

/** @param a and b in ms. @param alpha the probability below which a test has found a difference. */
export function compareTimes(a: readonly number[], b: readonly number[], alpha: number): ComparedTimes {
  const [byRank, byShape] = [mannWhitney(a, b), kolmogorovSmirnov(a, b)];
  const [medianShift, certain] = [median(a) - median(b), certainShift(a, b)];
  const isFound = Math.min(byRank, byShape) < alpha;
  const isAlarm = isFound && Math.max(Math.abs(medianShift), certain) > audibleMs;
  return { byRank, byShape, medianShift, certainShift: certain, isFound, isAlarm };
}
