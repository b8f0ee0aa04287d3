import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { betweenMarkers, markdownGoals, markdownResult, markdownTable } from '../../bench/frame/document.ts';
import type { Result } from '../../bench/frame/results.ts';
import { type Goal, reasons } from '../../bench/frame/suite.ts';

const result: Result = {
  suite: 'sign-ins',
  title: 'Sign-ins',
  date: '2026-11-21',
  commit: 'abcdef1234',
  machine: {
    cpu: 'Some CPU',
    cores: 2,
    memoryGib: 24,
    node: '20.20.2',
    kernel: 'Linux 6.1',
    redis: '7.0.15',
  },
  rounds: 3,
  seconds: 61,
  sections: [
    {
      title: 'On the folder',
      text: 'Whole calls.',
      columns: ['in flight', 'share'],
      rows: [[1, '90 % | more']],
      goals: [
        { text: 'at least 90 %', met: true, measured: '91 %' },
        { text: 'memory flat', met: false, measured: '1.4' },
      ],
      plots: [{ name: 'sign-ins', title: 'Sign-ins', xLabel: 'x', yLabel: 'y', series: [] }],
    },
  ],
};

it('writes a table, with numbers to the right and in short', () => {
  expect(
    markdownTable(
      ['what', 'ms'],
      [
        ['a', 1.2345],
        ['b|c', 12_345],
      ],
    ),
  ).toBe(['| what | ms |', '|---|--:|', '| a | 1.23 |', '| b\\|c | 12,345 |'].join('\n'));
});

it('writes where a result is from, its tables, goals and pictures', () => {
  const text = markdownResult(result, (plot) => `images/${plot}.svg`);
  expect(text).toContain(
    '2026-11-21, commit abcdef1234: Some CPU, 2 cores, 24 GiB, Node 20.20.2, Redis 7.0.15',
  );
  expect(text).toContain('### On the folder\n\nWhole calls.\n\n| in flight | share |');
  expect(text).toContain('- ✅ at least 90 %: 91 %\n- ❌ memory flat: 1.4');
  expect(text).toContain('![Sign-ins](images/sign-ins.svg)');
});

it('tells one run from several rounds', () => {
  expect(markdownResult(result, String)).toContain('. 3 rounds, 61 s in all.');
  expect(markdownResult({ ...result, rounds: 1 }, String)).toContain('. One run, 61 s in all.');
});

it('gathers the goals of all results', () => {
  expect(markdownGoals([result])).toContain('| Sign-ins | memory flat | 1.4 | **not met** |');
});

it('sends whoever sees a goal that is not met to its reason', () => {
  const withGoal = (goal: Partial<Goal>): Result => {
    const goals = [{ text: 'fast', met: false, measured: '1 %', ...goal }];
    return { ...result, sections: [{ title: '', columns: [], rows: [], goals }] };
  };
  const because = 'Why steps stay below a bare application';
  const link = `[${because}](#why-steps-stay-below-a-bare-application)`;
  expect(markdownGoals([withGoal({ because })])).toContain(`| 1 % | **not met**: ${link} |`);
  expect(markdownResult(withGoal({ because }), String)).toContain(`- ❌ fast: 1 %. ${link}`);
  expect(markdownGoals([withGoal({})])).toContain('| 1 % | **not met** |');
  expect(markdownGoals([withGoal({ met: true, because })])).toContain('| 1 % | met |');
});

it.each(reasons)('has a place for the reason: %s', (reason) => {
  const document = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
  expect(document.split('\n')).toContain(`### ${reason}`);
});

it('replaces what is between markers, and nothing else', () => {
  const document = 'before\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nafter\n';
  const once = betweenMarkers(document, 'a', 'new');
  expect(once).toBe('before\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\nafter\n');
  expect(betweenMarkers(once, 'a', 'new')).toBe(once);
  expect(() => betweenMarkers(document, 'b', 'new')).toThrow('bench:b');
});
