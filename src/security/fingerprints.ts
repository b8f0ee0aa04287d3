/**
 * Fingerprints of a PIN's digits, by which a later webhook of the same call can count how many digits a new PIN changes without
 * the old PIN being kept. They are keyed with the pepper and bound to the call and to the place of the digit.
 */
import type { Peppers } from './peppers.ts';

/** One fingerprint a digit. */
export function fingerprintDigits(peppers: Peppers, callSid: string, pin: string): string[] {
  return [...pin].map((digit, place) => peppers.blind('digit', `${callSid} ${place} ${digit}`));
}

/** How many digits differ, place by place; digits that only the longer PIN has count as changed. */
export function countChangedDigits(before: readonly string[], after: readonly string[]): number {
  const places = Math.max(before.length, after.length);
  return Array.from({ length: places }, (_, place) => before[place] !== after[place]).filter(Boolean).length;
}
