/** The scores in docs/mutation.md, and when a report may replace them. */
import { z } from 'zod';
import { textBetween, withTextBetween } from '../documents/markers.ts';

const status = z.enum([
  'Killed',
  'Timeout',
  'Survived',
  'NoCoverage',
  'RuntimeError',
  'CompileError',
  'Ignored',
]);
const report = z.object({
  files: z.record(z.string(), z.object({ mutants: z.array(z.object({ status })) })),
});
type Status = z.infer<typeof status>;
type File = z.infer<typeof report>['files'][string];

const markers = { begin: '<!-- scores: begin -->', end: '<!-- scores: end -->' };

/** A row of the table, without the bars at its ends. */
function rowOf(name: string, all: readonly Status[]): string {
  const count = (...which: readonly Status[]) => all.filter((one) => which.includes(one)).length;
  const noticed = count('Killed', 'Timeout');
  const unnoticed = count('Survived', 'NoCoverage');
  const score = ((100 * noticed) / (noticed + unnoticed)).toFixed(1);
  return `| ${name} | ${noticed + unnoticed} | ${count('Timeout')} | ${unnoticed} | ${score} % |`;
}

const statusesOf = ({ mutants }: File) => mutants.map((mutant) => mutant.status);

export interface Scores {
  readonly text: string;
  /** All that the report has, also those without mutants, which the text leaves out. */
  readonly files: readonly string[];
}

/** @param json Stryker's report. @param run when and on what it was made, in a line. @throws Error when it is of another form. */
export function scoresOf(json: string, run: string): Scores {
  const { files } = report.parse(JSON.parse(json));
  const rows = Object.entries(files)
    .filter(([, { mutants }]) => mutants.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, one]) => rowOf(`\`${file}\``, statusesOf(one)));
  const text = [
    `Measured on ${run}.`,
    '',
    '| file | mutants | noticed by running for ever | not noticed | score |',
    '|---|--:|--:|--:|--:|',
    ...rows,
    rowOf('**all**', Object.values(files).flatMap(statusesOf)),
  ].join('\n');
  return { text, files: Object.keys(files) };
}

const filesIn = (table: string) => [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, file = '']) => file);

/**
 * Puts scores in the place of those that a document has.
 * @param isThere whether a file is still there: one that was removed needs no score.
 * @throws Error when the document has no place for them, or when they lack a file that has a score there: a run of one file is no measure
 * of all.
 */
export function withScores(
  document: string,
  { text, files }: Scores,
  isThere: (file: string) => boolean,
): string {
  const missing = filesIn(textBetween(document, markers)).filter(
    (file) => isThere(file) && !files.includes(file),
  );
  if (missing.length > 0)
    throw new Error(`The report is of a part: it lacks ${missing.join(', ')}. Run all of it.`);
  return withTextBetween(document, markers, text);
}
