/**
 * Loads the views and their words at start-up, and checks everything that could go wrong in a call, so that a mistake stops the
 * start with file and line instead of a caller.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Mustache from 'mustache';
import type { View } from '../core/call/view.ts';
import { type Locale, locales } from '../core/locale.ts';
import {
  type Catalogue,
  compileCatalogue,
  lineAt,
  type Place,
  type Report,
  readTexts,
  type Text,
} from './phrases.ts';
import { renderView, type Template, type VoiceViews } from './render.ts';
import { type Element, readXml, twimlMistakes, type ViewKind } from './twiml-rules.ts';
import { askingSamples, viewSamples } from './view-samples.ts';
import { type PhraseCall, wordsOf } from './view-words.ts';

/** The views can't be used. The message has one line per problem: `path:line: what is wrong and what to do`. */
export class ViewError extends Error {
  override readonly name = 'ViewError';
}

/** A template, its file, and where it names what. */
interface ReadTemplate extends Template {
  readonly names: readonly { readonly name: string; readonly place: Place }[];
}

/** A phrase that is said somewhere. `place` is where a view names it, null when what happened in the call chooses it. */
interface Use extends PhraseCall {
  readonly place: Place | null;
}

/** Dates in samples are told in some zone; which one makes no difference to whether they can be. */
const sampleZone = 'UTC';

/** The provider refuses longer documents (bytes) and warns of longer speech (characters, with Polly's voices). */
const longestDocument = 64 * 1024;
const longestSpeech = 3000;

/**
 * Reads `<folder>/<view>.xml` and `<folder>/locales/<locale>.json`. An override folder has the same layout: its views replace
 * single files, its locale files replace single texts.
 * @throws ViewError with every problem found, not only the first.
 */
export function loadVoiceViews(options: {
  readonly folder: string;
  readonly overrideFolder?: string;
}): VoiceViews {
  const problems = new Set<string>();
  const report: Report = ({ path, line }, problem) => problems.add(`${path}:${line}: ${problem}`);
  const folders = [options.folder, ...(options.overrideFolder ? [options.overrideFolder] : [])];

  const perFolder = folders.map((folder) => readTemplates(folder, report));
  const templates = new Map(perFolder.flatMap((read) => [...read]));
  for (const code of viewSamples.keys()) {
    const path = join(options.folder, `${code}.xml`);
    if (!existsSync(path)) report({ path, line: 1 }, 'is missing; every view needs its file');
  }

  const catalogues = readCatalogues(folders, report);
  // A default view that is overridden still counts, or its phrases would be left over.
  const uses = [...perFolder.flatMap((read) => [...read]).flatMap(usesInTemplate), ...usesInParts()];
  for (const locale of locales) {
    checkPhrases(catalogues[locale], uses, join(options.folder, 'locales', `${locale}.json`), report);
  }

  const views = { templates, catalogues };
  if (problems.size === 0) checkRendered(views, templates, report);
  if (problems.size > 0) throw new ViewError([...problems].join('\n'));
  return views;
}

function readTemplates(folder: string, report: Report): Map<string, ReadTemplate> {
  const files = filesIn(folder, '.xml', [...viewSamples.keys()], report);
  return new Map(files.map(({ name, path, text }) => [name, readTemplate(name, path, text, report)]));
}

function readTemplate(code: string, path: string, text: string, report: Report): ReadTemplate {
  for (const { line, problem } of twimlMistakes(text, kindOf(code))) report({ path, line }, problem);

  const names = placeholders(path, text, report);
  const known = knownNames(code);
  for (const { name, place } of names) {
    if (!name.startsWith('say.') && !known.has(name)) {
      report(place, `{{${name}}} means nothing in this view; it may use {{say.<phrase>}}, ${braced(known)}`);
    }
  }
  const phrases = names.flatMap(({ name }) => (name.startsWith('say.') ? [name.slice(4)] : []));
  for (const { name, place } of names) {
    if (/^say\..*\./.test(name))
      report(place, `{{${name}}} is a phrase that the call chooses; give this one a name without a dot`);
  }
  return { text, phrases, names };
}

/** The names in a view's file. Anything else that Mustache can do is refused: a variant is another view. */
function placeholders(path: string, text: string, report: Report): ReadTemplate['names'] {
  const placeOf = (offset: number): Place => ({ path, line: lineAt(text, offset) });
  try {
    return Mustache.parse(text).flatMap(([type, name, start]) => {
      if (type === 'text') return [];
      if (type === 'name') return [{ name, place: placeOf(start) }];
      report(
        placeOf(start),
        'only {{name}} can be used, without sections, partials, comments or unescaped text',
      );
      return [];
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report(
      placeOf(Number(/ at (\d+)$/.exec(message)?.[1] ?? 0)),
      `${message.replace(/ at \d+$/, '')}; write {{name}}`,
    );
    return [];
  }
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

function knownNames(code: string): ReadonlySet<string> {
  const urls: Record<ViewKind, readonly string[]> = {
    digits: ['timeout', 'keysUrl', 'silenceUrl'],
    key: ['timeout', 'keysUrl', 'silenceUrl'],
    closing: [],
    handover: ['applicationUrl'],
  };
  const parts = samplesOf(code).flatMap((view) => Object.keys(wordsOf(view, 'en-US', sampleZone).parts));
  return new Set(['voice', 'language', ...urls[kindOf(code)], ...parts]);
}

function samplesOf(code: string): readonly View[] {
  return viewSamples.get(code) ?? [];
}

function usesInTemplate([code, { names }]: readonly [string, ReadTemplate]): Use[] {
  return names.flatMap(({ name, place }) =>
    name.startsWith('say.')
      ? samplesOf(code).map((view) => ({
          key: name.slice(4),
          params: wordsOf(view, 'en-US', sampleZone).params,
          place,
        }))
      : [],
  );
}

function usesInParts(): Use[] {
  return [...viewSamples.values()]
    .flat()
    .flatMap((view) => Object.values(wordsOf(view, 'en-US', sampleZone).parts).flat())
    .map((call) => ({ ...call, place: null }));
}

function readCatalogues(folders: readonly string[], report: Report): Readonly<Record<Locale, Catalogue>> {
  const perFolder = folders.map((folder) => filesIn(join(folder, 'locales'), '.json', locales, report));
  const catalogueOf = (locale: Locale): Catalogue => {
    const texts = perFolder
      .flatMap((files) => files.filter(({ name }) => name === locale))
      .flatMap(({ path, text }) => [...readTexts(path, text, report)]);
    const path = join(folders[0] ?? '', 'locales', `${locale}.json`);
    return compileCatalogue(locale, path, new Map<string, Text>(texts), report);
  };
  return {
    'en-US': catalogueOf('en-US'),
    'es-ES': catalogueOf('es-ES'),
    'fr-FR': catalogueOf('fr-FR'),
    'de-DE': catalogueOf('de-DE'),
  };
}

/** Every use has a phrase that can be said, and every phrase has a use. */
function checkPhrases({ phrases }: Catalogue, uses: readonly Use[], path: string, report: Report): void {
  for (const { key, params, place } of uses) {
    const phrase = phrases.get(key);
    if (!phrase) {
      report(place ?? { path, line: 1 }, `the phrase "${key}" has no words in ${basename(path)}; add them`);
      continue;
    }
    const unknown = [...phrase.names].filter((name) => !(name in params));
    if (unknown.length > 0) {
      const allowed = Object.keys(params);
      report(
        phrase.place,
        `"${key}" can't use {${unknown.join('}, {')}}; it may use ${allowed.length > 0 ? `{${allowed.join('}, {')}}` : 'no names'}`,
      );
      continue;
    }
    try {
      if (phrase.format(params).trim() === '') report(phrase.place, `"${key}" says nothing; give it words`);
    } catch (error) {
      report(
        phrase.place,
        `"${key}" can't be said: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const used = new Set(uses.map(({ key }) => key));
  for (const [key, { place }] of phrases) {
    if (!used.has(key)) report(place, `nothing says "${key}"; correct its name or remove it`);
  }
}

/** Says everything once in every language, to see that the provider will take it. */
function checkRendered(
  views: VoiceViews,
  templates: ReadonlyMap<string, ReadTemplate>,
  report: Report,
): void {
  const urls = {
    keysUrl: 'https://example/k',
    silenceUrl: 'https://example/s',
    applicationUrl: 'https://example/a',
  };
  for (const locale of locales) {
    for (const [code, { names }] of templates) {
      for (const view of samplesOf(code)) {
        const place = { path: names[0]?.place.path ?? `${code}.xml`, line: 1 };
        const twiml = renderView(views, view, { locale, ...urls, timeoutSeconds: 10, timeZone: sampleZone });
        if (Buffer.byteLength(twiml) >= longestDocument)
          report(place, `is over 64 KB in ${locale}; say less`);
        for (const speech of speeches(twiml)) {
          if (speech.length > longestSpeech) {
            report(
              place,
              `has a <Say> of ${speech.length} characters in ${locale}; the provider says ${longestSpeech}`,
            );
          }
        }
      }
    }
  }
}

/** What each `<Say>` of a TwiML document says, in order. */
export function speeches(twiml: string): string[] {
  const inside = ({ name, text, children }: Element): string[] =>
    name === 'Say' ? [text.trim()] : children.flatMap(inside);
  const { root } = readXml(twiml);
  return root ? inside(root) : [];
}

interface FileText {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The files of a folder with an extension, of which each must have one of the names. */
function filesIn(folder: string, extension: string, names: readonly string[], report: Report): FileText[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .sort()
    .flatMap((file) => {
      const name = basename(file, extension);
      const path = join(folder, file);
      if (!names.includes(name)) {
        report(
          { path, line: 1 },
          `has no meaning; it must be called ${names.map((known) => known + extension).join(', ')}`,
        );
        return [];
      }
      return [{ name, path, text: readFileSync(path, 'utf8').replace(/^\uFEFF/, '') }];
    });
}

function braced(names: Iterable<string>): string {
  return [...names].map((name) => `{{${name}}}`).join(', ');
}
