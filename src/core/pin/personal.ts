/**
 * PINs that a stranger reads off the account: its extension, its telephone numbers, its owner's name.
 */

import { keysThatSpell } from './keypad.ts';

/** From this length on, an extension or a name is refused wherever it stands in a PIN. Shorter ones stand in too many. */
const tellingLength = 3;

/**
 * Whether the PIN gives the extension away, forwards or backwards:
 *
 * - it contains the extension (1234 in 912345);
 * - it is the beginning or the end of a longer extension (Exchange UM refuses the end);
 * - it is nothing but an extension of one or two digits, over and over.
 */
export function containsExtension(pin: string, extension: string): boolean {
  const forwards = extension.replace(/[^0-9]/g, '');
  const backwards = [...forwards].reverse().join('');
  return [forwards, backwards].some((digits) =>
    digits.length < tellingLength
      ? pin.split(digits).join('') === ''
      : pin.includes(digits) || digits.startsWith(pin) || digits.endsWith(pin),
  );
}

/** Whether one of the account's own numbers (E.164, punctuation ignored) ends with the PIN. */
export function endsPhoneNumber(pin: string, phoneNumbers: readonly string[]): boolean {
  return phoneNumbers.some((number) => number.replace(/[^0-9]/g, '').endsWith(pin));
}

/**
 * Whether the PIN spells the name on the keypad. Each part of the name counts, and all of them run together; a part of
 * one or two letters only counts in the whole. The PIN may contain the part, or be the beginning of a longer one.
 */
export function spellsName(pin: string, displayName: string | null): boolean {
  const parts = (displayName ?? '').replace(/['’]/g, '').split(/[^\p{L}\p{M}]+/u);
  return [...parts, parts.join('')]
    .map(keysThatSpell)
    .filter((keys) => keys.length >= tellingLength)
    .some((keys) => pin.includes(keys) || keys.startsWith(pin));
}
