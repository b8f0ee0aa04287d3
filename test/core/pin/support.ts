import fc from 'fast-check';
import { defaultPolicy, longestPin, type PinPolicy, shortestPin } from '../../../src/core/pin/policy.ts';
import type { PinContext } from '../../../src/core/pin/refusals.ts';

export const stranger: PinContext = { extension: '', phoneNumbers: [], displayName: null };

export const fourDigits: PinPolicy = { ...defaultPolicy, minLength: shortestPin };

export const everyFourDigitPin = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0'));

export function digits(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength })
    .map((numbers) => numbers.join(''));
}

export const anyPin = digits(shortestPin, longestPin);

export const anyContext: fc.Arbitrary<PinContext> = fc.record({
  extension: digits(0, 12),
  phoneNumbers: fc.array(
    digits(4, 15).map((number) => `+${number}`),
    { maxLength: 3 },
  ),
  displayName: fc.option(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('Jo', 'Ann Lee', 'José Martínez')),
  ),
});

export function reversed(text: string): string {
  return [...text].reverse().join('');
}
