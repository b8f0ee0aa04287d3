import { describe, expect, it } from 'vitest';
import { isLockWorthTelling, withEnded, withoutToldOfLock, withWaiting } from '../../src/core/mail-memory.ts';

const day = 86_400_000;
const t0 = 1_700_000_000_000;

describe('what an account remembers of mails', () => {
  it('counts those that wait, from none', () => {
    expect(withWaiting(undefined, 1)).toEqual({ waiting: 1 });
    expect(withWaiting({ toldOfLockAt: t0 }, 1)).toEqual({ toldOfLockAt: t0, waiting: 1 });
    expect(withWaiting({ waiting: 2 }, 3)).toEqual({ waiting: 5 });
  });

  it('forgets a mail that was given up once a later one is accepted, and only then', () => {
    const givenUp = withEnded({ waiting: 3, toldOfExpiryOf: 'p1' }, 'given-up', t0);
    expect(givenUp).toEqual({ waiting: 2, toldOfExpiryOf: 'p1', givenUpAt: t0 });
    const dropped = withEnded(givenUp, 'dropped', t0 + 1);
    expect(dropped).toEqual({ waiting: 1, toldOfExpiryOf: 'p1', givenUpAt: t0 });
    expect(withEnded(dropped, 'accepted', t0 + 2)).toEqual({ waiting: 0, toldOfExpiryOf: 'p1' });
  });

  it.each(['accepted', 'dropped', 'given-up'] as const)('never has fewer than none waiting: %s', (end) => {
    expect(withEnded(undefined, end, t0).waiting).toBe(0);
    expect(withEnded({ waiting: 0 }, end, t0).waiting).toBe(0);
  });

  it('has a lock told once a day', () => {
    expect(isLockWorthTelling(undefined, t0)).toBe(true);
    expect(isLockWorthTelling({ toldOfLockAt: t0 }, t0 + day - 1)).toBe(false);
    expect(isLockWorthTelling({ toldOfLockAt: t0 }, t0 + day)).toBe(true);
    expect(isLockWorthTelling({ toldOfLockAt: 0 }, 1)).toBe(false);
  });

  it('has a lock told again whose mail was taken back', () => {
    const told = { waiting: 1, toldOfLockAt: t0 };
    expect(withoutToldOfLock(told)).toEqual({ waiting: 1 });
    expect(withoutToldOfLock(undefined)).toEqual({});
    expect(isLockWorthTelling(withoutToldOfLock(told), t0)).toBe(true);
  });
});
