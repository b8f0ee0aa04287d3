import { describe, expect, it } from 'vitest';
import {
  type Account,
  changeDue,
  createAccount,
  expiryWarning,
  hasRunOut,
  lockOf,
  type Pin,
  rememberedHashes,
  verifiedPin,
  withLock,
  withPin,
  withSignIn,
} from '../../src/core/account.ts';
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
