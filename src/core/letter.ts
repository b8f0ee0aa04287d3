/**
 * Letters: what a user is told by mail.
 */
import type { Locale } from './locale.ts';

/** What is told to a user by mail, as facts. Words live in src/mail. Times are Unix ms. */
export type Letter =
  | {
      /** The first PIN of an account; one that an administrator reset; one that was reset because of failed tries. */
      readonly kind: 'welcome' | 'pin-reset' | 'pin-reset-after-failures';
      readonly pin: string;
      /** Whether it must be changed at the next sign-in. */
      readonly mustChange: boolean;
      /** When the PIN stops working unless it was used; null: never. */
      readonly usableUntil: number | null;
      /** The policy's own text, at most 512 characters. */
      readonly note: string | null;
    }
  /** Locked after failed tries. `until` null: until an administrator unlocks it. */
  | { readonly kind: 'locked-out'; readonly until: number | null }
  | { readonly kind: 'pin-changed'; readonly by: 'owner' | 'administrator'; readonly at: number }
  | { readonly kind: 'pin-expires'; readonly expiresAt: number; readonly days: number }
  /** A one-time link to choose a new PIN with, good until `until`. */
  | { readonly kind: 'pin-link'; readonly url: string; readonly until: number };

export type LetterKind = Letter['kind'];

/** Whom a letter is for. `locale` null: the service's default. */
export interface Recipient {
  readonly address: string;
  readonly name: string | null;
  readonly extension: string;
  readonly locale: Locale | null;
}
