import { expect, it } from 'vitest';
import type { Result } from '../../bench/frame/results.ts';
import { markdownProcessMemory } from '../../bench/scaling/process-memory.ts';

function resultOf(
  commit: string,
  columns: readonly string[],
  rows: Result['sections'][number]['rows'],
): Result {
  return {
    suite: 'any',
    title: 'any',
    date: '2026-11-21',
    commit,
    machine: { cpu: 'Some CPU', cores: 2, memoryGib: 24, node: '20', kernel: 'Linux', redis: '7' },
    rounds: 3,
    seconds: 61,
    sections: [{ title: 'figures', columns, rows, goals: [] }],
  };
}

const signIns = resultOf(
  '1111111111',
  ['in flight', 'memory, MiB'],
  [
    [1, 224],
    [256, 262],
  ],
);
const overload = resultOf(
  '2222222222',
  ['memory, MiB', 'round'],
  [
    [355, 1],
    [317, 2],
  ],
);

it('takes the most of each suite, and says which run it is of', () => {
  const text = markdownProcessMemory(signIns, overload);
  expect(text).toContain('some 400 MiB');
  expect(text).toContain('262 MiB with up to 256 calls in flight\n(commit 1111111111)');
  expect(text).toContain('355 in a minute of ten times too many (commit 2222222222;');
});

it('says nothing where one of them was not measured', () => {
  expect(markdownProcessMemory(signIns, null)).toBeNull();
  expect(markdownProcessMemory(signIns, resultOf('2222222222', ['round'], [[1]]))).toBeNull();
});
