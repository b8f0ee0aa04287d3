import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scoresOf, withScores } from '../../scripts/mutation/scores.ts';

const mutants = (...statuses: readonly string[]) => ({ mutants: statuses.map((status) => ({ status })) });
const reportOf = (files: Readonly<Record<string, unknown>>) => JSON.stringify({ files });
const both = {
  'src/core/b.ts': mutants('Killed', 'Killed', 'Survived', 'CompileError'),
  'src/core/a.ts': mutants('Timeout', 'NoCoverage'),
  'src/core/empty.ts': mutants(),
};
const run = '2026-11-21, 2 cores, commit abc1234';
const place = 'before\n<!-- scores: begin -->\n<!-- scores: end -->\nafter\n';

it('tells each file with mutants, and all together', () => {
  const lines = scoresOf(reportOf(both), run).text.split('\n');
  expect(lines[0]).toBe('Measured on 2026-11-21, 2 cores, commit abc1234.');
  expect(lines.slice(4)).toEqual([
    '| `src/core/a.ts` | 2 | 1 | 1 | 50.0 % |',
    '| `src/core/b.ts` | 3 | 0 | 1 | 66.7 % |',
    '| **all** | 5 | 1 | 2 | 60.0 % |',
  ]);
});

it('replaces the scores of a document, and nothing else', () => {
  const scores = scoresOf(reportOf(both), run);
  const written = withScores(place, scores, () => true);
  expect(written).toBe(`before\n<!-- scores: begin -->\n\n${scores.text}\n\n<!-- scores: end -->\nafter\n`);
  expect(withScores(written, scores, () => true)).toBe(written);
  expect(() => withScores('no place', scores, () => true)).toThrow('no <!-- scores: begin -->');
});

it('does not take the report of a part for that of all', () => {
  const written = withScores(place, scoresOf(reportOf(both), run), () => true);
  const part = scoresOf(reportOf({ 'src/core/a.ts': mutants('Killed') }), run);
  expect(() => withScores(written, part, () => true)).toThrow('lacks src/core/b.ts');
  // Unless what it lacks is gone, or has no mutants any more.
  const emptied = { ...both, 'src/core/b.ts': mutants() };
  expect(withScores(written, scoresOf(reportOf(emptied), run), () => true)).not.toContain('core/b.ts');
  expect(withScores(written, part, (file) => file !== 'src/core/b.ts')).toContain(part.text);
});

it('knows the files in our own document', () => {
  const document = readFileSync(new URL('../../docs/mutation.md', import.meta.url), 'utf8');
  expect(() => withScores(document, { text: '', files: [] }, () => true)).toThrow('src/core/lockout.ts');
});
