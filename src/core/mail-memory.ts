/**
 * What an account remembers of the mails to its owner, so that none is written twice and an undelivered one is seen.
 */

/** Everything absent: no mail was ever written. Times are Unix ms. */
export interface MailMemory {
  /** How many mails wait to be accepted by the mail server. */
  readonly waiting?: number;
  /** When a mail was given up, unless a later one was accepted. */
  readonly givenUpAt?: number;
  /** When the owner was last written to about a lock. */
  readonly toldOfLockAt?: number;
  /** The id of the PIN whose end its owner was told of. */
  readonly toldOfExpiryOf?: string;
}

const dayMs = 86_400_000;

/** What became of a mail that waited. `dropped`: there was no need for it any more. */
export type MailEnd = 'accepted' | 'given-up' | 'dropped';

/** More mails wait. */
export function withWaiting(memory: MailMemory = {}, count: number): MailMemory {
  return { ...memory, waiting: (memory.waiting ?? 0) + count };
}

/** A mail waits no longer. */
export function withEnded(memory: MailMemory = {}, end: MailEnd, now: number): MailMemory {
  const waiting = Math.max(0, (memory.waiting ?? 0) - 1);
  if (end === 'given-up') return { ...memory, waiting, givenUpAt: now };
  if (end === 'dropped') return { ...memory, waiting };
  const { givenUpAt: _overcome, ...others } = memory;
  return { ...others, waiting };
}

/** Whether to write to the owner about a lock: once a day, however often a stranger locks the account. */
export function isLockWorthTelling(memory: MailMemory = {}, now: number): boolean {
  return memory.toldOfLockAt === undefined || Math.abs(now - memory.toldOfLockAt) >= dayMs;
}

/** The lock that the owner was to be told of is gone, and the mail with it. */
export function withoutToldOfLock(memory: MailMemory = {}): MailMemory {
  const { toldOfLockAt: _withdrawn, ...others } = memory;
  return others;
}
