import { expect, it } from 'vitest';
import { outcomeOf, type Told } from '../../bench/frame/caller.ts';

const callTold = (told: Told) => ({ told, pinMs: 1, slowestMs: 1, answered: true });

it.each([
  ['in', 'checked', 'something else'],
  ['wrong', 'something else', 'checked'],
  ['busy', 'turned away', 'turned away'],
  ['keys', 'something else', 'something else'],
  ['other', 'something else', 'something else'],
] as const)(
  'a call that was told "%s" is %s with the right PIN, %s with a wrong one',
  (told, right, wrong) => {
    expect(outcomeOf(callTold(told), 'right')).toBe(right);
    expect(outcomeOf(callTold(told), 'wrong')).toBe(wrong);
  },
);

it('a call without an answer is something else', () => {
  expect(outcomeOf(null, 'right')).toBe('something else');
  expect(outcomeOf(null, 'wrong')).toBe('something else');
});
