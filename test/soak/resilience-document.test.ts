import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  measuredTables,
  renderMeasured,
  renderTables,
  replaceBetweenMarkers,
  tablesOf,
  withRun,
} from '../../scripts/resilience-document.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { reportRow } from './report.ts';

test('rows become tables in the order in which they came', () => {
  const file = join(temporaryFolder(), 'rows');
  vi.stubEnv('SOAK_ROWS', file);
  onTestFinished(() => void vi.unstubAllEnvs());
  reportRow('Killed', { what: 'Redis', times: 100 });
  reportRow('Filled', { disk: 'a | b' });
  reportRow('Killed', { what: 'service', times: 7 });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(renderTables(tablesOf(lines))).toBe(
    [
      '### Killed',
      '',
      '| what | times |',
      '|---|---:|',
      '| Redis | 100 |',
      '| service | 7 |',
      '',
      '### Filled',
      '',
      '| disk |',
      '|---|',
      '| a \\| b |',
    ].join('\n'),
  );
});

test('each table keeps the run that it is from, when others are measured anew', () => {
  const machine = '2 cores';
  const first = { date: '2026-11-20', machine, seed: 1, commit: null };
  const second = { date: '2026-11-21', machine, seed: 2, commit: 'abc1234' };
  const before = withRun({}, first, { Killed: [{ times: 100 }], Filled: [{ times: 1 }] });
  const after = withRun(before, second, { Filled: [{ times: 3 }] });
  expect(measuredTables.parse(JSON.parse(JSON.stringify({ tables: after }))).tables).toEqual(after);
  expect(renderMeasured(after)).toBe(
    [
      '### Killed',
      '',
      '2026-11-20, 2 cores, seed 1.',
      '',
      '| times |',
      '|---:|',
      '| 100 |',
      '',
      '### Filled',
      '',
      '2026-11-21, 2 cores, seed 2, commit abc1234.',
      '',
      '| times |',
      '|---:|',
      '| 3 |',
    ].join('\n'),
  );
});

test('what is between the markers is replaced, and nothing else', () => {
  const document = 'before\n<!-- soak: begin -->\nold\n<!-- soak: end -->\nafter\n';
  const replaced = replaceBetweenMarkers(document, 'soak', 'new');
  expect(replaced).toBe('before\n<!-- soak: begin -->\n\nnew\n\n<!-- soak: end -->\nafter\n');
  expect(replaceBetweenMarkers(replaced, 'soak', 'newer')).toContain('before\n<!-- soak: begin -->\n\nnewer');
});

test.each(['nothing', '<!-- soak: end --> <!-- soak: begin -->', '<!-- soak: begin -->'.repeat(2)])(
  'a document without its markers is refused: %s',
  (document) => {
    expect(() => replaceBetweenMarkers(document, 'soak', 'new')).toThrow(/once each/);
  },
);
