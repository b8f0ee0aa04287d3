import { expect, it } from 'vitest';
import type { Result } from '../../bench/frame/results.ts';
import { markdownModel } from '../../bench/scaling/document.ts';

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

const costs = resultOf('costs', '1111111111', {
  hashSeconds: 0.036,
  serviceSeconds: 0.009,
  mainThreadSeconds: 0.007,
  redisSeconds: 0.0007,
  redisCommands: 20,
  bytesToRedis: 10_000,
  bytesFromRedis: 8000,
  appendedBytes: 9000,
  keptBytes: 1000,
  sharedCommands: 2,
});
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
