/**
 * What can happen in a call: what the caller does, and what came of the effects that a step asked for.
 */
import type { NewPin } from '../account.ts';
import type { ChangeReason, RefusalCode } from '../codes.ts';
import type { Locale } from '../locale.ts';
import type { Lock } from '../lockout.ts';
import type { SignIn, Target, Verified } from './state.ts';

/** What stands between a verified PIN and the sign-in. With `nothing`, the sign-in has been recorded. */
export type Due =
  | { readonly kind: 'nothing'; readonly signIn: SignIn }
  | { readonly kind: 'change'; readonly reason: ChangeReason }
  | { readonly kind: 'warning'; readonly days: number };

export type CallEvent =
  | { readonly type: 'started'; readonly recognised: Recognised | null }
  | { readonly type: 'keys'; readonly digits: string }
  | { readonly type: 'silence' }
  | { readonly type: 'extension-sealed'; readonly target: Target }
  | { readonly type: 'pin-verified'; readonly who: Verified; readonly due: Due }
  | { readonly type: 'current-pin-verified'; readonly who: Verified; readonly changeableInMinutes: number }
  | { readonly type: 'pin-wrong' }
  | { readonly type: 'pin-locked'; readonly lock: Lock }
  | { readonly type: 'pin-unchecked' }
  | { readonly type: 'temporary-pin-ran-out' }
  | { readonly type: 'turned-away'; readonly why: 'busy' | 'too-many-tries' }
  | { readonly type: 'new-pin-accepted'; readonly newPin: NewPin }
  | { readonly type: 'new-pin-refused'; readonly refusal: RefusalCode }
  | { readonly type: 'new-pin-different' }
  | {
      readonly type: 'new-pin-stored';
      readonly who: Verified;
      readonly pinSetAt: number;
      readonly pinExpiresAt: number | null;
    }
  | { readonly type: 'account-changed' }
  | { readonly type: 'signed-in'; readonly signIn: SignIn };

/** The one account that the caller's number belongs to. */
export interface Recognised {
  readonly target: Target;
  readonly name: string | null;
  readonly extension: string;
  readonly locale: Locale | null;
}

/**
 * What a step asks its surroundings to do. The result comes back as an event; keyed digits live in effects only, and so in memory
 * only.
 */
export type Effect =
  | { readonly type: 'seal-extension'; readonly extension: string }
  | { readonly type: 'verify-pin'; readonly target: Target; readonly pin: string }
  | { readonly type: 'verify-current-pin'; readonly who: Verified; readonly pin: string }
  | {
      readonly type: 'check-new-pin';
      readonly who: Verified;
      readonly pin: string;
      readonly reason: ChangeReason;
    }
  | {
      readonly type: 'store-new-pin';
      readonly who: Verified;
      readonly newPin: NewPin;
      readonly confirmation: string;
      readonly reason: ChangeReason;
    }
  | { readonly type: 'record-sign-in'; readonly who: Verified };
