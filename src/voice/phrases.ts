/**
 * The catalogue: one locale's words, read from its file, and said with parameters filled in.
 *
 * A locale file is one flat JSON object of texts: `language` and `voice` for the provider's text-to-speech, and a phrase in ICU
 * MessageFormat per key.
 */
import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from '../core/locale.ts';

/** What a phrase is filled in with. Numbers choose plurals and are written the locale's way. */
export type Params = Readonly<Record<string, string | number>>;

/** Where something is written; `line` counts from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

/** One text of a locale file, and where it stands. */
export interface Text {
  readonly text: string;
  readonly place: Place;
}

export interface Phrase {
  readonly place: Place;
  /** The names in braces that the phrase uses. */
  readonly names: ReadonlySet<string>;
  /** @throws Error when a parameter is missing or of the wrong kind. */
  readonly format: (params: Params) => string;
}

/** One locale's words: how the provider should speak, and the phrases by key. */
export interface Catalogue {
  readonly language: string;
  readonly voice: string;
  readonly phrases: ReadonlyMap<string, Phrase>;
}

/** Something wrong in a file that an operator can put right. */
export type Report = (place: Place, problem: string) => void;

const opening = /\s*\{/y;
const closing = /\s*\}\s*$/y;
const entry = /\s*("(?:[^"\\\n]|\\.)*")\s*:\s*("(?:[^"\\\n]|\\.)*")\s*(?:,(?=\s*")|(?=\}))/y;

/**
 * Reads the texts of a locale file. Read entry by entry because `JSON.parse` tells no lines, and silently takes the last of two
 * entries with one key.
 */
export function readTexts(path: string, json: string, report: Report): Map<string, Text> {
  const texts = new Map<string, Text>();
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(json);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const placeOf = (offset: number): Place => ({ path, line: lineAt(json, offset) });

  if (!take(opening)) report(placeOf(0), 'must begin with {');
  else {
    while (!take(closing)) {
      const start = at + (/\s*/y.exec(json.slice(at))?.[0].length ?? 0);
      const [, key, text] = take(entry) ?? [];
      const pair = key && text ? parsePair(key, text) : null;
      if (!pair) {
        report(placeOf(start), 'expected "key": "text" and a comma, or } after the last one');
        break;
      }
      if (texts.has(pair.key)) report(placeOf(start), `"${pair.key}" is here twice; remove one`);
      texts.set(pair.key, { text: pair.text, place: placeOf(start) });
    }
  }
  return texts;
}

function parsePair(key: string, text: string): { key: string; text: string } | null {
  try {
    return { key: String(JSON.parse(key)), text: String(JSON.parse(text)) };
  } catch {
    return null;
  }
}

/** Makes a catalogue of a locale's texts; what is wrong with them is reported, and then left out. */
export function compileCatalogue(
  locale: Locale,
  path: string,
  texts: ReadonlyMap<string, Text>,
  report: Report,
): Catalogue {
  const setting = (key: string, pattern: RegExp, example: string): string => {
    const found = texts.get(key);
    if (!found) report({ path, line: 1 }, `"${key}" is missing; add one such as "${example}"`);
    else if (!pattern.test(found.text)) {
      report(found.place, `"${found.text}" can't be a ${key}; write one such as "${example}"`);
    }
    return found?.text ?? '';
  };
  const language = setting('language', /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, locale);
  const voice = setting('voice', /^[A-Za-z][\w.-]*$/, 'Polly.Joanna-Neural');

  const phrases = new Map<string, Phrase>();
  for (const [key, text] of texts) {
    if (key === 'language' || key === 'voice') continue;
    const phrase = compilePhrase(locale, key, text, report);
    if (phrase) phrases.set(key, phrase);
  }
  return { language, voice, phrases };
}

function compilePhrase(locale: Locale, key: string, { text, place }: Text, report: Report): Phrase | null {
  try {
    // Tags mean nothing here: a "<" in a phrase is said, like everything else.
    const message = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
    return {
      place,
      names: new Set(namesIn(message.getAst())),
      format: (params) => String(message.format({ ...params })),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.toLowerCase().replaceAll('_', ' ') : String(error);
    report(place, `"${key}" is not ICU MessageFormat: ${reason}`);
    return null;
  }
}

type Elements = ReturnType<IntlMessageFormat['getAst']>;

function namesIn(elements: Elements): string[] {
  return elements.flatMap((element) => {
    const inside =
      'options' in element ? Object.values(element.options).flatMap(({ value }) => namesIn(value)) : [];
    const isArgument = 'value' in element && element.type !== literal;
    return isArgument ? [element.value, ...inside] : inside;
  });
}

/** The type number of literal text in a parsed message; every other element with a value is an argument. */
const literal = 0;

/** The line of a character, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
