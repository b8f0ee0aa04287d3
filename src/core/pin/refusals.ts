/**
 * The rules that refuse weak PINs (spec: "Refused PINs"). Each rule is a code; what is said about it lives at the edge.
 */

import { type RefusalCode, refusalCodes } from '../codes.ts';
import { readsAsDate } from './dates.ts';
import { drawsFigure } from './keypad.ts';
import { isPalindrome, isRepeatedDigit, isRepeatedGroup, isSequence, usesTwoDigitsOnly } from './patterns.ts';
import { containsExtension, endsPhoneNumber, spellsName } from './personal.ts';
import { longestPin, type PinPolicy } from './policy.ts';
import { isPopular } from './popular.ts';

/** What the account gives away about itself, and its PIN must not repeat. */
export interface PinContext {
  /** Digits. */
  readonly extension: string;
  /** E.164. */
  readonly phoneNumbers: readonly string[];
  readonly displayName: string | null;
}

/**
 * Why a PIN can't be set: every code that applies, in the order of `refusalCodes`; empty when it can. What is not made
 * of the digits 0 to 9 (full-width digits are not), or has the wrong length, is not looked at further.
 *
 * The rules that compare with earlier PINs are not here: `recently_used`, `too_similar`, `changed_too_recently`.
 */
export function refusals(pin: string, policy: PinPolicy, context: PinContext): RefusalCode[] {
  if (!/^[0-9]*$/.test(pin)) return ['not_digits'];
  if (pin.length < policy.minLength) return ['too_short'];
  if (pin.length > longestPin) return ['too_long'];
  return refusalCodes.filter(
    (code) =>
      personalRules[code]?.(pin, context) || (!policy.allowCommonPatterns && patternRules[code]?.(pin)),
  );
}

type Rules<Check> = { readonly [code in RefusalCode]?: Check };

/** A policy can't lift these. */
const personalRules: Rules<(pin: string, context: PinContext) => boolean> = {
  contains_extension: (pin, { extension }) => containsExtension(pin, extension),
  ends_phone_number: (pin, { phoneNumbers }) => endsPhoneNumber(pin, phoneNumbers),
  spells_name: (pin, { displayName }) => spellsName(pin, displayName),
};

/** `allowCommonPatterns` lifts these. */
const patternRules: Rules<(pin: string) => boolean> = {
  repeated_digit: isRepeatedDigit,
  sequence: isSequence,
  repeated_group: isRepeatedGroup,
  two_digits_only: usesTwoDigitsOnly,
  keypad_line: drawsFigure,
  palindrome: isPalindrome,
  date_like: readsAsDate,
  too_common: isPopular,
};
