import { expect, it } from 'vitest';
import { keptResult, type Result, readResult, writeResult } from '../../bench/frame/results.ts';
import { suites } from '../../bench/suites.ts';

const result: Result = {
  suite: 'sign-ins',
  title: 'Sign-ins',
  date: '2026-11-21',
  commit: 'abcdef1234',
  machine: { cpu: 'Some CPU', cores: 2, memoryGib: 24, node: '20', kernel: 'Linux', redis: '7' },
  rounds: 3,
  seconds: 61,
  sections: [
    {
      title: 'On the folder',
      text: 'Whole calls.',
      columns: ['in flight', 'ms'],
      rows: [[1, Number.NaN]],
      goals: [
        { text: 'fast', met: false, measured: '1 %', because: 'Why sign-ins stay below the ceiling' },
        { text: 'small', met: true, measured: '1 MiB' },
      ],
      plots: [
        { name: 'a', title: 'A', xLabel: 'x', yLabel: 'y', series: [{ name: 'one', points: [[1, 2]] }] },
      ],
      figures: { bytes: 12.5 },
    },
  ],
};

it('reads a result as it was written, and what could not be measured as no number', () => {
  expect(readResult(writeResult(result))).toEqual(result);
});

it.each([
  ['another goal', { goals: [{ text: 'fast', met: 'yes', measured: '1 %' }] }],
  ['another cell', { rows: [[true]] }],
  ['what nobody knows', { footnote: 'see below' }],
])('refuses a result with %s', (_, change) => {
  const [section] = result.sections;
  const text = JSON.stringify({ ...result, sections: [{ ...section, ...change }] });
  expect(() => readResult(text)).toThrow();
});

it.each(suites.map(({ name }) => name))('can read what is kept of %s', (suite) => {
  const kept = keptResult(suite);
  if (kept !== null) expect(kept.suite).toBe(suite);
});
