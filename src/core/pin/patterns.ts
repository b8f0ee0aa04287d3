/**
 * Patterns in the digits themselves. A PIN of one digit is `isRepeatedDigit` and no other pattern, so that the caller
 * hears one plain reason.
 */

/** One digit, over and over. */
export function isRepeatedDigit(pin: string): boolean {
  return distinctDigits(pin) === 1;
}

/** The same from both ends. */
export function isPalindrome(pin: string): boolean {
  return distinctDigits(pin) > 1 && pin === reversed(pin);
}

function distinctDigits(pin: string): number {
  return new Set(pin).size;
}

function reversed(pin: string): string {
  return [...pin].reverse().join('');
}

/** Digits that go up or down one by one, round the end too (8901), or numbers in equal steps (1357, 102030). */
export function isSequence(pin: string): boolean {
  const round = '01234567890123456789012345678901234567890';
  if (round.includes(pin) || round.includes(reversed(pin))) return true;
  return [1, 2, 3, 4].some((size) => countsInEqualSteps(pin, size));
}

/** The largest step in which a run of longer numbers is still heard as one: 11, 22, 33. */
const widestStep = 11;

/** At least three numbers of `size` digits each, the same step apart. */
function countsInEqualSteps(pin: string, size: number): boolean {
  if (pin.length % size !== 0 || pin.length / size < 3) return false;
  const numbers = Array.from({ length: pin.length / size }, (_, i) =>
    Number(pin.slice(i * size, (i + 1) * size)),
  );
  const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0));
  const [first = 0] = steps;
  return first !== 0 && Math.abs(first) <= widestStep && steps.every((step) => step === first);
}

/** A group of two or more digits, over and over; the last time may be cut short (12312312). */
export function isRepeatedGroup(pin: string): boolean {
  if (distinctDigits(pin) === 1) return false;
  const sizes = Array.from({ length: Math.floor(pin.length / 2) }, (_, i) => i + 1);
  return sizes.some((size) => pin.startsWith(pin.slice(size)));
}

/**
 * Two different digits. Of the PINs with four digits these are one in sixteen, too many to refuse; there it takes one
 * digit and then only the other (1112, 1122, 1222), which is what people use beside what other rules refuse (1212, 1221).
 */
export function usesTwoDigitsOnly(pin: string): boolean {
  return distinctDigits(pin) === 2 && (pin.length > 4 || /^(.)\1*(.)\2*$/.test(pin));
}
