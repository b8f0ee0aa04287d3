/**
 * A PIN's status, as administrators know it from Get-UMMailboxPIN and Get-CsClientPinInfo.
 */
import { type Account, changeDue, hasRunOut, lockOf, pinExpiresAt } from './account.ts';
import type { LockReason } from './codes.ts';
import type { NamedPolicy } from './policy-set.ts';

/** Times are Unix ms. `policy` is the name of the one that holds. */
export interface PinStatus {
  readonly userId: string;
  readonly extension: string;
  readonly pinSet: boolean;
  readonly pinExpired: boolean;
  readonly lockedOut: boolean;
  readonly lockReason: LockReason | null;
  readonly lockedUntil: number | null;
  readonly firstTimeUser: boolean;
  readonly lastChangedAt: number | null;
  readonly expiresAt: number | null;
  readonly failedAttempts: number;
  readonly lastFailedAt: number | null;
  readonly lastSignInAt: number | null;
  readonly policy: string;
  /** How many mails to the owner weren't accepted by the mail server yet. */
  readonly mailsWaiting: number;
  /** When a mail to the owner was given up, unless a later one was accepted. */
  readonly mailGivenUpAt: number | null;
}

export function pinStatusOf(account: Account, { name, policy }: NamedPolicy, now: number): PinStatus {
  const { pin, lockout, profile } = account;
  const lock = lockOf(account, policy, now);
  return {
    userId: account.id,
    extension: profile.extension,
    pinSet: pin !== null,
    pinExpired: pin !== null && (changeDue(account, pin, policy, now) !== null || hasRunOut(pin, now)),
    lockedOut: lock !== null,
    lockReason: lock?.reason ?? null,
    lockedUntil: lock?.until ?? null,
    firstTimeUser: account.lastSignInAt === null,
    lastChangedAt: pin?.setAt ?? null,
    expiresAt: pin === null ? null : pinExpiresAt(pin, policy),
    failedAttempts: lockout.failuresSinceSuccess,
    lastFailedAt: lockout.lastFailedAt,
    lastSignInAt: account.lastSignInAt,
    policy: name,
    mailsWaiting: account.mail?.waiting ?? 0,
    mailGivenUpAt: account.mail?.givenUpAt ?? null,
  };
}
