/**
 * Runs Stryker, and writes the scores into docs/mutation.md, by file, with the machine and the commit. The scores of a part are told, and
 * not written.
 *
 *     npm run test:mutation
 *
 * Ends as Stryker does, and with a score that is too low writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeCommit, describeSource } from './documents/measured-on.ts';
import { scoresOf, withScores } from './mutation/scores.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const date = new Date().toISOString().slice(0, 10);
// Stryker copies the checkout as it begins, so this is what is tried, whatever is committed meanwhile.
const commit = describeCommit(root);
const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const { status } = spawnSync(process.execPath, [stryker, 'run'], { cwd: root, stdio: 'inherit' });
if (status === 0) writeScores();
process.exitCode = status ?? 1;

function writeScores(): void {
  const report = readFileSync(join(root, 'coverage/mutation.json'), 'utf8');
  const scores = scoresOf(report, `${date}, ${describeSource(commit)}`);
  process.stdout.write(`${scores.text}\n`);
  const document = join(root, 'docs/mutation.md');
  const isThere = (file: string) => existsSync(join(root, file));
  writeFileSync(document, withScores(readFileSync(document, 'utf8'), scores, isThere));
}
