/**
 * Phrases: one locale's words, in ICU MessageFormat, and the check that they are all there and can be said.
 */
import { basename } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from '../core/locale.ts';
import type { Place, Report, Text } from './locale-file.ts';

/** What a phrase is filled in with. Numbers choose plurals and are written the locale's way. */
export type Params = Readonly<Record<string, string | number>>;

/** A phrase that is to be said, and what it is filled in with. */
export interface PhraseCall {
  readonly key: string;
  readonly params: Params;
}

/** A phrase that some call needs. `place` is where a view names it; null when what happened in the call chooses it. */
export interface Use extends PhraseCall {
  readonly place: Place | null;
}

/** A name in braces; `counted` when it must be a number, as in a plural. */
interface Name {
  readonly name: string;
  readonly counted: boolean;
}

interface Phrase {
  readonly place: Place;
  readonly names: readonly Name[];
  /** @throws Error when a parameter is missing. */
  readonly format: (params: Params) => string;
}

/** One locale's phrases by key. */
export type Phrases = ReadonlyMap<string, Phrase>;

/** Makes phrases of a locale's texts. */
export function compilePhrases(
  locale: Locale,
  texts: Iterable<readonly [key: string, text: Text]>,
  report: Report,
): Phrases {
  return new Map([...texts].map(([key, text]) => [key, compilePhrase(locale, key, text, report)]));
}

function compilePhrase(locale: Locale, key: string, { text, place }: Text, report: Report): Phrase {
  try {
    // No tags: a "<" in a phrase is said, like everything else.
    const message = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
    const format = (params: Params) => String(message.format({ ...params }));
    return { place, names: namesIn(message.getAst()), format };
  } catch (error) {
    report(
      place,
      `"${key}" is not ICU MessageFormat: ${messageOf(error).toLowerCase().replaceAll('_', ' ')}`,
    );
    return { place, names: [], format: () => text };
  }
}

type Elements = ReturnType<IntlMessageFormat['getAst']>;

/** The types of the elements of a parsed message, as its parser numbers them. */
const literal = 0;
const uncounted: readonly number[] = [1 /* a plain name */, 5 /* a choice between words */];

function namesIn(elements: Elements): Name[] {
  return elements.flatMap((element) => {
    const options = 'options' in element ? Object.values(element.options) : [];
    const inside = options.flatMap(({ value }) => namesIn(value));
    if (!('value' in element) || element.type === literal) return inside;
    return [{ name: element.value, counted: !uncounted.includes(element.type) }, ...inside];
  });
}

/** Checks that every use has its phrase, and that the phrase can be said with the parameters that it gets. */
export function checkUses(phrases: Phrases, uses: readonly Use[], path: string, report: Report): void {
  for (const { key, params, place } of uses) {
    const phrase = phrases.get(key);
    if (!phrase) {
      report(place ?? { path, line: 1 }, `"${key}" has no words in ${basename(path)}; add them there`);
      continue;
    }
    const wrong = phrase.names.find(({ name, counted }) => {
      return !Object.hasOwn(params, name) || (counted && typeof params[name] !== 'number');
    });
    if (wrong) {
      const how = Object.hasOwn(params, wrong.name) ? 'count' : 'use';
      report(phrase.place, `"${key}" can't ${how} {${wrong.name}}; it may use ${braced(params)}`);
    } else if (phrase.format(params).trim() === '') {
      report(phrase.place, `"${key}" says nothing; give it words`);
    }
  }
}

/** Checks that every phrase has a use: one without is most likely a slip in its key. */
export function checkAllUsed(phrases: Phrases, uses: readonly Use[], report: Report): void {
  const used = new Set(uses.map(({ key }) => key));
  for (const [key, { place }] of phrases) {
    if (!used.has(key)) report(place, `nothing says "${key}"; correct the key or remove it`);
  }
}

function braced(params: Params): string {
  const names = Object.keys(params).map((name) => `{${name}}`);
  return names.length > 0 ? names.join(', ') : 'no names';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
