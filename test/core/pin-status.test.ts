import { describe, expect, it } from 'vitest';
import { type Account, createAccount, withLock, withPin, withSignIn } from '../../src/core/account.ts';
import { openLockout } from '../../src/core/lockout.ts';
import { pinStatusOf } from '../../src/core/pin-status.ts';
import { profileWith } from '../support/profiles.ts';
import { policyWith } from '../support/rules.ts';

const day = 86_400_000;
const t0 = 1_700_000_000_000;
const policy = policyWith({ lifetimeDays: 30, temporaryPinHours: 72 });
const named = { name: 'strict', policy, mailText: null };
const blank = createAccount('a1', profileWith(), t0);
const newPin = { id: 'p1', hash: { hash: 'a hash', pepperId: 'k' }, length: 6 };
const chosen = withPin(blank, newPin, 'owner', false, policy, t0 + 1);
const statusOf = (account: Account, now = t0 + 2) => pinStatusOf(account, named, now);

describe("a PIN's status", () => {
  it('of an account that has none says so, and nothing else', () => {
    expect(statusOf(blank)).toEqual({
      userId: 'a1',
      extension: '4711',
      pinSet: false,
      pinExpired: false,
      lockedOut: false,
      lockReason: null,
      lockedUntil: null,
      firstTimeUser: true,
      lastChangedAt: null,
      expiresAt: null,
      failedAttempts: 0,
      lastFailedAt: null,
      lastSignInAt: null,
      policy: 'strict',
      mailsWaiting: 0,
      mailGivenUpAt: null,
    });
  });

  it('says when the PIN was set, used, and expires', () => {
    expect(statusOf(withSignIn(chosen, t0 + 3))).toMatchObject({
      pinSet: true,
      pinExpired: false,
      firstTimeUser: false,
      lastChangedAt: t0 + 1,
      expiresAt: t0 + 1 + 30 * day,
      lastSignInAt: t0 + 3,
    });
  });

  it('has a PIN expired by age, by an administrator, and when it was left unused for too long', () => {
    expect(statusOf(chosen, t0 + 30 * day).pinExpired).toBe(false);
    expect(statusOf(chosen, t0 + 1 + 30 * day).pinExpired).toBe(true);
    expect(statusOf(withPin(blank, newPin, 'administrator', true, policy, t0)).pinExpired).toBe(true);
    const generated = withPin(blank, newPin, 'generated', false, policy, t0);
    expect(statusOf(generated, t0 + 3 * day - 1).pinExpired).toBe(false);
    expect(statusOf(generated, t0 + 3 * day).pinExpired).toBe(true);
  });

  it('tells the lock, its reason and its end, and the failures', () => {
    const lock = { reason: 'failures', at: t0, until: t0 + day, attemptId: null } as const;
    const lockout = {
      ...openLockout,
      failuresSinceSuccess: 7,
      consecutiveFailures: 3,
      lastFailedAt: t0,
      lock,
    };
    expect(statusOf({ ...chosen, lockout })).toMatchObject({
      lockedOut: true,
      lockReason: 'failures',
      lockedUntil: t0 + day,
      failedAttempts: 7,
      lastFailedAt: t0,
    });
    expect(statusOf({ ...chosen, lockout }, t0 + day)).toMatchObject({
      lockedOut: false,
      lockReason: null,
      lockedUntil: null,
    });
    expect(statusOf(withLock(chosen, true, t0))).toMatchObject({
      lockedOut: true,
      lockReason: 'administrator',
      lockedUntil: null,
    });
  });

  it('tells of mails that wait, and of one that was given up', () => {
    const mail = { waiting: 2, givenUpAt: t0 };
    expect(statusOf({ ...chosen, mail })).toMatchObject({ mailsWaiting: 2, mailGivenUpAt: t0 });
  });
});
