import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { containsExtension, endsPhoneNumber, spellsName } from '../../../src/core/pin/personal.ts';
import { digits, everyFourDigitPin, reversed } from './support.ts';

describe('the extension', () => {
  it('is refused wherever it stands, forwards and backwards', () => {
    fc.assert(
      fc.property(digits(3, 12), digits(0, 6), digits(0, 6), (extension, before, after) => {
        expect(containsExtension(before + extension + after, extension)).toBe(true);
        expect(containsExtension(before + reversed(extension) + after, extension)).toBe(true);
      }),
    );
  });

  it('is refused as the beginning or the end of a longer one', () => {
    expect(containsExtension('8305', '830517')).toBe(true);
    expect(containsExtension('0517', '830517')).toBe(true);
    expect(containsExtension('7150', '830517')).toBe(true);
    expect(containsExtension('3051', '830517')).toBe(false);
  });

  it('is its digits, however it is written', () => {
    expect(containsExtension('914728', '14-72')).toBe(true);
  });

  it('of one or two digits is refused only as the whole PIN', () => {
    expect(containsExtension('7777', '7')).toBe(true);
    expect(containsExtension('4242', '42')).toBe(true);
    expect(containsExtension('2424', '42')).toBe(true);
    expect(containsExtension('4291', '42')).toBe(false);
    expect(containsExtension('7294', '7')).toBe(false);
  });

  it('refuses little when it is short, and nothing when there is none', () => {
    const refused = (extension: string) =>
      everyFourDigitPin.filter((pin) => containsExtension(pin, extension)).length;
    expect(['', '7', '42', '204', '8305'].map(refused)).toEqual([0, 1, 2, 40, 2]);
  });
});

describe('the telephone numbers', () => {
  it('are refused from the end, at any length', () => {
    fc.assert(
      fc.property(digits(4, 15), fc.nat(15), (number, length) => {
        const pin = number.slice(-Math.max(4, length));
        expect(endsPhoneNumber(pin, ['+390612345678', `+${number}`])).toBe(true);
      }),
    );
  });

  test.each(['4155', '0124', '00123', '214155550123'])('%s is not the end of it', (pin) => {
    expect(endsPhoneNumber(pin, ['+1 (415) 555-0123'])).toBe(false);
  });

  it('may be written with signs', () => {
    expect(endsPhoneNumber('550123', ['+1 (415) 555-0123'])).toBe(true);
  });

  it('may be missing', () => {
    expect(endsPhoneNumber('0123', [])).toBe(false);
  });
});

describe('the name', () => {
  test.each([
    ['5673', 'José Martínez', 'the first name'],
    ['6278', 'José Martínez', 'the beginning of a longer one'],
    ['62784639', 'José Martínez', 'the last name'],
    ['567362', 'José Martínez', 'the first name and more'],
    ['915673', 'José Martínez', 'the first name at the end'],
    ['6274', "Pat O'Brien", 'a name with an apostrophe'],
    ['5326', 'Jean-Luc', 'half of a double name'],
    ['532658', 'Jean-Luc', 'a double name run together'],
    ['5654', 'Jo Li', 'short names run together'],
    ['2661', 'Ann Lee', 'a name of three letters'],
    ['5865', 'L. Tolstoi', 'an initial run into a name'],
  ])('%s is refused for %s (%s)', (pin, name) => {
    expect(spellsName(pin, name)).toBe(true);
  });

  test.each<[string, string | null, string]>([
    ['5412', 'Li Wu', 'two letters'],
    ['2784', 'José Martínez', 'the middle of a name'],
    ['7294', 'José Martínez', 'another word'],
    ['7294', '李小龍', 'no letters that stand on keys'],
    ['7294', '', 'no name'],
    ['7294', null, 'none given'],
  ])('%s is allowed for %s (%s)', (pin, name) => {
    expect(spellsName(pin, name)).toBe(false);
  });

  it('refuses little when it is short', () => {
    const refused = (name: string) => everyFourDigitPin.filter((pin) => spellsName(pin, name)).length;
    expect(['J', 'Jo', 'Ann', 'Jo Li', 'Anna'].map(refused)).toEqual([0, 0, 20, 1, 1]);
  });
});
