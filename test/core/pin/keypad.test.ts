import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { drawsFigure, keysThatSpell } from '../../../src/core/pin/keypad.ts';
import { everyFourDigitPin, reversed } from './support.ts';

describe('letters on the keys', () => {
  test.each([
    ['abcdefghijklmnopqrstuvwxyz', '22233344455566677778889999'],
    ['Zoë', '963'],
    ['Zoe\u0308', '963'],
    ['GROẞMANN', '476776266'],
    ['Æsa Œil Øst Łuk Đuro Ðor Þor İsı', '2372634567858538763678467474'],
    ["O'Neil-Smith 3rd", '663457648473'],
    ['Иван 李', ''],
  ])('%s is %s', (word, keys) => {
    expect(keysThatSpell(word)).toBe(keys);
  });
});

const neighbours: Readonly<Record<string, string>> = {
  1: '24',
  2: '135',
  3: '26',
  4: '157',
  5: '2468',
  6: '359',
  7: '48',
  8: '5790',
  9: '68',
  0: '8',
};

/** Walks as a finger makes them: any key, then a neighbour that it doesn't come from; a dead end is the end. */
const walks = fc
  .tuple(fc.nat(9), fc.array(fc.nat(11), { minLength: 3, maxLength: 23 }))
  .map(([start, turns]) => {
    let pin = String(start);
    for (const turn of turns) {
      const onward = [...(neighbours[pin.at(-1) ?? ''] ?? '')].filter((key) => key !== pin.at(-2));
      if (onward.length === 0) break;
      pin += onward[turn % onward.length];
    }
    return pin;
  });

describe('figures', () => {
  it('are walks from key to neighbouring key', () => {
    fc.assert(
      fc.property(walks, (pin) => {
        fc.pre(pin.length >= 4);
        expect(drawsFigure(pin)).toBe(true);
      }),
    );
  });

  it('are rows, columns and diagonals one after another', () => {
    const lines = ['123', '456', '789', '147', '258', '369', '159', '357'].flatMap((line) => [
      line,
      reversed(line),
    ]);
    for (const one of lines) {
      expect(drawsFigure(`${one}0`)).toBe(true);
      expect(drawsFigure(`0${one}`)).toBe(true);
      for (const other of lines) expect(drawsFigure(one + other)).toBe(true);
    }
  });

  it('stay figures in a mirror and from the other end', () => {
    const mirror = (pin: string) => [...pin].map((key) => '0321654987'[Number(key)]).join('');
    for (const pin of everyFourDigitPin) {
      expect(drawsFigure(mirror(pin)), pin).toBe(drawsFigure(pin));
      expect(drawsFigure(reversed(pin)), pin).toBe(drawsFigure(pin));
    }
  });

  it('are 90 walks, 28 lines with a 0, 16 rounds and 4 Z shapes of four keys', () => {
    expect(everyFourDigitPin.filter(drawsFigure)).toHaveLength(140);
  });

  test.each(['1379', '3971', '6842', '97139713', '1397139'])('%s goes round', (pin) => {
    expect(drawsFigure(pin)).toBe(true);
  });

  test.each(['1212', '1252', '1593', '7294', '1475', '13791379'])('%s is none', (pin) => {
    expect(drawsFigure(pin)).toBe(false);
  });
});
