/**
 * Writes the scores of the last `stryker run` into docs/mutation.md, by file. The second half of `npm run test:mutation`. The scores of a
 * part are told, and not written.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { scoresOf, withScores } from './mutation/scores.ts';

const root = new URL('../', import.meta.url);
const document = new URL('docs/mutation.md', root);
const date = new Date().toISOString().slice(0, 10);
const scores = scoresOf(readFileSync(new URL('coverage/mutation.json', root), 'utf8'), date);
console.log(scores.text);
const isThere = (file: string) => existsSync(new URL(file, root));
writeFileSync(document, withScores(readFileSync(document, 'utf8'), scores, isThere));
