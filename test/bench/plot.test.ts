import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { drawPlot, placeOn, valueAxis } from '../../bench/frame/plot.ts';

describe('an axis of values', () => {
  it('begins at zero and ends at a round number that no value exceeds', () => {
    for (const largest of [0.003, 0.97, 1, 7, 42, 99.9, 100, 101, 12_345]) {
      const { from, to, ticks } = valueAxis(largest);
      expect(from).toBe(0);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBe(to);
      expect(to).toBeGreaterThanOrEqual(largest);
      expect(to).toBeLessThan(largest * 1.5);
      expect(ticks.length).toBeGreaterThanOrEqual(4);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
    expect(valueAxis(42).ticks).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('is there for nothing but zeros, too', () => {
    expect(valueAxis(0)).toEqual({ from: 0, to: 1, ticks: [0, 1] });
  });
});

it('places values on a linear and on a doubling axis', () => {
  const axis = { from: 1, to: 256, ticks: [] };
  expect(placeOn({ from: 0, to: 10, ticks: [] }, 2.5)).toBe(0.25);
  expect(placeOn(axis, 16, 'log2')).toBe(0.5);
  expect(placeOn({ from: 3, to: 3, ticks: [] }, 3)).toBe(0.5);
});

it('draws well-formed SVG with every line, tick and name, and nothing outside of it', () => {
  const svg = drawPlot({
    name: 'sign-ins',
    title: 'Sign-ins <a second>',
    xLabel: 'calls in flight',
    yLabel: 'a second',
    xScale: 'log2',
    series: [
      {
        name: 'embedded & fast',
        points: [
          [1, 40],
          [8, 80],
          [256, 79],
        ],
      },
      {
        name: 'Redis',
        points: [
          [1, 38],
          [8, 77],
          [256, 76],
        ],
      },
    ],
  });
  const texts: string[] = [];
  const numbers: number[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('text', (text) => texts.push(text));
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'circle') numbers.push(Number(attributes.cx), Number(attributes.cy));
  });
  parser.write(svg).close();
  expect(texts).toEqual(
    expect.arrayContaining(['Sign-ins <a second>', 'embedded & fast', 'Redis', '1', '8', '256', '80', '0']),
  );
  expect(svg.match(/<path d="M[\d. ]+(L[\d. ]+){2}"/g)).toHaveLength(2);
  expect(numbers.every((value) => value >= 0 && value <= 720)).toBe(true);
});
