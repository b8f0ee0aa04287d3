/**
 * Loads the views and their words at start-up, and checks everything that could go wrong in a call, so that a mistake stops the
 * start with file and line instead of a caller.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Locale, locales } from '../core/locale.ts';
import { type Report, readTexts, type Text } from '../words/locale-file.ts';
import { checkAllUsed, checkUses } from '../words/phrases.ts';
import { type Catalogue, compileCatalogue } from './catalogue.ts';
import { renderView, type VoiceViews } from './render.ts';
import { type ReadTemplate, readTemplate, samplesOf, usesInParts, usesInTemplate } from './template.ts';
import { type Element, readXml } from './twiml-rules.ts';
import { viewSamples } from './view-samples.ts';

/** The views can't be used. The message has one line per problem: `path:line: what is wrong and what to do`. */
export class ViewError extends Error {
  override readonly name = 'ViewError';
}

/** The provider takes no longer document (bytes), and warns of longer speech (characters, with Polly's voices: its warning 13521). */
const longestDocument = 64 * 1024;
const longestSpeech = 3000;

/**
 * Reads `<folder>/<view>.xml` and `<folder>/locales/<locale>.json`. An override folder has the same layout: its views replace
 * whole files, its locale files replace single texts.
 * @throws ViewError with every problem found, not only the first.
 */
export function loadVoiceViews(options: {
  readonly folder: string;
  readonly overrideFolder?: string;
}): VoiceViews {
  const problems = new Set<string>();
  const report: Report = ({ path, line }, problem) =>
    problems.add(`${path}:${line}: ${problem.replace(/\s+/g, ' ')}`);
  const stopAtProblems = () => {
    if (problems.size > 0) throw new ViewError([...problems].join('\n'));
  };

  const folders = [options.folder, ...(options.overrideFolder ? [options.overrideFolder] : [])];
  for (const folder of folders) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      report({ path: folder, line: 1 }, 'there is no such folder');
    }
  }
  stopAtProblems();

  for (const folder of folders) filesIn(join(folder, 'locales'), '.json', locales, report);
  const allTemplates = folders.flatMap((folder) => readTemplates(folder, report));
  const templates = new Map(allTemplates);
  for (const code of viewSamples.keys()) {
    const path = join(options.folder, `${code}.xml`);
    if (!existsSync(path)) report({ path, line: 1 }, 'is missing; every view needs its file');
  }

  // A view that is overridden still counts, or its phrases would have no use any more. With mistakes in a view, what is unused
  // can't be told.
  const uses = [
    ...allTemplates.flatMap(([code, template]) => usesInTemplate(code, template)),
    ...usesInParts(),
  ];
  const allUsesKnown = problems.size === 0;
  const catalogueOf = (locale: Locale): Catalogue => {
    const path = join(options.folder, 'locales', `${locale}.json`);
    const texts = readLocale(folders, locale, report);
    if (texts === null) return unusable;
    const catalogue = compileCatalogue(locale, path, texts, report);
    checkUses(catalogue.phrases, uses, path, report);
    if (allUsesKnown) checkAllUsed(catalogue.phrases, uses, report);
    return catalogue;
  };
  const catalogues = {
    'en-US': catalogueOf('en-US'),
    'es-ES': catalogueOf('es-ES'),
    'fr-FR': catalogueOf('fr-FR'),
    'de-DE': catalogueOf('de-DE'),
  };
  stopAtProblems();

  const views = { templates, catalogues };
  checkRendered(views, templates, report);
  stopAtProblems();
  return views;
}

/** Stands in for a catalogue whose problems will stop the start. */
const unusable: Catalogue = { language: '', voice: '', phrases: new Map() };

function readTemplates(folder: string, report: Report): [code: string, template: ReadTemplate][] {
  const known = [...viewSamples.keys()];
  return filesIn(folder, '.xml', known, report).map(({ name, path }) => [
    name,
    readTemplate(name, path, readText(path), report),
  ]);
}

/** A locale's texts, those of later folders over those of earlier ones; null if they can't be read. */
function readLocale(folders: readonly string[], locale: Locale, report: Report): Map<string, Text> | null {
  const perFolder = folders.flatMap((folder, index) => {
    const path = join(folder, 'locales', `${locale}.json`);
    if (existsSync(path)) return [readTexts(path, readText(path), report)];
    if (index > 0) return [];
    report({ path, line: 1 }, 'is missing; every language needs its file');
    return [null];
  });
  const readable = perFolder.flatMap((texts) => texts ?? []);
  return readable.length < perFolder.length ? null : new Map(readable.flatMap((texts) => [...texts]));
}

/** Says everything once in every language, to see that the provider will take it. */
function checkRendered(
  views: VoiceViews,
  templates: ReadonlyMap<string, ReadTemplate>,
  report: Report,
): void {
  const url = 'https://example.org';
  const common = { keysUrl: url, silenceUrl: url, applicationUrl: url, timeoutSeconds: 10, timeZone: 'UTC' };
  for (const locale of locales) {
    for (const [code, { path }] of templates) {
      for (const view of samplesOf(code)) {
        const twiml = renderView(views, view, { locale, ...common });
        if (Buffer.byteLength(twiml) >= longestDocument) {
          report({ path, line: 1 }, `comes to over 64 KB in ${locale}; the provider takes no more`);
        }
        for (const { line, text } of saysIn(twiml)) {
          if (text.trim() === '') {
            report(
              { path, line },
              'this <Say> has nothing to say in some calls; put the name beside other words',
            );
          } else if (text.length > longestSpeech) {
            report({ path, line }, `this <Say> is over ${longestSpeech} characters in ${locale}; shorten it`);
          }
        }
      }
    }
  }
}

function saysIn(twiml: string): Element[] {
  const inside = (element: Element): Element[] =>
    element.name === 'Say' ? [element] : element.children.flatMap(inside);
  const { root } = readXml(twiml);
  return root ? inside(root) : [];
}

interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/** The files of a folder that end in `extension`, each of which must have one of the known names. */
function filesIn(folder: string, extension: string, known: readonly string[], report: Report): NamedFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .sort()
    .flatMap((file) => {
      const name = basename(file, extension);
      const path = join(folder, file);
      if (known.includes(name)) return [{ name, path }];
      report({ path, line: 1 }, `is not a name that is looked for; call it one of ${known.join(', ')}`);
      return [];
    });
}

/** Some editors put a byte order mark in front. */
function readText(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
}
