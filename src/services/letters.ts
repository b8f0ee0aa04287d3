/**
 * The letters that services write: what is told to whom. Their words are the mailer's affair.
 */
import type { Account } from '../core/account.ts';
import type { Letter, Recipient } from '../core/letter.ts';
import type { Mail } from './outbox.ts';

/** The owner of an account at an address, their own unless another is given; null when there is none. */
export function recipientOf(
  { profile: { email, displayName: name, extension, locale } }: Account,
  address: string | null = email,
): Recipient | null {
  return address === null ? null : { address, name, extension, locale };
}

/** The letter that tells a new PIN. `account` as it is with that PIN; `note` is the policy's own text. */
export function newPinLetter(
  kind: 'welcome' | 'pin-reset' | 'pin-reset-after-failures',
  pin: string,
  { pin: stored }: Account,
  note: string | null,
): Letter {
  return {
    kind,
    pin,
    mustChange: stored?.changeRequired ?? false,
    usableUntil: stored?.temporaryUntil ?? null,
    note,
  };
}

/** A letter to go out as soon as it is committed, if there is anybody to send it to. */
export function mailNow(id: string, letter: Letter, recipient: Recipient | null, now: number): Mail[] {
  return recipient === null ? [] : [{ type: 'letter', id, notBefore: now, letter, recipient }];
}
