/** What went wrong, as it is told. */
import { RequestError } from '../shared/http.js';

/** @import { Words } from './language.js' */

/** What went wrong, in the language of the page. @param {unknown} error @param {Words} words */
export function problemIn(error, words) {
  const problems = /** @type {Readonly<Record<string, string>>} */ (words.problems);
  const known = error instanceof RequestError ? problems[error.code] : undefined;
  if (!(error instanceof RequestError)) console.error(error);
  return known ?? words.problems.other;
}
