/**
 * One view's file: what it names, and whether it may.
 */
import Mustache from 'mustache';
import type { View } from '../core/call/view.ts';
import { lineAt, type Place, type Report } from '../words/locale-file.ts';
import type { Use } from '../words/phrases.ts';
import type { Template } from './render.ts';
import { twimlMistakes, type ViewKind } from './twiml-rules.ts';
import { askingSamples, viewSamples } from './view-samples.ts';
import { type ViewWords, wordsOf } from './view-words.ts';

/** A template with where it came from and where it names what. */
export interface ReadTemplate extends Template {
  readonly path: string;
  readonly names: readonly { readonly name: string; readonly place: Place }[];
}

/** A phrase is named by its key. A dot in the key marks a phrase that the call chooses, not the view. */
const phraseName = /^say\.([\w-]+)$/;

/** Reads the file of the view `code` and reports what is wrong with it. */
export function readTemplate(code: string, path: string, text: string, report: Report): ReadTemplate {
  for (const { line, problem } of twimlMistakes(text, kindOf(code))) report({ path, line }, problem);

  const names = namesIn(path, text, report);
  const known = knownNames(code);
  const choices = ['say.<phrase>', ...known].map((choice) => `{{${choice}}}`).join(', ');
  for (const { name, place } of names) {
    if (!known.has(name) && !phraseName.test(name)) {
      report(place, `{{${name}}} means nothing here; this view may use ${choices}`);
    }
  }
  return { text, path, names, phrases: names.flatMap(({ name }) => phraseKey(name) ?? []) };
}

/** The names in a view's file. Whatever else Mustache can do is refused: a variant is another view. */
function namesIn(path: string, text: string, report: Report): ReadTemplate['names'] {
  const placeOf = (offset: number): Place => ({ path, line: lineAt(text, offset) });
  try {
    return Mustache.parse(text).flatMap(([type, name, start]) => {
      if (type === 'text') return [];
      if (type === 'name') return [{ name, place: placeOf(start) }];
      report(placeOf(start), 'only {{name}} can be used: no sections, partials, comments or unescaped text');
      return [];
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, problem = message, offset = 0] = /^(.*) at (\d+)$/.exec(message) ?? [];
    report(placeOf(Number(offset)), `${problem}; only {{name}} can be used`);
    return [];
  }
}

function phraseKey(name: string): string | null {
  return phraseName.exec(name)?.[1] ?? null;
}

const singleKeyViews: readonly string[] = [
  'menu',
  'menu-again',
  'menu-status',
  'expiry-notice',
  'expiry-notice-again',
];

function kindOf(code: string): ViewKind {
  if (singleKeyViews.includes(code)) return 'key';
  if (code in askingSamples) return 'digits';
  return code === 'handover' ? 'handover' : 'closing';
}

const namesByKind: Readonly<Record<ViewKind, readonly string[]>> = {
  digits: ['timeout', 'keysUrl', 'silenceUrl'],
  key: ['timeout', 'keysUrl', 'silenceUrl'],
  closing: [],
  handover: ['applicationUrl'],
};

function knownNames(code: string): ReadonlySet<string> {
  const parts = samplesOf(code).flatMap((view) => Object.keys(sampleWords(view).parts));
  return new Set(['voice', 'language', ...namesByKind[kindOf(code)], ...parts]);
}

/** Every variety of the view `code`. */
export function samplesOf(code: string): readonly View[] {
  return viewSamples.get(code) ?? [];
}

/** Names and kinds of parameters are the same in every language and time zone. */
function sampleWords(view: View): ViewWords {
  return wordsOf(view, 'en-US', 'UTC');
}

/** The phrases that a view's file names, with the parameters that the view has for them. */
export function usesInTemplate(code: string, { names }: ReadTemplate): Use[] {
  return names.flatMap(({ name, place }) => {
    const key = phraseKey(name);
    return key === null
      ? []
      : samplesOf(code).map((view) => ({ key, params: sampleWords(view).params, place }));
  });
}

/** The phrases that calls choose, with their parameters. */
export function usesInParts(): Use[] {
  return [...viewSamples.values()]
    .flat()
    .flatMap((view) => Object.values(sampleWords(view).parts).flat())
    .map((call) => ({ ...call, place: null }));
}
