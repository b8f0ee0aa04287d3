/**
 * Counting failures and locking, as values. An attempt is charged before its hash is computed (`reserve`) and given back only by
 * a success (`settleSuccess`), so that N parallel guesses get at most what is left of the limit; a crash in between leaves it
 * charged. Failures need no settling: they were counted when they were reserved.
 */
import type { LockReason } from './codes.ts';
import type { PinPolicy } from './pin/policy.ts';

/** Times are Unix milliseconds. `until` null: only an administrator unlocks. */
export interface Lock {
  readonly reason: LockReason;
  readonly at: number;
  readonly until: number | null;
}

interface Attempt {
  readonly id: string;
  readonly at: number;
  readonly byGrace: boolean;
  /** What `lastFailedAt` was before this charge, so that a success can give that back too. */
  readonly failedBefore: number | null;
}

export interface Lockout {
  /** Failures since the last success, unlock, or opening of a timed lock; what `maxLogonAttempts` limits. */
  readonly consecutiveFailures: number;
  /** Failures since the last success or unlock, surviving timed locks; what `maxFailuresBeforeHardLock` limits. */
  readonly failuresSinceSuccess: number;
  /** Failures since the owner last signed in; what the owner hears. */
  readonly failuresSinceSignIn: number;
  readonly lastFailedAt: number | null;
  readonly lock: (Lock & { readonly attemptId: string | null }) | null;
  /** Whether one of the consecutive failures came from the owner's own number: then the owner has no grace. */
  readonly ownerFailed: boolean;
  /** The owner's tries while locked, in the hour that began at `since`. */
  readonly grace: { readonly since: number; readonly tries: number };
  /** The attempts of the last minute, so that a webhook delivered twice is charged once. */
  readonly recentAttempts: readonly Attempt[];
}

export const openLockout: Lockout = {
  consecutiveFailures: 0,
  failuresSinceSuccess: 0,
  failuresSinceSignIn: 0,
  lastFailedAt: null,
  lock: null,
  ownerFailed: false,
  grace: { since: 0, tries: 0 },
  recentAttempts: [],
};

/** One try at a PIN. `id` is the same when the same webhook is delivered again; `fromOwner`: the caller's number is the account's. */
export interface AttemptFacts {
  readonly id: string;
  readonly fromOwner: boolean;
}

export type Reservation =
  | { readonly outcome: 'admitted'; readonly lockout: Lockout }
  | { readonly outcome: 'repeated'; readonly moved?: undefined }
  /** `moved`: the lock was anchored anew, which is to be stored; absent: nothing changed. */
  | { readonly outcome: 'locked'; readonly lock: Lock; readonly moved?: Lockout };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A provider gives a webhook up after 15 s and tries once more, so a repeat comes within this. */
const repeatHorizonMs = minuteMs;
const graceTriesPerHour = 3;

/** The lock that holds at `now`, or null; a timed lock opens by itself. */
export function lockInForce(lockout: Lockout, now: number): Lock | null {
  const { lock } = lockout;
  return lock !== null && (lock.until === null || now < lock.until) ? lock : null;
}

/** Whether this very attempt was charged before: its webhook was delivered again. */
export function isCharged(lockout: Lockout, attemptId: string): boolean {
  return lockout.recentAttempts.some(({ id }) => id === attemptId);
}

/** Charges an attempt, or says why it may not be made. The attempt that reaches a limit locks in the same stroke. */
export function reserve(
  lockout: Lockout,
  attempt: AttemptFacts,
  policy: PinPolicy,
  now: number,
): Reservation {
  if (isCharged(lockout, attempt.id)) return { outcome: 'repeated' };
  const anchored = anchor(lockout, now);
  const lock = lockInForce(anchored, now);
  if (lock === null) return { outcome: 'admitted', lockout: charge(opened(lockout), attempt, policy, now) };
  if (!hasGrace(anchored, lock, attempt, policy, now)) {
    return { outcome: 'locked', lock, ...(anchored === lockout ? {} : { moved: anchored }) };
  }
  return { outcome: 'admitted', lockout: chargeGrace(anchored, attempt, now) };
}

/**
 * Gives an attempt's charge back, with the lock that this very attempt caused. Never clears another lock: an account that was
 * locked while the hash was computed stays locked, and the answer is null.
 */
export function settleSuccess(lockout: Lockout, attemptId: string, now: number): Lockout | null {
  const attempt = lockout.recentAttempts.find(({ id }) => id === attemptId);
  if (attempt === undefined) return null;
  const lock = lockInForce(lockout, now);
  const lockedByOther = lock !== null && lockout.lock?.attemptId !== attemptId;
  if (lockedByOther && !(attempt.byGrace && lock.reason === 'failures')) return null;
  return {
    ...lockout,
    consecutiveFailures: 0,
    failuresSinceSuccess: 0,
    failuresSinceSignIn: Math.max(0, lockout.failuresSinceSignIn - 1),
    lastFailedAt: lockout.lastFailedAt === attempt.at ? attempt.failedBefore : lockout.lastFailedAt,
    lock: lockedByOther ? lockout.lock : null,
    ownerFailed: false,
    grace: { ...lockout.grace, tries: Math.max(0, lockout.grace.tries - (attempt.byGrace ? 1 : 0)) },
  };
}

/** An administrator's lock; nothing but an administrator lifts it. */
export function lockByAdministrator(lockout: Lockout, now: number): Lockout {
  return { ...lockout, lock: { reason: 'administrator', at: now, until: null, attemptId: null } };
}

/** Lifts any lock and starts both limits afresh. The owner still hears of the failures since the last sign-in. */
export function unlock(lockout: Lockout): Lockout {
  return {
    ...openLockout,
    failuresSinceSignIn: lockout.failuresSinceSignIn,
    lastFailedAt: lockout.lastFailedAt,
    recentAttempts: lockout.recentAttempts,
  };
}

/** The lock of an account that nobody used, put down for good: what ends it otherwise, such as a new PIN, must not. */
export function keepLock(lockout: Lockout, lock: Lock): Lockout {
  return { ...lockout, lock: { ...lock, attemptId: null } };
}

/** Forgets the failures that the owner has now been told of. */
export function toldOfFailures(lockout: Lockout): Lockout {
  return { ...lockout, failuresSinceSignIn: 0 };
}

/** Whether the failure just charged asks for a new temporary PIN: at each multiple of `logonFailuresBeforePinReset`. */
export function isPinResetDue(lockout: Lockout, policy: PinPolicy): boolean {
  const every = policy.logonFailuresBeforePinReset;
  return every > 0 && lockout.consecutiveFailures > 0 && lockout.consecutiveFailures % every === 0;
}

/**
 * A timed lock that begins later than now was set by a clock that was ahead. It holds from now on for as long as it was meant to: it never
 * opens early by that, and nobody is locked out for as long as that clock was wrong.
 */
function anchor(lockout: Lockout, now: number): Lockout {
  const { lock } = lockout;
  if (lock === null || lock.until === null || lock.at <= now) return lockout;
  return { ...lockout, lock: { ...lock, at: now, until: now + lock.until - lock.at } };
}

/** A timed lock that has run out is gone, and its count with it. */
function opened(lockout: Lockout): Lockout {
  return lockout.lock === null
    ? lockout
    : { ...lockout, lock: null, consecutiveFailures: 0, ownerFailed: false };
}

function charge(lockout: Lockout, attempt: AttemptFacts, policy: PinPolicy, now: number): Lockout {
  const consecutiveFailures = lockout.consecutiveFailures + 1;
  const counted = countFailure(lockout, attempt, false, now);
  return {
    ...counted,
    consecutiveFailures,
    ownerFailed: lockout.ownerFailed || attempt.fromOwner,
    lock: lockAfter({ ...counted, consecutiveFailures }, attempt.id, policy, now),
  };
}

/** The owner's tries while locked leave the lock and its count alone. */
function chargeGrace(lockout: Lockout, attempt: AttemptFacts, now: number): Lockout {
  const { since, tries } = graceAt(lockout, now);
  return {
    ...countFailure(lockout, attempt, true, now),
    grace: { since: tries === 0 ? now : since, tries: tries + 1 },
  };
}

function countFailure(lockout: Lockout, attempt: AttemptFacts, byGrace: boolean, now: number): Lockout {
  const recent = lockout.recentAttempts.filter(({ at }) => now - at < repeatHorizonMs);
  return {
    ...lockout,
    failuresSinceSuccess: lockout.failuresSinceSuccess + 1,
    failuresSinceSignIn: lockout.failuresSinceSignIn + 1,
    lastFailedAt: now,
    recentAttempts: [...recent, { id: attempt.id, at: now, byGrace, failedBefore: lockout.lastFailedAt }],
  };
}

function lockAfter(lockout: Lockout, attemptId: string, policy: PinPolicy, now: number): Lockout['lock'] {
  const hard = hardLock(lockout, attemptId, policy, now);
  if (hard !== null || lockout.consecutiveFailures < policy.maxLogonAttempts) return hard;
  const until = policy.lockoutMinutes === 0 ? null : now + policy.lockoutMinutes * minuteMs;
  return { reason: 'failures', at: now, until, attemptId };
}

/** NIST SP 800-63B: no more than 100 consecutive failures, however the locks in between opened. */
function hardLock(lockout: Lockout, attemptId: string, policy: PinPolicy, now: number): Lockout['lock'] {
  if (lockout.failuresSinceSuccess < policy.maxFailuresBeforeHardLock) return null;
  return { reason: 'failure-cap', at: now, until: null, attemptId };
}

function hasGrace(
  lockout: Lockout,
  lock: Lock,
  attempt: AttemptFacts,
  policy: PinPolicy,
  now: number,
): boolean {
  return (
    policy.ownerGrace &&
    attempt.fromOwner &&
    lock.reason === 'failures' &&
    !lockout.ownerFailed &&
    lockout.failuresSinceSuccess + 1 < policy.maxFailuresBeforeHardLock &&
    graceAt(lockout, now).tries < graceTriesPerHour
  );
}

function graceAt({ grace }: Lockout, now: number): Lockout['grace'] {
  // An hour that begins much later than now was begun by a clock that was ahead.
  return Math.abs(now - grace.since) < hourMs ? grace : { since: now, tries: 0 };
}
