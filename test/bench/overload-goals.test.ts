import { expect, it } from 'vitest';
import { longestGap, type OverloadRound, overloadGoals } from '../../bench/suites/overload-goals.ts';

const good: OverloadRound = {
  calls: 1000,
  unanswered: 0,
  slowestMs: 3000,
  health: { ms: [1, 2, 3], failed: 0 },
  memory: { before: 200, earlier: 300, peak: 310 },
  turnedAway: 900,
  checked: 100,
  toldElse: {},
  chargedAway: 0,
  charged: { accounts: 5, service: 5 },
  share: 0.9,
};

/** Two rounds in which all is well, and one in which something isn't. */
const withOne = (changes: Partial<OverloadRound>) =>
  overloadGoals('redis', [good, { ...good, ...changes }, good]);
const missed = (changes: Partial<OverloadRound>) =>
  withOne(changes)
    .filter(({ met }) => !met)
    .map(({ text }) => text.replace('redis: ', ''));

it('is content with rounds that are all well', () => {
  expect(missed({})).toEqual([]);
});

it.each([
  [{ unanswered: 1 }, 'no answer but 200'],
  [{ slowestMs: 5400 }, 'no answer later than 5 s'],
  [{ slowestMs: Number.POSITIVE_INFINITY }, 'no answer later than 5 s'],
  [{ health: { ms: [1, 101], failed: 0 } }, '/healthz within 100 ms throughout'],
  [{ health: { ms: [1], failed: 1 } }, '/healthz within 100 ms throughout'],
  [
    { memory: { before: 200, earlier: 300, peak: 331 } },
    'memory bounded: no higher in the second half than in the first, within 10 %',
  ],
  [
    { toldElse: { other: 77 } },
    'those turned away hear that too many are calling, and the others what came of their PIN',
  ],
  [{ chargedAway: 1 }, 'whoever is turned away is charged nothing'],
  [{ charged: { accounts: 5, service: 6 } }, 'whoever is turned away is charged nothing'],
])('judges by the worst round: %j', (changes, goal) => {
  expect(missed(changes)).toEqual([goal]);
});

it('judges what is admitted by the median, and tells the range', () => {
  expect(missed({ share: 0.1 })).toEqual([]);
  const [few] = overloadGoals('redis', [good, { ...good, share: 0.8 }, { ...good, share: 0.7 }]).slice(-1);
  expect(few).toMatchObject({ met: false, measured: '80 % (70 %–90 %)' });
});

it('tells each round, and all of them together', () => {
  const measured = withOne({ slowestMs: 5400, toldElse: { other: 77 } }).map((goal) => goal.measured);
  expect(measured[0]).toBe('0 of 3,000 calls in 3 rounds had another, or none');
  expect(measured[1]).toBe('the slowest took 5.4 s (by round 3, 5.4, 3)');
  expect(measured[4]).toBe('2,700 and 300 did in 3 rounds; something else: other 77');
});

it('says where to read on for everything that a round may miss but charges, which nothing excuses', () => {
  const without = withOne({}).filter(({ because }) => because === undefined);
  expect(without.map(({ text }) => text)).toEqual(['redis: whoever is turned away is charged nothing']);
});

it('finds the longest time in which nothing came of anything', () => {
  expect(longestGap([1, 2, 5, 6], 0, 7)).toBe(3);
  expect(longestGap([1, 2], 0, 10)).toBe(8);
  expect(longestGap([], 0, 10)).toBe(10);
});
