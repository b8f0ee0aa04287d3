import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { renderTables, replaceBetweenMarkers, tablesOf } from '../../scripts/resilience-document.ts';
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
