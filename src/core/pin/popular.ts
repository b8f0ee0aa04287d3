/**
 * PINs that people choose often though no other rule names them. The families for four digits are small on purpose:
 * each is here because it stands out in what is published about chosen PINs (docs/decisions/0004-weak-pins-by-rule.md).
 */

import { commonPins } from './common-pins.ts';
import { keysThatSpell } from './keypad.ts';

/** Whether the PIN belongs to a family that many people choose from, or stands on the list of common ones. */
export function isPopular(pin: string): boolean {
  return pin.length === 4 ? popularFourDigits.some((belongs) => belongs(pin)) : commonPins.has(pin);
}

/** First words that come to mind, and first names. All have four letters. */
const words = 'love baby sexy duck blue king adam alex jake john mike nick';
/** Years of history, and the years in which much-loved football clubs were founded. */
const years = '1066 1453 1492 1690 1776 1789 1821 1869 1873 1875 1892';
/** From songs, films, brands and circles with a following. */
const cult = '0007 0070 1080 1138 1337 1488 1701 2112 2187 3141 4200 4711 5150 8675';
/** Words on a calculator that is held upside down. */
const upsideDown = '1134 7734 8008';
/** Figures on the keypad that no stroke draws. */
const looseFigures = '1245 1369';

const famous: ReadonlySet<string> = new Set([
  ...words.split(' ').map(keysThatSpell),
  ...[years, cult, upsideDown, looseFigures].flatMap((numbers) => numbers.split(' ')),
]);

const popularFourDigits: readonly ((pin: string) => boolean)[] = [
  (pin) => famous.has(pin),
  (pin) => pin.startsWith('123'),
  // 1-4-3 counts the letters of "I love you"; the fourth digit says how much.
  (pin) => pin.startsWith('143'),
  // The first four keys in any order.
  (pin) => [...pin].sort().join('') === '1234',
  // Round numbers: thousands, and hundreds as far as people count in them.
  (pin) => pin >= '1000' && (pin.endsWith('000') || (pin.endsWith('00') && pin <= '2500')),
  // Two numbers that rise: ages, shirt numbers, the birthdays of a couple.
  (pin) => pin >= '1000' && pin.slice(0, 2) < pin.slice(2) && pin.slice(2) <= '25',
];
