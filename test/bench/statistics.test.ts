import { describe, expect, it } from 'vitest';
import {
  inShort,
  inWords,
  median,
  percent,
  percentile,
  ratios,
  spreadOf,
} from '../../bench/frame/statistics.ts';

describe('a percentile', () => {
  it('is the value of the nearest rank, in whatever order the values come', () => {
    const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
    expect(percentile(values, 0.5)).toBe(5);
    expect(percentile(values, 0.9)).toBe(9);
    expect(percentile(values, 0.99)).toBe(10);
    expect(percentile(values, 0)).toBe(1);
    expect(values[0]).toBe(5);
  });

  it('of no values is no number', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('a median', () => {
  it('is the middle of an odd number and the mean of the two middles of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(median([])).toBeNaN();
  });
});

it('spreads over rounds from the least to the most', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(inWords(spreadOf([30.04, 10, 20.06]))).toBe('20.1 (10–30)');
});

it('divides what ran beside one another', () => {
  expect(ratios([9, 8], [10, 16])).toEqual([0.9, 0.5]);
});

it('writes three significant digits', () => {
  expect([0.1234, 1.234, 12.34, 123.4, 12_345, 0].map(inShort)).toEqual([
    '0.123',
    '1.23',
    '12.3',
    '123',
    '12,345',
    '0',
  ]);
  expect(inShort(Number.NaN)).toBe('–');
  expect(percent(0.905)).toBe('91 %');
  expect(percent(Number.NaN)).toBe('–');
});

it.each([
  [0, '0 %'],
  [0.000_01, '0.1 %'],
  [0.004, '0.4 %'],
  [0.014, '1 %'],
  [0.986, '99 %'],
  [0.996, '99.6 %'],
  [0.999_99, '99.9 %'],
  [1, '100 %'],
  [1.24, '124 %'],
])('writes %f as %s: nearly all is not all, and a few are not none', (part, text) => {
  expect(percent(part)).toBe(text);
});
