/**
 * The words of letters, loaded and checked at start-up, so that a mistake stops the start instead of a letter.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Letter } from '../core/letter.ts';
import type { Locale, locales } from '../core/locale.ts';
import { type Report, readTexts } from '../words/locale-file.ts';
import {
  checkAllUsed,
  checkUses,
  compilePhrases,
  type Params,
  type PhraseCall,
  type Phrases,
  type Use,
} from '../words/phrases.ts';
import { draftLetter } from './draft.ts';
import { letterSamples } from './letter-samples.ts';

/** The words can't be used. The message has one line per problem: `path:line: what is wrong and what to do`. */
export class LetterWordsError extends Error {
  override readonly name = 'LetterWordsError';
}

/** One locale's words for letters. */
export interface LetterWords {
  readonly locale: Locale;
  say(call: PhraseCall): string;
  /** Says a moment (Unix ms) in a time zone (an IANA name), and names the zone. */
  moment(at: number, timeZone: string): string;
}

/** The words that come with Ringkey. */
const wordsFolder = fileURLToPath(new URL('words', import.meta.url));

/**
 * Reads `<folder>/<locale>.json` of every locale.
 * @throws LetterWordsError with every problem found, not only the first.
 */
export function loadLetterWords(folder = wordsFolder): Readonly<Record<Locale, LetterWords>> {
  const problems = new Set<string>();
  const report: Report = ({ path, line }, problem) => problems.add(`${path}:${line}: ${problem}`);
  const uses = allUses();
  const wordsOf = (locale: Locale): LetterWords => {
    const phrases = readPhrases(locale, join(folder, `${locale}.json`), uses, report);
    const say = ({ key, params }: PhraseCall) => phrases.get(key)?.format(params) ?? '';
    return {
      locale,
      say,
      moment: (at, timeZone) => say({ key: 'moment', params: partsOf(at, locale, timeZone) }),
    };
  };
  const words = {
    'en-US': wordsOf('en-US'),
    'es-ES': wordsOf('es-ES'),
    'fr-FR': wordsOf('fr-FR'),
    'de-DE': wordsOf('de-DE'),
  } satisfies Record<(typeof locales)[number], LetterWords>;
  if (problems.size > 0) throw new LetterWordsError([...problems].join('\n'));
  return words;
}

function readPhrases(locale: Locale, path: string, uses: readonly Use[], report: Report): Phrases {
  const json = readOrReport(path, report);
  const texts = json === null ? null : readTexts(path, json, report);
  if (texts === null) return new Map();
  const phrases = compilePhrases(locale, texts, report);
  checkUses(phrases, uses, path, report);
  checkAllUsed(phrases, uses, report);
  return phrases;
}

function readOrReport(path: string, report: Report): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    report({ path, line: 1 }, "can't be read; every language needs its file");
    return null;
  }
}

/** Every phrase that some letter needs, with its parameters. */
function allUses(): Use[] {
  const samples: Letter[] = Object.values(letterSamples).flat();
  const recipients = [null, 'Ada Lovelace'].map((name) => ({ name, extension: '1001' }));
  const houses = [null, 'x'].map((given) => ({ accessNumber: given, helpContact: given }));
  const drafts = samples.flatMap((letter) =>
    recipients.flatMap((recipient) =>
      houses.map((house) => draftLetter(letter, recipient, house, () => 'now')),
    ),
  );
  const calls = drafts.flatMap(({ subject, blocks }) => [
    subject,
    ...blocks.flatMap((block) => ('call' in block ? [block.call] : [])),
  ]);
  const moment = { key: 'moment', params: partsOf(0, 'en-US', 'UTC') };
  return [...calls, moment, { key: 'pin', params: {} }].map((call) => ({ ...call, place: null }));
}

/** The parts of a moment, for each language to put in its own order. */
function partsOf(at: number, locale: Locale, timeZone: string): Params {
  const format = (options: Intl.DateTimeFormatOptions, as: string = locale) =>
    new Intl.DateTimeFormat(as, { ...options, timeZone }).format(at).replace(/\s/gu, ' ');
  const part = (type: Intl.DateTimeFormatPartTypes, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone })
      .formatToParts(at)
      .find((found) => found.type === type)?.value ?? '';
  return {
    weekday: format({ weekday: 'long' }),
    day: Number(format({ day: 'numeric' }, 'en-US')),
    month: part('month', { day: 'numeric', month: 'long' }),
    year: format({ year: 'numeric' }),
    hour: Number(format({ hour: 'numeric', hourCycle: 'h23' }, 'en-US')),
    time: format({ hour: 'numeric', minute: '2-digit' }),
    zone: part('timeZoneName', { timeZoneName: 'long' }),
  };
}
