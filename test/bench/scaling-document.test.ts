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
