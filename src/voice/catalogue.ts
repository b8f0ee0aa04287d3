/**
 * The catalogue: what one locale's callers hear, and in which voice.
 */
import type { Locale } from '../core/locale.ts';
import type { Report, Text } from '../words/locale-file.ts';
import { compilePhrases, type Phrases } from '../words/phrases.ts';

/** One locale's words, and the `language` and `voice` in which the provider speaks them. */
export interface Catalogue {
  readonly language: string;
  readonly voice: string;
  readonly phrases: Phrases;
}

/** Makes a catalogue of a locale's texts. `path` is the locale's own file, to be named when something is missing. */
export function compileCatalogue(
  locale: Locale,
  path: string,
  texts: ReadonlyMap<string, Text>,
  report: Report,
): Catalogue {
  const setting = (key: string, pattern: RegExp, example: string): string => {
    const found = texts.get(key);
    if (!found || !pattern.test(found.text)) {
      report(found?.place ?? { path, line: 1 }, `needs a "${key}", such as "${example}"`);
    }
    return found?.text ?? '';
  };
  const phrases = [...texts].filter(([key]) => key !== 'language' && key !== 'voice');
  return {
    language: setting('language', /^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, locale),
    voice: setting('voice', /^[A-Za-z][\w.-]*$/, 'Polly.Joanna-Neural'),
    phrases: compilePhrases(locale, phrases, report),
  };
}
