/**
 * Where a call is. States are plain JSON, because they are stored between webhooks; none of them holds a PIN.
 */
import type { NewPin } from '../account.ts';
import type { ChangeReason } from '../codes.ts';
import type { Locale } from '../locale.ts';
import type { PinPolicy } from '../pin/policy.ts';
import type { ClosingView } from './view.ts';

/**
 * Whose PIN is asked for: an account, whose number it was that called, or an extension as it was keyed, whether or not somebody has it.
 * The extension is sealed, since keyed digits aren't stored. Calls that 0.1.0 stored have looked it up already: `unknown` is one that
 * nobody has, blinded.
 */
export interface Target {
  readonly kind: 'account' | 'keyed' | 'unknown';
  readonly id: string;
}

/** What the dialogue needs to know of a policy. */
export type DialogueRules = Pick<
  PinPolicy,
  'minLength' | 'allowCommonPatterns' | 'inputFailuresBeforeDisconnect' | 'logonFailuresBeforeDisconnect'
>;

/** What a policy says of the dialogue. */
export function dialogueRules(policy: PinPolicy): DialogueRules {
  const { minLength, allowCommonPatterns, inputFailuresBeforeDisconnect, logonFailuresBeforeDisconnect } =
    policy;
  return { minLength, allowCommonPatterns, inputFailuresBeforeDisconnect, logonFailuresBeforeDisconnect };
}

/** An account whose PIN was keyed correctly in this call. */
export interface Verified {
  readonly accountId: string;
  readonly extension: string;
  readonly name: string | null;
  /** By which the dialogue goes on: those of the account's policy. Absent in calls that 0.1.0 stored. */
  readonly rules?: DialogueRules;
  readonly locale: Locale | null;
  /** The PIN that was verified; if the account has another by now, nothing may be built on it. */
  readonly pinId: string;
  /** Unix ms; the `auth_time` of the statement that the call is handed over with. */
  readonly verifiedAt: number;
  /**
   * Keyed per-digit fingerprints of the verified PIN, only where the policy asks for more than one changed digit. They can be
   * compared, not read.
   */
  readonly fingerprints: readonly string[] | null;
}

/** What a signed-in caller can be told. Times are Unix ms. */
export interface SignIn {
  readonly previousSignInAt: number | null;
  readonly failedTries: number;
  readonly pinSetAt: number;
  readonly pinExpiresAt: number | null;
}

/** What has happened in this call, whatever its state. */
export interface Tally {
  readonly steps: number;
  readonly wrongPins: number;
  readonly inputFailures: number;
  readonly refusedPins: number;
}

/** A change of PIN under way. `signIn` null: the caller isn't signed in yet. */
export interface Change {
  readonly who: Verified;
  readonly reason: ChangeReason;
  readonly signIn: SignIn | null;
}

type At<Name extends string, Data = unknown> = { readonly at: Name; readonly tally: Tally } & Data;

/** States in which a caller has been asked something. These, and `ended`, are the ones that are stored. */
export type AskingState =
  | At<'extension'>
  | At<'pin', { readonly target: Target }>
  | At<'new-pin', { readonly change: Change }>
  | At<'confirm-pin', { readonly change: Change; readonly newPin: NewPin }>
  | At<'expiry-notice', { readonly who: Verified; readonly days: number }>
  | At<'menu', { readonly who: Verified; readonly signIn: SignIn }>
  | At<'current-pin', { readonly who: Verified; readonly signIn: SignIn }>;

/** States that wait for the result of an effect, within one webhook. */
export type WorkingState =
  | At<'sealing-extension'>
  | At<'verifying-pin', { readonly target: Target }>
  | At<'verifying-current-pin', { readonly who: Verified; readonly signIn: SignIn }>
  | At<'checking-new-pin', { readonly change: Change }>
  | At<'storing-new-pin', { readonly change: Change }>
  | At<'signing-in', { readonly who: Verified; readonly pin: 'changed' | 'unchanged' | 'kept' }>;

/** A call that is over for us. `signedIn` is set when it was handed to the application. */
export type EndedState = At<
  'ended',
  { readonly outcome: ClosingView['code']; readonly signedIn: Verified | null }
>;

export type CallState = At<'ringing'> | AskingState | WorkingState | EndedState;

export type StateAt<Name extends CallState['at']> = Extract<CallState, { at: Name }>;

/** A call before its first webhook was answered. */
export const ringing: StateAt<'ringing'> = {
  at: 'ringing',
  tally: { steps: 0, wrongPins: 0, inputFailures: 0, refusedPins: 0 },
};
