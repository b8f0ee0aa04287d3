import { describe, expect, it } from 'vitest';
import {
  type Account,
  changeDue,
  createAccount,
  expiryWarning,
  hasRunOut,
  lockOf,
  minutesUntilChangeable,
  type Pin,
  rememberedHashes,
  revisionOf,
  verifiedPin,
  withChangeRequired,
  withLinkedPin,
  withLock,
  withPin,
  withProfile,
  withSignIn,
} from '../../src/core/account.ts';
import { openLockout } from '../../src/core/lockout.ts';
import type { PinPolicy } from '../../src/core/pin/policy.ts';
import { profileWith } from '../support/profiles.ts';
import { policyWith } from '../support/rules.ts';

const day = 86_400_000;
const t0 = 1_700_000_000_000;

const profile = profileWith();
const blank = createAccount('a1', profile, t0);

function newPin(id: string, length = 6) {
  return { id, hash: { hash: `hash of ${id}`, pepperId: 'k' }, length };
}

function pinOf(account: Account): Pin {
  if (account.pin === null) throw new Error('has no PIN');
  return account.pin;
}

function accountWith(policy: PinPolicy = policyWith({}), isChangeRequired = false): Account {
  return withPin(blank, newPin('p1'), 'administrator', isChangeRequired, policy, t0);
}

describe('a new account', () => {
  it('has no PIN, no failure and no past', () => {
    expect(blank).toEqual({
      schemaVersion: expect.any(Number),
      id: 'a1',
      profile,
      pin: null,
      lockout: {
        consecutiveFailures: 0,
        failuresSinceSuccess: 0,
        failuresSinceSignIn: 0,
        lastFailedAt: null,
        lock: null,
        ownerFailed: false,
        grace: { since: 0, tries: 0 },
        recentAttempts: [],
      },
      createdAt: t0,
      unlockedAt: null,
      lastSignInAt: null,
    });
  });
});

describe('changeDue', () => {
  const due = (account: Account, policy: PinPolicy, now: number) =>
    changeDue(account, pinOf(account), policy, now);

  it('tells first use from a reset, age and a stricter policy', () => {
    const policy = policyWith({ lifetimeDays: 30, expiryWarningDays: 0 });
    expect(due(accountWith(policy, true), policy, t0)).toBe('first-use');
    expect(due(withSignIn(accountWith(policy, true), t0), policy, t0)).toBe('administrator');
    expect(due(accountWith(policy), policy, t0 + 30 * day - 1)).toBeNull();
    expect(due(accountWith(policy), policy, t0 + 30 * day)).toBe('expired');
    expect(due(accountWith(), policyWith({ minLength: 7 }), t0)).toBe('policy');
    expect(due(accountWith(), policyWith({}), t0 + 10_000 * day)).toBeNull();
  });
});

describe('expiryWarning', () => {
  it('counts whole days, only within the window and only where PINs expire', () => {
    const policy = policyWith({ lifetimeDays: 30, expiryWarningDays: 5 });
    const pin = pinOf(accountWith(policy));
    const days = [24.9, 25, 28, 28.5, 29.9].map((age) => expiryWarning(pin, policy, t0 + age * day));
    expect(days).toEqual([null, 5, 2, 2, 1]);
    expect(expiryWarning(pin, policyWith({ lifetimeDays: 0 }), t0 + 29 * day)).toBeNull();
    expect(
      expiryWarning(pin, policyWith({ lifetimeDays: 30, expiryWarningDays: 0 }), t0 + 29 * day),
    ).toBeNull();
    expect(
      expiryWarning(pin, policyWith({ lifetimeDays: 30, expiryWarningDays: 0 }), t0 + 31 * day),
    ).toBeNull();
  });
});

describe('withPin', () => {
  it('keeps as many earlier PINs as the policy remembers, the one in use first', () => {
    const policy = policyWith({ historyCount: 3 });
    const account = ['p1', 'p2', 'p3', 'p4', 'p5'].reduce(
      (present, id) => withPin(present, newPin(id), 'owner', false, policy, t0),
      blank,
    );
    const names = rememberedHashes(pinOf(account), policy).map(({ hash }) => hash);
    expect(names).toEqual(['hash of p5', 'hash of p4', 'hash of p3']);
    expect(rememberedHashes(pinOf(account), policyWith({ historyCount: 0 }))).toEqual([]);
    expect(pinOf(account).history).toHaveLength(3);
    expect(pinOf(accountWith(policy)).history).toEqual([]);
  });

  it('lets only a generated PIN run out, and only unused', () => {
    const policy = policyWith({ temporaryPinHours: 1 });
    const hour = 3_600_000;
    const generated = withPin(blank, newPin('p1'), 'generated', true, policy, t0);
    expect([t0 + hour - 1, t0 + hour].map((now) => hasRunOut(pinOf(generated), now))).toEqual([false, true]);
    expect(hasRunOut(pinOf(withSignIn(generated, t0)), t0 + hour)).toBe(false);
    expect(hasRunOut(pinOf(accountWith(policy)), t0 + 1000 * hour)).toBe(false);
    const lasting = withPin(blank, newPin('p1'), 'generated', true, policyWith({ temporaryPinHours: 0 }), t0);
    expect(hasRunOut(pinOf(lasting), t0 + 1e6 * hour)).toBe(false);
  });
});

describe('lockOf', () => {
  const policy = policyWith({ inactivityLockDays: 10 });

  it('locks what nobody has used for so long, counted from the last use or unlock', () => {
    const account = accountWith(policy);
    expect(lockOf(account, policy, t0 + 10 * day - 1)).toBeNull();
    expect(lockOf(account, policy, t0 + 10 * day)).toMatchObject({ reason: 'inactivity', until: null });
    expect(lockOf(withSignIn(account, t0 + 5 * day), policy, t0 + 14 * day)).toBeNull();
    expect(lockOf(withLock(account, false, t0 + 20 * day), policy, t0 + 29 * day)).toBeNull();
    expect(lockOf(account, policyWith({}), t0 + 9999 * day)).toBeNull();
    const changed = withPin(account, newPin('p2'), 'owner', false, policy, t0 + 7 * day);
    expect(lockOf(changed, policy, t0 + 17 * day - 1)).toBeNull();
    expect(lockOf(changed, policy, t0 + 17 * day)).toMatchObject({ reason: 'inactivity', at: t0 + 17 * day });
    expect(lockOf(blank, policy, t0 + 10 * day - 1)).toBeNull();
    expect(lockOf(blank, policy, t0 + 10 * day)).toMatchObject({ reason: 'inactivity' });
  });

  it('puts inactivity before failures, for which owners may have grace, and after what only an administrator lifts', () => {
    const account = accountWith(policy);
    const lockedBy = (reason: 'failures' | 'failure-cap' | 'administrator') => ({
      ...account,
      lockout: { ...account.lockout, lock: { reason, at: t0, until: null, attemptId: null } },
    });
    const later = t0 + 10 * day;
    expect(lockOf(lockedBy('failures'), policy, later - 1)?.reason).toBe('failures');
    expect(lockOf(lockedBy('failures'), policy, later)?.reason).toBe('inactivity');
    expect(lockOf(lockedBy('failure-cap'), policy, later)?.reason).toBe('failure-cap');
    expect(lockOf(lockedBy('administrator'), policy, later)?.reason).toBe('administrator');
    expect(verifiedPin(lockedBy('failures'), 'p1', { ...policy, ownerGrace: true }, later)).toBeNull();
  });
});

describe('verifiedPin', () => {
  it('holds only while the account is enabled, open, and has the PIN that was verified', () => {
    const policy = policyWith({});
    const account = accountWith();
    expect(verifiedPin(account, 'p1', policy, t0)).toBe(account.pin);
    expect(verifiedPin(account, 'p2', policy, t0)).toBeNull();
    expect(verifiedPin(null, 'p1', policy, t0)).toBeNull();
    expect(verifiedPin(blank, 'p1', policy, t0)).toBeNull();
    expect(verifiedPin({ ...account, profile: { ...profile, enabled: false } }, 'p1', policy, t0)).toBeNull();
    expect(verifiedPin(withLock(account, true, t0), 'p1', policy, t0)).toBeNull();
  });

  it('survives a lock that strangers caused where owners have grace', () => {
    const lock = { reason: 'failures', at: t0, until: null, attemptId: 'x' } as const;
    const account = accountWith();
    const locked = { ...account, lockout: { ...account.lockout, lock } };
    expect(verifiedPin(locked, 'p1', policyWith({}), t0)).toBeNull();
    expect(verifiedPin(locked, 'p1', policyWith({ ownerGrace: true }), t0)).toBe(account.pin);
  });
});

describe('withLinkedPin', () => {
  const failing = {
    consecutiveFailures: 10,
    failuresSinceSuccess: 10,
    failuresSinceSignIn: 10,
    lastFailedAt: t0,
  };
  const failed = (reason: 'failures' | 'failure-cap' | 'administrator' | null) => ({
    ...accountWith(),
    lockout: {
      ...openLockout,
      ...failing,
      lock: reason === null ? null : { reason, at: t0, until: null, attemptId: 'x' },
    },
  });
  const linked = (account: Account, policy = policyWith({}), now = t0 + 1) =>
    withLinkedPin(account, newPin('p2'), policy, now);

  it('sets a PIN that its owner chose: it needs no change and does not run out', () => {
    const policy = policyWith({ temporaryPinHours: 1 });
    expect(pinOf(linked(failed(null), policy))).toMatchObject({
      id: 'p2',
      setAt: t0 + 1,
      changeRequired: false,
      temporaryUntil: null,
    });
  });

  it.each(['failures', null] as const)('forgives failures, and a lock that they caused: %s', (reason) => {
    expect(linked(failed(reason)).lockout).toMatchObject({
      consecutiveFailures: 0,
      failuresSinceSuccess: 0,
      failuresSinceSignIn: 10,
      lock: null,
    });
  });

  it.each(['failure-cap', 'administrator'] as const)(
    'lifts no other lock, and forgives nothing: %s',
    (reason) => {
      const { lockout } = linked(failed(reason));
      expect(lockout).toMatchObject({ consecutiveFailures: 10, failuresSinceSuccess: 10 });
      expect(lockout.lock).toEqual({ reason, at: t0, until: null, attemptId: null });
    },
  );

  it('puts a lock by inactivity down for good, which the new PIN would have ended', () => {
    const policy = policyWith({ inactivityLockDays: 10 });
    const account = linked(accountWith(), policy, t0 + 10 * day);
    expect(lockOf(account, policy, t0 + 10 * day)?.reason).toBe('inactivity');
    expect(lockOf(account, policyWith({}), t0 + 999 * day)?.reason).toBe('inactivity');
  });
});

describe('minutesUntilChangeable', () => {
  it('counts whole minutes from when the PIN was set, rounded up, to none', () => {
    const policy = policyWith({ minMinutesBetweenChanges: 30 });
    const pin = pinOf(accountWith(policy));
    const waits = [0, 1, 60_000, 1_799_999, 1_800_000, 9_000_000].map((age) =>
      minutesUntilChangeable(pin, policy, t0 + age),
    );
    expect(waits).toEqual([30, 30, 29, 1, 0, 0]);
    expect(minutesUntilChangeable(pin, policyWith({ minMinutesBetweenChanges: 0 }), t0)).toBe(0);
    // A clock that was ahead has set it.
    expect(minutesUntilChangeable(pin, policy, t0 - 1)).toBe(0);
  });
});

describe('small changes', () => {
  it('of the mark for a change touch the PIN that is there, and nothing else', () => {
    const account = accountWith();
    const marked = withChangeRequired(account, true);
    expect(marked).toEqual({ ...account, pin: { ...account.pin, changeRequired: true } });
    expect(withChangeRequired(marked, false)).toEqual(account);
    expect(withChangeRequired(blank, true)).toBe(blank);
  });

  it('of the profile are counted, from none', () => {
    expect(revisionOf(blank)).toBe(0);
    const renamed = withProfile(blank, profileWith({ displayName: 'Ada' }));
    expect(renamed).toEqual({ ...blank, profile: profileWith({ displayName: 'Ada' }), revision: 1 });
    expect(revisionOf(withProfile(renamed, profile))).toBe(2);
  });

  it('of a lock by an administrator say when, and are counted as use when lifted', () => {
    const locked = withLock(blank, true, t0 + 5);
    expect(locked).toMatchObject({ unlockedAt: null });
    expect(locked.lockout.lock).toEqual({
      reason: 'administrator',
      at: t0 + 5,
      until: null,
      attemptId: null,
    });
    expect(withLock(locked, false, t0 + 9)).toEqual({ ...blank, unlockedAt: t0 + 9 });
  });

  it('of a sign-in tell when, and leave an account without a PIN without one', () => {
    const failed = { ...blank, lockout: { ...openLockout, failuresSinceSignIn: 3 } };
    expect(withSignIn(failed, t0 + 7)).toEqual({ ...blank, lastSignInAt: t0 + 7 });
  });
});
