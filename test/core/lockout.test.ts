import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isPinResetDue,
  keepLock,
  type Lockout,
  lockByAdministrator,
  lockInForce,
  openLockout,
  type Reservation,
  reserve,
  settleSuccess,
  toldOfFailures,
  unlock,
} from '../../src/core/lockout.ts';
import { policyWith } from '../support/rules.ts';

const minute = 60_000;
const t0 = 1_700_000_000_000;

function admitted(reservation: Reservation): Lockout {
  if (reservation.outcome !== 'admitted') throw new Error(`was ${reservation.outcome}`);
  return reservation.lockout;
}

/** Charges so many failures, one a second. */
function fail(
  lockout: Lockout,
  times: number,
  policy = policyWith({}),
  from = t0,
  fromOwner = false,
): Lockout {
  return Array.from({ length: times }).reduce<Lockout>(
    (present, _, n) =>
      admitted(reserve(present, { id: `fail-${from}-${n}`, fromOwner }, policy, from + n * 1000)),
    lockout,
  );
}

const stranger = (id: string) => ({ id, fromOwner: false });
const owner = (id: string) => ({ id, fromOwner: true });

describe('reserve', () => {
  it('charges before anything is verified, and locks with the attempt that reaches the limit', () => {
    const policy = policyWith({ maxLogonAttempts: 3 });
    const two = fail(openLockout, 2, policy);
    expect(lockInForce(two, t0)).toBeNull();
    const three = fail(openLockout, 3, policy);
    expect(lockInForce(three, t0 + 5000)).toMatchObject({ reason: 'failures', until: null });
    expect(reserve(three, stranger('next'), policy, t0 + 5000)).toMatchObject({ outcome: 'locked' });
  });

  it('charges the same attempt once', () => {
    const policy = policyWith({});
    const once = admitted(reserve(openLockout, stranger('a'), policy, t0));
    expect(reserve(once, stranger('a'), policy, t0 + 20_000)).toEqual({ outcome: 'repeated' });
  });

  it('remembers an attempt for a minute and no longer, so that an account does not grow', () => {
    const policy = policyWith({});
    const first = admitted(reserve(openLockout, stranger('a'), policy, t0));
    const second = admitted(reserve(first, stranger('b'), policy, t0 + minute - 1));
    expect(second.recentAttempts.map(({ id }) => id)).toEqual(['a', 'b']);
    const third = admitted(reserve(second, stranger('c'), policy, t0 + minute));
    expect(third.recentAttempts.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('opens a timed lock by itself and starts the count afresh', () => {
    const policy = policyWith({ maxLogonAttempts: 3, lockoutMinutes: 10 });
    const locked = fail(openLockout, 3, policy);
    const until = t0 + 2000 + 10 * minute;
    expect(lockInForce(locked, until - 1)).toMatchObject({ reason: 'failures', until });
    expect(lockInForce(locked, until)).toBeNull();
    const after = admitted(reserve(locked, stranger('later'), policy, until));
    expect(after.consecutiveFailures).toBe(1);
    expect(lockInForce(after, until)).toBeNull();
  });

  it('locks for good at the cap, however often timed locks opened', () => {
    const policy = policyWith({ maxLogonAttempts: 5, lockoutMinutes: 1, maxFailuresBeforeHardLock: 12 });
    let lockout = openLockout;
    let charged = 0;
    for (let now = t0; now < t0 + 1000 * minute; now += minute / 2) {
      const reservation = reserve(lockout, stranger(`n${now}`), policy, now);
      if (reservation.outcome !== 'admitted') continue;
      lockout = reservation.lockout;
      charged += 1;
    }
    expect(charged).toBe(12);
    expect(lockInForce(lockout, t0 + 1_000_000 * minute)).toMatchObject({
      reason: 'failure-cap',
      until: null,
    });
  });
});

describe('a timed lock that a clock ahead has set', () => {
  const policy = policyWith({ maxLogonAttempts: 3, lockoutMinutes: 15 });
  const hour = 60 * minute;
  const lockedAt = (at: number) => fail(openLockout, 3, policy, at);

  it('holds from now on for as long as it was meant to, and everything else stays', () => {
    const ahead = lockedAt(t0 + hour);
    const { lock } = ahead;
    const refused = reserve(ahead, stranger('next'), policy, t0);
    expect(refused).toEqual({
      outcome: 'locked',
      lock: { ...lock, at: t0, until: t0 + 15 * minute },
      moved: { ...ahead, lock: { ...lock, at: t0, until: t0 + 15 * minute } },
    });
    if (refused.outcome !== 'locked' || refused.moved === undefined) throw new Error('It was moved.');
    const again = reserve(refused.moved, stranger('later'), policy, t0 + 15 * minute - 1);
    expect(again).toEqual({ outcome: 'locked', lock: refused.lock });
    expect(reserve(refused.moved, stranger('last'), policy, t0 + 15 * minute).outcome).toBe('admitted');
  });

  it('is no lock of the present, nor one for good', () => {
    const now = t0 + 2000;
    expect(reserve(lockedAt(t0), stranger('next'), policy, now)).not.toHaveProperty('moved');
    const byAdministrator = lockByAdministrator(openLockout, t0 + hour);
    expect(reserve(byAdministrator, stranger('next'), policy, t0)).toEqual({
      outcome: 'locked',
      lock: byAdministrator.lock,
    });
  });
});

describe('a failure that reaches both limits', () => {
  it('locks for good', () => {
    const policy = policyWith({ maxLogonAttempts: 3, maxFailuresBeforeHardLock: 3, lockoutMinutes: 10 });
    expect(fail(openLockout, 3, policy).lock).toMatchObject({ reason: 'failure-cap', until: null });
  });
});

describe('settleSuccess', () => {
  it('gives back the count, its own charge, and the lock that it caused itself', () => {
    const policy = policyWith({ maxLogonAttempts: 3 });
    const two = fail(openLockout, 2, policy);
    const third = admitted(reserve(two, owner('right'), policy, t0 + 9000));
    const settled = settleSuccess(third, 'right', t0 + 9100);
    expect(settled).toMatchObject({
      consecutiveFailures: 0,
      failuresSinceSuccess: 0,
      failuresSinceSignIn: 2,
      lastFailedAt: two.lastFailedAt,
      lock: null,
    });
  });

  it('never clears a lock that another attempt or an administrator set meanwhile', () => {
    const policy = policyWith({ maxLogonAttempts: 3 });
    const first = admitted(reserve(openLockout, stranger('right'), policy, t0));
    expect(settleSuccess(fail(first, 2, policy, t0 + 1), 'right', t0 + 3000)).toBeNull();
    expect(settleSuccess(lockByAdministrator(first, t0 + 1), 'right', t0 + 2)).toBeNull();
  });

  it('leaves the time of a later failure alone', () => {
    const right = admitted(reserve(openLockout, stranger('right'), policyWith({}), t0));
    const failed = fail(right, 1, policyWith({}), t0 + 500);
    expect(settleSuccess(failed, 'right', t0 + 900)?.lastFailedAt).toBe(t0 + 500);
  });

  it('settles no attempt that was never charged', () => {
    expect(settleSuccess(openLockout, 'never', t0)).toBeNull();
  });
});

describe('unlock', () => {
  it('lifts every lock and starts both limits afresh, but the owner still hears of the failures', () => {
    const policy = policyWith({ maxLogonAttempts: 3 });
    const opened = unlock(fail(openLockout, 3, policy));
    expect(opened).toMatchObject({
      lock: null,
      consecutiveFailures: 0,
      failuresSinceSuccess: 0,
      failuresSinceSignIn: 3,
    });
    expect(reserve(opened, stranger('fail-1700000000000-0'), policy, t0 + 5000)).toEqual({
      outcome: 'repeated',
    });
  });
});

describe('a lock', () => {
  const opened = { ...openLockout, failuresSinceSignIn: 4, lastFailedAt: t0 };

  it('by an administrator says so, and leaves the failures as they were', () => {
    expect(lockByAdministrator(opened, t0)).toEqual({
      ...opened,
      lock: { reason: 'administrator', at: t0, until: null, attemptId: null },
    });
  });

  it('that is put down for good keeps its reason, and no attempt takes it back', () => {
    const first = admitted(reserve(openLockout, stranger('right'), policyWith({}), t0));
    const kept = keepLock(first, { reason: 'inactivity', at: t0, until: null });
    expect(kept).toEqual({
      ...first,
      lock: { reason: 'inactivity', at: t0, until: null, attemptId: null },
    });
    expect(settleSuccess(kept, 'right', t0)).toBeNull();
  });

  it('stays when the owner is told of the failures', () => {
    const locked = lockByAdministrator(opened, t0);
    expect(toldOfFailures(locked)).toEqual({ ...locked, failuresSinceSignIn: 0 });
  });
});

describe('owner grace', () => {
  const policy = policyWith({ maxLogonAttempts: 3, ownerGrace: true });
  const locked = fail(openLockout, 3, policy);

  it('lets the owner try three times an hour while strangers caused the lock', () => {
    const later = t0 + minute;
    const three = ['a', 'b', 'c'].reduce(
      (present, id) => admitted(reserve(present, owner(id), policy, later)),
      locked,
    );
    expect(reserve(three, owner('d'), policy, later).outcome).toBe('locked');
    expect(reserve(three, stranger('e'), policy, later).outcome).toBe('locked');
    expect(reserve(three, owner('f'), policy, later + 60 * minute).outcome).toBe('admitted');
  });

  it('counts an hour from its first try, not from a later one', () => {
    const wrong = (present: Lockout, id: string, now: number) =>
      admitted(reserve(present, owner(id), policy, now));
    const later = t0 + 50 * minute;
    const spent = wrong(wrong(wrong(locked, 'a', t0 + minute), 'b', later), 'c', later);
    expect(reserve(spent, owner('d'), policy, t0 + 61 * minute - 1).outcome).toBe('locked');
    const anew = wrong(spent, 'd', t0 + 61 * minute);
    expect(anew.grace).toEqual({ since: t0 + 61 * minute, tries: 1 });
  });

  it('gives back the try that was right, and no other', () => {
    const wrong = admitted(reserve(locked, owner('a'), policy, t0 + minute));
    const right = admitted(reserve(wrong, owner('right'), policy, t0 + 2 * minute));
    expect(right.grace.tries).toBe(2);
    expect(settleSuccess(right, 'right', t0 + 2 * minute)?.grace.tries).toBe(1);
    expect(settleSuccess(fail(openLockout, 1, policy), `fail-${t0}-0`, t0)?.grace.tries).toBe(0);
  });

  it('signs the owner in without lifting the lock, and gives the try back', () => {
    const trying = admitted(reserve(locked, owner('right'), policy, t0 + minute));
    const settled = settleSuccess(trying, 'right', t0 + minute);
    expect(settled?.grace.tries).toBe(0);
    expect(settled === null ? null : lockInForce(settled, t0 + minute)).toMatchObject({ reason: 'failures' });
  });

  it('is off by default, and not for an owner whose own failures count among those that locked', () => {
    const off = policyWith({ maxLogonAttempts: 3 });
    expect(reserve(fail(openLockout, 3, off), owner('x'), off, t0 + minute).outcome).toBe('locked');
    const own = fail(fail(openLockout, 1, policy, t0, true), 2, policy, t0 + minute);
    expect(reserve(own, owner('x'), policy, t0 + 2 * minute).outcome).toBe('locked');
    expect(reserve(lockByAdministrator(openLockout, t0), owner('x'), policy, t0).outcome).toBe('locked');
  });

  it('starts the hour anew with the first try after a success', () => {
    const trying = admitted(reserve(locked, owner('right'), policy, t0 + minute));
    const settled = settleSuccess(trying, 'right', t0 + minute) ?? openLockout;
    const wrong = fail(settled, 3, policy, t0 + 50 * minute, true);
    expect(reserve(wrong, owner('x'), policy, t0 + 62 * minute).outcome).toBe('locked');
  });

  it('signs nobody in when an administrator locks meanwhile', () => {
    const trying = admitted(reserve(locked, owner('right'), policy, t0 + minute));
    const lockedMeanwhile = lockByAdministrator(trying, t0 + minute);
    expect(settleSuccess(lockedMeanwhile, 'right', t0 + minute)).toBeNull();
  });

  it('comes back to an owner whose own failures a success or the end of a lock has cleared', () => {
    const slip = fail(openLockout, 1, policy, t0, true);
    const right = admitted(reserve(slip, owner('right'), policy, t0 + minute));
    const cleared = settleSuccess(right, 'right', t0 + minute) ?? openLockout;
    const again = fail(cleared, 3, policy, t0 + 2 * minute);
    expect(reserve(again, owner('x'), policy, t0 + 3 * minute).outcome).toBe('admitted');

    const timed = { ...policy, lockoutMinutes: 10 };
    const opened = fail(fail(slip, 2, timed, t0 + minute), 3, timed, t0 + 20 * minute);
    expect(reserve(opened, owner('x'), timed, t0 + 21 * minute).outcome).toBe('admitted');
  });

  it('never takes the owner past the cap', () => {
    const capped = policyWith({ maxLogonAttempts: 3, maxFailuresBeforeHardLock: 5, ownerGrace: true });
    let lockout = fail(openLockout, 3, capped);
    let tries = 0;
    for (let hour = 1; hour < 50; hour += 1) {
      const reservation = reserve(lockout, owner(`h${hour}`), capped, t0 + hour * 60 * minute);
      if (reservation.outcome !== 'admitted') continue;
      lockout = reservation.lockout;
      tries += 1;
    }
    expect(tries).toBe(1);
  });
});

describe('isPinResetDue', () => {
  it('is due at each multiple, and never when switched off', () => {
    const policy = policyWith({ logonFailuresBeforePinReset: 4 });
    const due = Array.from({ length: 9 }, (_, n) => isPinResetDue(fail(openLockout, n, policy), policy));
    expect(due).toEqual([false, false, false, false, true, false, false, false, true]);
    expect(isPinResetDue(fail(openLockout, 5), policyWith({}))).toBe(false);
  });
});

/** What may happen to a lockout, in any order. */
const happenings = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 30 * minute }),
    what: fc.constantFrom('wrong', 'right', 'repeat', 'administrator', 'unlock'),
    fromOwner: fc.boolean(),
  }),
  { maxLength: 200 },
);

describe('any sequence', () => {
  const policies = fc.record({
    maxLogonAttempts: fc.integer({ min: 1, max: 6 }),
    lockoutMinutes: fc.constantFrom(0, 1, 20),
    maxFailuresBeforeHardLock: fc.integer({ min: 6, max: 20 }),
    ownerGrace: fc.boolean(),
  });

  it('never admits more failures between successes and unlocks than the cap, nor any to a lock without grace', () => {
    fc.assert(
      fc.property(policies, happenings, (changes, steps) => {
        const policy = policyWith(changes);
        let lockout = openLockout;
        let now = t0;
        let failures = 0;
        let last = stranger('none');
        steps.forEach(({ wait, what, fromOwner }, n) => {
          now += wait;
          if (what === 'administrator') lockout = lockByAdministrator(lockout, now);
          if (what === 'unlock') {
            lockout = unlock(lockout);
            failures = 0;
          }
          if (what !== 'wrong' && what !== 'right' && what !== 'repeat') return;
          const attempt = what === 'repeat' ? last : { id: `n${n}`, fromOwner };
          const before = lockInForce(lockout, now);
          const reservation = reserve(lockout, attempt, policy, now);
          if (reservation.outcome !== 'admitted') return;
          expect(before === null || (policy.ownerGrace && fromOwner && before.reason === 'failures')).toBe(
            true,
          );
          last = attempt;
          lockout = reservation.lockout;
          failures += 1;
          if (what === 'right') {
            lockout = settleSuccess(lockout, attempt.id, now) ?? lockout;
            failures = lockout.failuresSinceSuccess;
          }
          expect(failures).toBeLessThanOrEqual(policy.maxFailuresBeforeHardLock);
          expect(lockout.failuresSinceSuccess).toBe(failures);
        });
      }),
    );
  });
});
