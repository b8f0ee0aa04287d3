import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsWildcard } from '../../src/core/account-filter.ts';

describe('a display name with *', () => {
  it.each([
    ['Ada Lovelace', 'ada lovelace', true],
    ['Ada Lovelace', 'ada', false],
    ['Ada Lovelace', 'Ada*', true],
    ['Ada Lovelace', '*lace', true],
    ['Ada Lovelace', 'a*l*e', true],
    ['Ada Lovelace', 'a*e*l', false],
    ['Ada Lovelace', '*', true],
    ['aba', 'ab*ba', false],
    ['Ada (Sales)', 'ada (sales)', true],
    ['Ada', '.*', false],
    ['Ａｄａ', 'ada', true],
  ])('%s fits %s: %s', (name, pattern, expected) => {
    expect(fitsWildcard(name, pattern)).toBe(expected);
  });

  const piece = fc.stringMatching(/^[a-c.()[\]\\+]{0,4}$/);

  it('takes a name as it is, also one that looks like a telephone number or an address', () => {
    expect(fitsWildcard('+.', '*.')).toBe(true);
    expect(fitsWildcard('sip: Ada', 'sip:*')).toBe(true);
  });

  it('stands for any text between the pieces, whatever characters they are made of', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, piece), { minLength: 1, maxLength: 4 }), piece, (pairs, last) => {
        const name = pairs.map(([kept, any]) => kept + any).join('') + last;
        const pattern = `${pairs.map(([kept]) => kept).join('*')}*${last}`;
        expect(fitsWildcard(name, pattern)).toBe(true);
      }),
    );
  });

  it('is not there without a piece that the pattern asks for', () => {
    fc.assert(
      fc.property(piece, piece, piece, (before, between, after) => {
        expect(fitsWildcard(before + between + after, `${before}*x*${after}`)).toBe(false);
      }),
    );
  });
});
