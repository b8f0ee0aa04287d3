/**
 * Writes the scores of the last `stryker run` into docs/mutation.md, by file. The second half of `npm run test:mutation`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const root = new URL('../', import.meta.url);
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

const { files } = report.parse(JSON.parse(readFileSync(new URL('coverage/mutation.json', root), 'utf8')));

function rowOf(name: string, all: readonly Status[]): string {
  const count = (...which: readonly Status[]) => all.filter((one) => which.includes(one)).length;
  const noticed = count('Killed', 'Timeout');
  const unnoticed = count('Survived', 'NoCoverage');
  const score = ((100 * noticed) / (noticed + unnoticed)).toFixed(1);
  return `| ${name} | ${noticed + unnoticed} | ${count('Timeout')} | ${unnoticed} | ${score} % |`;
}

const statusesOf = ({ mutants }: { readonly mutants: readonly { readonly status: Status }[] }) =>
  mutants.map((mutant) => mutant.status);
const rows = Object.entries(files)
  .filter(([, { mutants }]) => mutants.length > 0)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([file, one]) => rowOf(`\`${file}\``, statusesOf(one)));
const text = [
  `Measured on ${new Date().toISOString().slice(0, 10)}.`,
  '',
  '| file | mutants | noticed by running for ever | not noticed | score |',
  '|---|--:|--:|--:|--:|',
  ...rows,
  rowOf('**all**', Object.values(files).flatMap(statusesOf)),
].join('\n');

const document = new URL('docs/mutation.md', root);
const [begin, end] = ['<!-- scores: begin -->', '<!-- scores: end -->'];
const [before, rest] = readFileSync(document, 'utf8').split(begin);
const after = rest?.split(end)[1];
if (before === undefined || after === undefined)
  throw new Error(`docs/mutation.md has no ${begin} with ${end}.`);
writeFileSync(document, `${before}${begin}\n\n${text}\n\n${end}${after}`);
console.log(text);
