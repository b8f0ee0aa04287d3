import { expect, it } from 'vitest';
import type { Result } from '../../bench/frame/results.ts';
import { markdownModel } from '../../bench/scaling/document.ts';
import { callCosts } from './call-costs.ts';

function resultOf(suite: string, commit: string, figures: Readonly<Record<string, number>>): Result {
  return {
    suite,
    title: suite,
    date: '2026-11-21',
    commit,
    machine: { cpu: 'Some CPU', cores: 2, memoryGib: 24, node: '20', kernel: 'Linux', redis: '7' },
    rounds: 3,
    seconds: 61,
    sections: [{ title: 'figures', columns: [], rows: [], goals: [], figures }],
  };
}

const costs = resultOf('costs', '1111111111', { ...callCosts });
const size = resultOf('size', '2222222222', { memoryBytes: 5000, fileBytes: 6000 });

it('tells where the weight of accounts is from, which another run may have measured', () => {
  const model = markdownModel(costs, size);
  expect(model).toContain('memory for a million accounts');
  expect(model).toContain('by the suite `size`: 2026-11-21, commit 2222222222: Some CPU');
});

it('leaves the weight of accounts out when it was not measured', () => {
  const model = markdownModel(costs, null);
  expect(model).not.toContain('accounts, GiB');
  expect(model).not.toContain('commit');
});

it('tells what a hash that took more or less in some round does to the answer', () => {
  const range = { hashSecondsLeast: 0.018, hashSecondsMost: 0.054 };
  const model = markdownModel(resultOf('costs', '1111111111', { ...callCosts, ...range }), null);
  expect(model).toContain('cost 36 ms of CPU, the median. By round it was 18 to 54');
  // (18 + 9 + 0.7) ms × 277.8 a second ÷ 70 %, and (54 + 9 + 0.7) ms.
  expect(model).toContain('take 11 cores, with the most 26.');
  expect(markdownModel(costs, null)).not.toContain('By round');
});
