/**
 * What callers and administrators were promised of PINs, as a model small enough to be read in one go. It is written from the
 * specification and knows nothing of how the service does it: no store, no hashes, no conflicts. Times are Unix ms.
 */

/** The settings of a policy that the model knows. The service keeps its defaults in all others. */
export interface ModelPolicy {
  readonly minLength: number;
  readonly lifetimeDays: number;
  readonly maxLogonAttempts: number;
  readonly lockoutMinutes: number;
  readonly maxFailuresBeforeHardLock: number;
  readonly logonFailuresBeforeDisconnect: number;
  readonly temporaryPinHours: number;
}

/** What a caller hears of a keyed PIN. A wrong one that reaches a limit hears of the lock. */
export type PinAnswer = 'right' | 'wrong' | 'locked' | 'ran-out' | 'too-many-tries';

/** Why a PIN must be changed before its owner is signed in. */
export type DueChange = 'first-use' | 'administrator' | 'expired' | 'policy' | null;

export interface ModelLock {
  readonly reason: 'administrator' | 'failures' | 'failure-cap';
  /** Null: until an administrator unlocks. */
  readonly until: number | null;
}

/** The failures on one extension, whether or not somebody has it. */
export interface ModelFailures {
  /** Since the last success, unlock, or opening of a timed lock. */
  consecutive: number;
  /** Since the last success or unlock. */
  sinceSuccess: number;
  /** Since the owner last signed in. */
  untold: number;
  lock: ModelLock | null;
  lastAt: number;
}

export interface ModelPin {
  digits: string;
  setAt: number;
  changeAsked: boolean;
  /** A generated PIN that nobody used stops working then. */
  usableUntil: number | null;
}

export interface ModelUser {
  readonly failures: ModelFailures;
  pin: ModelPin | null;
  /** Earlier PINs, newest first. */
  earlier: string[];
  hasSignedIn: boolean;
}

export interface Model {
  now: number;
  policy: ModelPolicy;
  readonly users: Map<string, ModelUser>;
  /** Failures on extensions that nobody has. */
  readonly strangers: Map<string, ModelFailures>;
  /** Wrong PINs of each caller, in the hour that began with the first. */
  readonly callers: Map<string, { count: number; endsAt: number }>;
  readonly callerFailuresPerHour: number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The last five PINs, the present one among them, can't be chosen again. */
const historyCount = 5;

/** The failures of an extension that nobody has are forgotten after so long without another. */
const strangerForgottenAfter = 30 * day;

export const initialPolicy: ModelPolicy = {
  minLength: 6,
  lifetimeDays: 0,
  maxLogonAttempts: 3,
  lockoutMinutes: 30,
  maxFailuresBeforeHardLock: 7,
  logonFailuresBeforeDisconnect: 3,
  temporaryPinHours: 72,
};

export function createModel(now: number, callerFailuresPerHour: number): Model {
  const [users, strangers, callers] = [new Map(), new Map(), new Map()];
  return { now, policy: initialPolicy, users, strangers, callers, callerFailuresPerHour };
}

/** A user with an account, but no PIN. */
export function addUser({ users, now }: Model, extension: string): void {
  users.set(extension, { failures: noFailures(now), pin: null, earlier: [], hasSignedIn: false });
}

/** The lock that holds now. A timed one opens by itself. */
function lockOf({ now }: Model, { lock }: ModelFailures): ModelLock | null {
  return lock !== null && (lock.until === null || now < lock.until) ? lock : null;
}

/** One PIN is keyed. It is counted before it is looked at, and given back only if it is right. */
export function tryPin(model: Model, extension: string, keyed: string, caller: string): PinAnswer {
  const budget = budgetOf(model, caller);
  if (budget.count >= model.callerFailuresPerHour) return 'too-many-tries';
  model.callers.set(caller, budget);
  const user = model.users.get(extension);
  const failures = user?.failures ?? strangerOf(model, extension);
  if (lockOf(model, failures) !== null) return 'locked';

  const before = { ...failures };
  chargeTo(model, failures);
  budget.count += 1;
  if (user?.pin?.digits !== keyed) return failures.lock === null ? 'wrong' : 'locked';
  if (user.pin.usableUntil !== null && model.now >= user.pin.usableUntil) return 'ran-out';
  budget.count -= 1;
  Object.assign(failures, { consecutive: 0, sinceSuccess: 0, untold: before.untold, lock: null });
  return 'right';
}

/** How many of a number of wrong PINs keyed at once on an extension may be looked at: those up to the limit. */
export function triesLeft(model: Model, extension: string): number {
  const failures = { ...(model.users.get(extension)?.failures ?? strangerOf(model, extension)) };
  let left = 0;
  while (lockOf(model, failures) === null) {
    chargeTo(model, failures);
    left += 1;
  }
  return left;
}

/** How many wrong PINs a caller may key in this hour. */
export function callerTriesLeft(model: Model, caller: string): number {
  return model.callerFailuresPerHour - budgetOf(model, caller).count;
}

function chargeTo({ policy, now }: Model, failures: ModelFailures): void {
  if (failures.lock !== null) failures.consecutive = 0;
  failures.consecutive += 1;
  failures.sinceSuccess += 1;
  failures.untold += 1;
  failures.lastAt = now;
  failures.lock = null;
  if (failures.consecutive >= policy.maxLogonAttempts) {
    const until = policy.lockoutMinutes === 0 ? null : now + policy.lockoutMinutes * minute;
    failures.lock = { reason: 'failures', until };
  }
  if (failures.sinceSuccess >= policy.maxFailuresBeforeHardLock) {
    failures.lock = { reason: 'failure-cap', until: null };
  }
}

/** Why a verified PIN isn't enough. */
export function dueChange({ policy, now }: Model, { pin, hasSignedIn }: ModelUser): DueChange {
  if (pin === null) return null;
  if (pin.changeAsked) return hasSignedIn ? 'administrator' : 'first-use';
  if (policy.lifetimeDays > 0 && now >= pin.setAt + policy.lifetimeDays * day) return 'expired';
  return pin.digits.length < policy.minLength ? 'policy' : null;
}

/** The owner is in, and is told how many tries have failed since the last time. */
export function signIn(user: ModelUser): number {
  const told = user.failures.untold;
  user.failures.untold = 0;
  user.hasSignedIn = true;
  if (user.pin !== null) user.pin.usableUntil = null;
  return told;
}

/** Why a caller may not choose a PIN; null: they may. */
export function refusalOf(
  { policy }: Model,
  user: ModelUser,
  digits: string,
): 'too_short' | 'recently_used' | null {
  if (digits.length < policy.minLength) return 'too_short';
  return [user.pin?.digits, ...user.earlier].slice(0, historyCount).includes(digits) ? 'recently_used' : null;
}

/** A PIN is set: chosen by its owner, typed by an administrator, or generated. */
export function setPin(
  { policy, now }: Model,
  user: ModelUser,
  digits: string,
  origin: 'owner' | 'administrator' | 'generated',
  changeAsked: boolean,
): void {
  if (user.pin !== null) user.earlier = [user.pin.digits, ...user.earlier].slice(0, historyCount);
  const isTemporary = origin === 'generated' && policy.temporaryPinHours > 0;
  const usableUntil = isTemporary ? now + policy.temporaryPinHours * hour : null;
  user.pin = { digits, setAt: now, changeAsked, usableUntil };
}

/** An administrator's lock: the count stays. Lifting a lock, whatever it was, begins both counts anew. */
export function setLock(user: ModelUser, locked: boolean): void {
  if (locked) user.failures.lock = { reason: 'administrator', until: null };
  else Object.assign(user.failures, { consecutive: 0, sinceSuccess: 0, lock: null });
}

/** What an administrator reads of a PIN. */
export function statusOf(model: Model, user: ModelUser) {
  const { pin, failures } = user;
  const lock = lockOf(model, failures);
  const hasRunOut = pin !== null && pin.usableUntil !== null && model.now >= pin.usableUntil;
  return {
    pinSet: pin !== null,
    pinExpired: pin !== null && (dueChange(model, user) !== null || hasRunOut),
    lockedOut: lock !== null,
    lockReason: lock?.reason ?? null,
    lockedUntil: lock?.until ?? null,
    firstTimeUser: !user.hasSignedIn,
    failedAttempts: failures.sinceSuccess,
  };
}

function noFailures(now: number): ModelFailures {
  return { consecutive: 0, sinceSuccess: 0, untold: 0, lock: null, lastAt: now };
}

/** An extension that nobody has counts and locks like one that somebody has. */
function strangerOf({ strangers, now }: Model, extension: string): ModelFailures {
  const known = strangers.get(extension);
  if (known !== undefined && now < known.lastAt + strangerForgottenAfter) return known;
  const fresh = noFailures(now);
  strangers.set(extension, fresh);
  return fresh;
}

function budgetOf({ callers, now }: Model, caller: string) {
  const known = callers.get(caller);
  if (known !== undefined && now < known.endsAt) return known;
  return { count: 0, endsAt: now + hour };
}
