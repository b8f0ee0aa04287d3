import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type RefusalCode, refusalCodes } from '../../../src/core/codes.ts';
import { commonPins } from '../../../src/core/pin/common-pins.ts';
import { defaultPolicy } from '../../../src/core/pin/policy.ts';
import { refusals } from '../../../src/core/pin/refusals.ts';
import { anyContext, anyPin, digits, everyFourDigitPin, fourDigits, reversed, stranger } from './support.ts';

const weak = (pin: string) => refusals(pin, fourDigits, stranger);

describe('a PIN that is no PIN', () => {
  test.each([
    ['12a4', 'not_digits'],
    ['12 34', 'not_digits'],
    ['1234\n', 'not_digits'],
    ['-1234', 'not_digits'],
    ['１２３４', 'not_digits'],
    ['٣٤٥٦٧٨', 'not_digits'],
    ['', 'too_short'],
    ['86420', 'too_short'],
    ['8305174692830517469283051', 'too_long'],
  ] as const)('%j is %s and nothing else', (pin, code) => {
    expect(refusals(pin, defaultPolicy, stranger)).toEqual([code]);
  });

  it('is measured by the policy', () => {
    expect(refusals('83051', { ...defaultPolicy, minLength: 5 }, stranger)).toEqual([]);
    expect(refusals('83051', { ...defaultPolicy, minLength: 6 }, stranger)).toEqual(['too_short']);
    expect(refusals('835017469283051746928305', { ...defaultPolicy, minLength: 24 }, stranger)).toEqual([]);
  });
});

describe('examples of each pattern', () => {
  test.each<[RefusalCode, string[]]>([
    ['repeated_digit', ['0000', '7777', '11111', '222222', '999999999999999999999999']],
    [
      'sequence',
      ['1234', '4321', '7890', '9012', '0987', '2468', '9630', '123456', '890123', '010203', '102030'],
    ],
    ['sequence', ['112233', '101112', '030201', '100101102', '100010011002', '8642']],
    ['repeated_group', ['4848', '123123', '484848', '48484', '1231231', '50715071']],
    ['two_digits_only', ['1112', '1122', '1222', '77788', '121221', '500005', '3333383333']],
    ['keypad_line', ['2580', '147369', '0852', '1470', '3690', '1236', '1478', '2589', '789456', '159753']],
    ['keypad_line', ['258456', '147852369', '1397', '7931', '2684', '1379', '97139713', '0789', '14702580']],
    ['palindrome', ['1221', '12321', '830038', '8305038']],
    [
      'date_like',
      ['0704', '3112', '2902', '0229', '1987', '2039', '1900', '2529', '311299', '123199', '991231'],
    ],
    ['date_like', ['021987', '198702', '04071986', '07041986', '19860704', '29021987']],
    [
      'too_common',
      ['5150', '5683', '1235', '1437', '1342', '3000', '1800', '1416', '90210', '8675309', '142857'],
    ],
  ])('%s: %j', (code, pins) => {
    for (const pin of pins) expect(weak(pin), pin).toContain(code);
  });

  it('leaves the others alone', () => {
    const fine = [
      '7294',
      '8305',
      '6158',
      '4907',
      '3286',
      '83051',
      '3141593'.slice(1),
      '835017',
      '6402917',
      '83051746',
    ];
    for (const pin of fine) expect(weak(pin), pin).toEqual([]);
  });

  it('is particular about what it names', () => {
    expect(weak('7777')).toEqual(['repeated_digit']);
    expect(weak('8901')).toEqual(['sequence']);
    expect(weak('132435')).toEqual(['sequence']);
    expect(weak('132537')).toEqual([]);
    expect(weak('4848')).toEqual(['repeated_group']);
    expect(weak('7788')).toEqual(['two_digits_only']);
    expect(weak('7887')).toEqual(['palindrome']);
    expect(weak('7877')).toEqual([]);
    expect(weak('2580')).toEqual(['keypad_line']);
    expect(weak('147369')).toEqual(['keypad_line']);
    expect(weak('3006')).toEqual(['date_like']);
    expect(weak('735735')).toEqual(['repeated_group']);
  });
});

describe('the order', () => {
  it('is that of the codes, each once', () => {
    fc.assert(
      fc.property(anyPin, anyContext, (pin, context) => {
        const codes = refusals(pin, fourDigits, context);
        expect(codes).toEqual(refusalCodes.filter((code) => codes.includes(code)));
      }),
    );
  });

  it('puts the plainest reason first', () => {
    expect(weak('1212')).toEqual(['repeated_group', 'date_like']);
    expect(weak('1331')).toEqual(['palindrome']);
    expect(weak('1221')).toEqual(['palindrome', 'date_like', 'too_common']);
  });
});

describe('properties of the families', () => {
  it('refuses one digit at any length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 4, max: 24 }), (digit, length) => {
        expect(weak(String(digit).repeat(length))[0]).toBe('repeated_digit');
      }),
    );
  });

  it('refuses every run up or down, round the end too', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.integer({ min: 4, max: 24 }), fc.boolean(), (start, length, up) => {
        const run = Array.from({ length }, (_, i) => (start + i) % 10).join('');
        expect(weak(up ? run : reversed(run))).toContain('sequence');
      }),
    );
  });

  it('refuses numbers in equal steps, and no longer when one is off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 900 }),
        fc.integer({ min: 1, max: 11 }),
        fc.integer({ min: 3, max: 8 }),
        (start, step, count) => {
          const run = Array.from({ length: count }, (_, i) => start + i * step);
          expect(weak(run.join(''))).toContain('sequence');
          expect(weak(run.with(1, start + step + 12).join(''))).not.toContain('sequence');
        },
      ),
    );
  });

  it('refuses a group over and over, cut short or not', () => {
    fc.assert(
      fc.property(digits(2, 8), fc.integer({ min: 0, max: 8 }), (group, rest) => {
        fc.pre(new Set(group).size > 1);
        const pin = group.repeat(3).slice(0, 2 * group.length + Math.min(rest, group.length));
        expect(weak(pin)).toContain('repeated_group');
      }),
    );
  });

  it('refuses two digits from five digits on, and of four only the blocks', () => {
    fc.assert(
      fc.property(anyPin, (pin) => {
        const few = weak([...pin].map((digit) => (digit < '5' ? '3' : '8')).join(''));
        const both = /[0-4]/.test(pin) && /[5-9]/.test(pin);
        expect(few.includes('two_digits_only')).toBe(
          both && (pin.length > 4 || !/[0-4][5-9]+[0-4]|[5-9][0-4]+[5-9]/.test(pin)),
        );
      }),
    );
  });

  it('refuses what reads the same from both ends', () => {
    fc.assert(
      fc.property(digits(2, 12), fc.boolean(), (half, shared) => {
        const pin = half + reversed(shared ? half.slice(0, -1) : half);
        fc.pre(pin.length >= 4 && new Set(pin).size > 1);
        expect(weak(pin)).toContain('palindrome');
      }),
    );
  });

  it('takes a pattern for one from either end', () => {
    const symmetric = [
      'repeated_digit',
      'sequence',
      'repeated_group',
      'two_digits_only',
      'keypad_line',
      'palindrome',
    ];
    const shape = (pin: string) => weak(pin).filter((code) => symmetric.includes(code));
    for (const pin of everyFourDigitPin) expect(shape(pin)).toEqual(shape(reversed(pin)));
  });
});

describe('the policy that allows common patterns', () => {
  const lenient = { ...fourDigits, allowCommonPatterns: true };

  it('lifts the patterns and keeps what belongs to the account', () => {
    for (const pin of ['1111', '1234', '4848', '1122', '2580', '1221', '1987', '5683', '142857']) {
      expect(refusals(pin, lenient, stranger), pin).toEqual([]);
    }
    const jose = { extension: '5704', phoneNumbers: ['+14155550123'], displayName: 'José Martínez' };
    expect(refusals('5704', lenient, jose)).toEqual(['contains_extension']);
    expect(refusals('0123', lenient, jose)).toEqual(['ends_phone_number']);
    expect(refusals('5673', lenient, jose)).toEqual(['spells_name']);
  });

  it('refuses nothing that the strict one allows', () => {
    fc.assert(
      fc.property(anyPin, anyContext, (pin, context) => {
        const strict = refusals(pin, fourDigits, context);
        for (const code of refusals(pin, lenient, context)) expect(strict).toContain(code);
      }),
    );
  });
});

describe('what is refused of the 10,000 PINs with four digits', () => {
  const codesOf = everyFourDigitPin.map(weak);

  it('is what each family adds, and at most 1,500', () => {
    const added = Object.fromEntries(
      refusalCodes.map((code) => [code, codesOf.filter(([first]) => first === code).length]),
    );
    expect(added).toMatchObject({
      repeated_digit: 10,
      sequence: 30,
      repeated_group: 90,
      two_digits_only: 270,
      keypad_line: 134,
      palindrome: 90,
      date_like: 688,
      too_common: 143,
    });
    const total = codesOf.filter((codes) => codes.length > 0).length;
    expect(total).toBe(1455);
    expect(total).toBeLessThanOrEqual(1500);
  });

  it('is no more than a tenth of those with six digits', () => {
    const everyNinetySeventh = Array.from({ length: 10_309 }, (_, i) => String(i * 97).padStart(6, '0'));
    const refused = everyNinetySeventh.filter((pin) => refusals(pin, defaultPolicy, stranger).length > 0);
    expect(refused.length / everyNinetySeventh.length).toBeLessThan(0.1);
  });
});

describe('the list of common PINs', () => {
  it('holds PINs of five digits and more that no other rule refuses', () => {
    expect(commonPins.size).toBeGreaterThan(800);
    for (const pin of commonPins) {
      expect(pin).toMatch(/^[0-9]{5,24}$/);
      expect(weak(pin), pin).toEqual(['too_common']);
    }
  });
});
