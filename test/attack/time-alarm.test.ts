import { describe, expect, it } from 'vitest';
import { seededRandom } from '../soak/budget.ts';
import { compareTimes } from './time-alarm.ts';

describe('times that differ', () => {
  const random = seededRandom('time alarm', 1);
  const alpha = 1e-4;
  /** 13 to 14 ms, and each tenth up to 100 ms later, as on a busy machine. */
  const times = (delayed: (index: number) => number = () => 0) =>
    Array.from({ length: 1000 }, (_, index) => {
      const late = random.below(10) === 0 ? random.below(100) : 0;
      return 13 + random.below(1000) / 1000 + late + delayed(index);
    });
  const compare = (delayed?: (index: number) => number) => compareTimes(times(delayed), times(), alpha);

  it('raise no alarm when it is by chance', () => {
    for (let n = 0; n < 20; n += 1) expect(compare()).toMatchObject({ isFound: false, isAlarm: false });
  });

  it('raise none when nobody on the telephone can tell', () =>
    expect(compare(() => 0.4)).toMatchObject({ isFound: true, isAlarm: false }));

  it('raise one when all are later', () => expect(compare(() => 2)).toMatchObject({ isAlarm: true }));

  it('raise one when three of ten are later, which the median hardly tells', () => {
    const compared = compare((index) => (index % 10 < 3 ? 30 : 0));
    expect(Math.abs(compared.medianShift)).toBeLessThan(1);
    expect(compared.certainShift).toBeGreaterThan(25);
    expect(compared).toMatchObject({ isAlarm: true });
  });

  it('raise one when as many are sooner as are later, which the ranks do not tell', () => {
    const compared = compare((index) => [-12, 0, 12][index % 3] ?? 0);
    expect(compared).toMatchObject({ isAlarm: true });
  });
});
