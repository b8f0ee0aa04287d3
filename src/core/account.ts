/**
 * An account and its PIN as they are stored, and everything that may happen to them, as pure functions. Times are Unix ms.
 */
import type { ChangeReason } from './codes.ts';
import type { Locale } from './locale.ts';
import {
  keepLock,
  type Lock,
  type Lockout,
  lockByAdministrator,
  lockInForce,
  openLockout,
  toldOfFailures,
  unlock,
} from './lockout.ts';
import type { MailMemory } from './mail-memory.ts';
import type { PinPolicy } from './pin/policy.ts';

/** A PIN's hash in PHC string form, and the id of the pepper it was made with. */
export interface StoredHash {
  readonly hash: string;
  readonly pepperId: string;
}

/** A PIN that may become an account's: its hash, its length in digits, and the id it will go by. */
export interface NewPin {
  readonly id: string;
  readonly hash: StoredHash;
  readonly length: number;
}

/** `id` tells a later step of a call whether this is still the PIN that was verified. */
export interface Pin extends NewPin {
  readonly setAt: number;
  /** An administrator asks for a change at the next sign-in. */
  readonly changeRequired: boolean;
  /** When a generated PIN that nobody used stops working; null: it doesn't, or it was used. */
  readonly temporaryUntil: number | null;
  /** Earlier PINs, newest first. */
  readonly history: readonly StoredHash[];
}

/** What an administrator says of an account. `extension` is digits; `phoneNumbers` are E.164. */
export interface Profile {
  readonly extension: string;
  readonly displayName: string | null;
  readonly email: string | null;
  readonly upn: string | null;
  readonly alias: string | null;
  readonly sipAddress: string | null;
  readonly account: string | null;
  readonly dn: string | null;
  readonly legacyExchangeDn: string | null;
  readonly phoneNumbers: readonly string[];
  readonly locale: Locale | null;
  readonly policy: string | null;
  readonly enabled: boolean;
}

export interface Account {
  /** 1: indexes and claims may not know of it yet. */
  readonly schemaVersion: 1 | 2;
  readonly id: string;
  readonly profile: Profile;
  /** How often the profile was changed; absent: never. */
  readonly revision?: number;
  readonly pin: Pin | null;
  readonly lockout: Lockout;
  readonly createdAt: number;
  readonly unlockedAt: number | null;
  readonly lastSignInAt: number | null;
  /** Absent: no mail was ever written to the owner. */
  readonly mail?: MailMemory;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export function createAccount(id: string, profile: Profile, now: number): Account {
  return {
    schemaVersion: 2,
    id,
    profile,
    pin: null,
    lockout: openLockout,
    createdAt: now,
    unlockedAt: null,
    lastSignInAt: null,
  };
}

/**
 * The lock that holds at `now`: a stored one, or that of an account which nobody has used for `inactivityLockDays`. Where both hold,
 * failures give way to inactivity: owners may have grace for the first, never for the second.
 */
export function lockOf(account: Account, policy: PinPolicy, now: number): Lock | null {
  const stored = lockInForce(account.lockout, now);
  const inactive = inactivityLock(account, policy, now);
  return stored?.reason === 'failures' ? (inactive ?? stored) : (stored ?? inactive);
}

function inactivityLock(account: Account, policy: PinPolicy, now: number): Lock | null {
  if (policy.inactivityLockDays === 0) return null;
  const lastUsed = Math.max(
    account.createdAt,
    account.lastSignInAt ?? 0,
    account.unlockedAt ?? 0,
    account.pin?.setAt ?? 0,
  );
  const at = lastUsed + policy.inactivityLockDays * dayMs;
  return now >= at ? { reason: 'inactivity', at, until: null } : null;
}

/**
 * The PIN that was verified earlier in a call, if the call may still build on it; null when the account was disabled, locked or
 * given another PIN meanwhile. Where the policy grants owners grace, a lock that strangers caused doesn't undo a verified PIN.
 */
export function verifiedPin(
  account: Account | null,
  pinId: string,
  policy: PinPolicy,
  now: number,
): Pin | null {
  if (account === null || !account.profile.enabled || account.pin?.id !== pinId) return null;
  const lock = lockOf(account, policy, now);
  return lock === null || (lock.reason === 'failures' && policy.ownerGrace) ? account.pin : null;
}

/** Why the PIN must be changed before its owner may sign in, or null. */
export function changeDue(account: Account, pin: Pin, policy: PinPolicy, now: number): ChangeReason | null {
  if (pin.changeRequired) return account.lastSignInAt === null ? 'first-use' : 'administrator';
  const expiresAt = pinExpiresAt(pin, policy);
  if (expiresAt !== null && now >= expiresAt) return 'expired';
  return pin.length < policy.minLength ? 'policy' : null;
}

/** When the PIN expires by age; null: never. */
export function pinExpiresAt(pin: Pick<Pin, 'setAt'>, policy: PinPolicy): number | null {
  return policy.lifetimeDays === 0 ? null : pin.setAt + policy.lifetimeDays * dayMs;
}

/** In how many days, rounded up, the PIN expires, if that is to be announced now; else null. */
export function expiryWarning(pin: Pin, policy: PinPolicy, now: number): number | null {
  const expiresAt = pinExpiresAt(pin, policy);
  if (expiresAt === null || policy.expiryWarningDays === 0) return null;
  const days = Math.ceil((expiresAt - now) / dayMs);
  return days <= policy.expiryWarningDays ? days : null;
}

/** Whether a generated PIN was left unused for too long and no longer works. */
export function hasRunOut(pin: Pin, now: number): boolean {
  return pin.temporaryUntil !== null && now >= pin.temporaryUntil;
}

/** In how many minutes, rounded up, its owner may change the PIN of their own accord; 0: now. */
export function minutesUntilChangeable(pin: Pin, policy: PinPolicy, now: number): number {
  // A clock that was ahead set it. Nobody is held to that for as long as it was wrong.
  if (pin.setAt > now) return 0;
  return Math.max(0, Math.ceil((pin.setAt + policy.minMinutesBetweenChanges * minuteMs - now) / minuteMs));
}

/** The last N hashes that a caller can't choose again; the PIN in use is the first of them. */
export function rememberedHashes(pin: Pin, policy: PinPolicy): readonly StoredHash[] {
  return [pin.hash, ...pin.history].slice(0, policy.historyCount);
}

/** How a PIN comes to be set: its owner chose it, an administrator typed it, or it was generated. */
export type PinOrigin = 'owner' | 'administrator' | 'generated';

/** Gives the account a new PIN. Locks are another matter and stay as they are. */
export function withPin(
  account: Account,
  newPin: NewPin,
  origin: PinOrigin,
  changeRequired: boolean,
  policy: PinPolicy,
  now: number,
): Account {
  const expires = origin === 'generated' && policy.temporaryPinHours > 0;
  return {
    ...account,
    pin: {
      ...newPin,
      setAt: now,
      changeRequired,
      temporaryUntil: expires ? now + policy.temporaryPinHours * hourMs : null,
      history:
        account.pin === null ? [] : [account.pin.hash, ...account.pin.history].slice(0, policy.historyCount),
    },
  };
}

/**
 * Gives the account a PIN that its owner set with a link. Who reads the owner's mail is taken for the owner, so failures before are
 * forgiven, with a lock that they caused; but no other lock is lifted, not even the one that a new PIN would end by itself.
 */
export function withLinkedPin(account: Account, newPin: NewPin, policy: PinPolicy, now: number): Account {
  const lock = lockOf(account, policy, now);
  const changed = withPin(account, newPin, 'owner', false, policy, now);
  if (lock === null || lock.reason === 'failures') return { ...changed, lockout: unlock(account.lockout) };
  return { ...changed, lockout: keepLock(account.lockout, lock) };
}

/** Marks the PIN for a change at the next sign-in, or lifts that mark. An account without a PIN is left alone. */
export function withChangeRequired(account: Account, changeRequired: boolean): Account {
  return account.pin === null ? account : { ...account, pin: { ...account.pin, changeRequired } };
}

/** Locks as an administrator, or unlocks whatever the lock was. */
export function withLock(account: Account, locked: boolean, now: number): Account {
  return locked
    ? { ...account, lockout: lockByAdministrator(account.lockout, now) }
    : { ...account, lockout: unlock(account.lockout), unlockedAt: now };
}

/** Gives the account another profile. */
export function withProfile(account: Account, profile: Profile): Account {
  return { ...account, profile, revision: revisionOf(account) + 1 };
}

/** How often the profile was changed: a number that never repeats for an account. */
export function revisionOf({ revision }: Account): number {
  return revision ?? 0;
}

/** Records that the owner has signed in, and was told of the failures before. */
export function withSignIn(account: Account, now: number): Account {
  return {
    ...account,
    lockout: toldOfFailures(account.lockout),
    lastSignInAt: now,
    pin: account.pin === null ? null : { ...account.pin, temporaryUntil: null },
  };
}
