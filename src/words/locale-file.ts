/**
 * A locale file: one flat JSON object of texts, read with the line of each, so that what is wrong with one can be named.
 */

/** Where something is written; `line` counts from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

/** Takes down something wrong in a file, said so that an operator can put it right. */
export type Report = (place: Place, problem: string) => void;

/** One text of a locale file, and where it stands. */
export interface Text {
  readonly text: string;
  readonly place: Place;
}

const beginning = /\s*\{\s*/y;
const entry = /("(?:[^"\\\n]|\\.)*")\s*:\s*("(?:[^"\\\n]|\\.)*")\s*(?:,\s*(?=")|(?=\}))/y;
const end = /\}\s*$/y;

/**
 * The texts of a locale file by key; null if it isn't one. Read entry by entry, because `JSON.parse` names no lines, and takes
 * the last of two entries with one key without a word.
 */
export function readTexts(path: string, json: string, report: Report): Map<string, Text> | null {
  const texts = new Map<string, Text>();
  const placeOf = (offset: number): Place => ({ path, line: lineAt(json, offset) });
  const refuse = (offset: number) => {
    const problem =
      'is not JSON of the form { "key": "text", "key": "text" }; look for a missing quote or comma';
    report(placeOf(offset), problem);
    return null;
  };

  const begun = matchAt(beginning, json, 0);
  if (!begun) return refuse(0);
  let at = begun[0].length;
  while (!matchAt(end, json, at)) {
    const match = matchAt(entry, json, at);
    const key = parseString(match?.[1]);
    const text = parseString(match?.[2]);
    if (!match || key === null || text === null) return refuse(at);
    if (texts.has(key)) report(placeOf(at), `"${key}" is here twice; remove one`);
    texts.set(key, { text, place: placeOf(at) });
    at += match[0].length;
  }
  return texts;
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

function parseString(json: string | undefined): string | null {
  try {
    return json === undefined ? null : String(JSON.parse(json));
  } catch {
    return null;
  }
}

/** The line of a character, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
