/**
 * What a caller can hear, as values. Each code is one file in `twiml/`; the words are in `twiml/locales/`.
 */
import type { ChangeReason, RefusalCode } from '../codes.ts';

/** What the policy asks of a new PIN, as far as it is said aloud. Lengths in digits. */
export interface PinRules {
  readonly minLength: number;
  readonly maxLength: number;
  readonly allowCommonPatterns: boolean;
}

/** Something said once, in front of what follows. Several are said in order. */
export type News =
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'pin-changed' }
  | { readonly kind: 'pin-unchanged' }
  | { readonly kind: 'changed-too-recently'; readonly minutes: number }
  | { readonly kind: 'failed-tries'; readonly count: number };

/** Times are Unix milliseconds, ages and remaining lifetimes whole days. */
export interface AccountStatus {
  readonly previousSignInAt: number | null;
  readonly pinAgeDays: number;
  readonly pinExpiresInDays: number | null;
  readonly failedTries: number;
}

/** Views after which the caller keys something: a `Gather`, then the way on when nothing was keyed. */
export type AskingView =
  | { readonly code: 'welcome' }
  | { readonly code: 'welcome-recognised'; readonly name: string | null; readonly extension: string }
  | { readonly code: 'extension' }
  | { readonly code: 'extension-again' }
  | { readonly code: 'pin' }
  | { readonly code: 'pin-again' }
  | { readonly code: 'pin-wrong' }
  | { readonly code: 'pin-unchecked' }
  | { readonly code: 'new-pin'; readonly reason: ChangeReason; readonly rules: PinRules }
  | { readonly code: 'new-pin-again'; readonly rules: PinRules }
  | { readonly code: 'new-pin-refused'; readonly refusal: RefusalCode; readonly rules: PinRules }
  | { readonly code: 'new-pin-different' }
  | { readonly code: 'confirm-pin' }
  | { readonly code: 'confirm-pin-again' }
  | { readonly code: 'expiry-notice'; readonly days: number }
  | { readonly code: 'expiry-notice-again'; readonly days: number }
  | { readonly code: 'menu'; readonly news: readonly News[] }
  | { readonly code: 'menu-again' }
  | { readonly code: 'menu-status'; readonly status: AccountStatus }
  | { readonly code: 'current-pin' }
  | { readonly code: 'current-pin-again' }
  | { readonly code: 'current-pin-wrong' };

/** Views after which the call is no longer ours. */
export type ClosingView =
  | { readonly code: 'handover'; readonly news: readonly News[] }
  | { readonly code: 'goodbye' }
  | { readonly code: 'goodbye-silence' }
  | { readonly code: 'goodbye-wrong-pin' }
  | { readonly code: 'goodbye-locked' }
  | { readonly code: 'goodbye-locked-for-now'; readonly minutes: number }
  | { readonly code: 'goodbye-temporary-pin' }
  | { readonly code: 'goodbye-pin-unchanged' }
  | { readonly code: 'goodbye-account-changed' }
  | { readonly code: 'goodbye-too-many-tries' }
  | { readonly code: 'goodbye-too-long' }
  | { readonly code: 'goodbye-busy' }
  | { readonly code: 'goodbye-unavailable' }
  | { readonly code: 'goodbye-stale' };

export type View = AskingView | ClosingView;

export type ViewCode = View['code'];
