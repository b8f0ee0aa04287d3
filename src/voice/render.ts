/**
 * Turns a view into the TwiML that is answered to the provider.
 */
import Mustache from 'mustache';
import type { View } from '../core/call/view.ts';
import type { Locale } from '../core/locale.ts';
import type { Params } from '../words/phrases.ts';
import type { Catalogue } from './catalogue.ts';
import { speakable, wordsOf } from './view-words.ts';

/** A view's file, checked. */
export interface Template {
  readonly text: string;
  /** The keys that it names as `{{say.<key>}}`. */
  readonly phrases: readonly string[];
}

/** Everything that can be said, checked and ready; made by `loadVoiceViews`. */
export interface VoiceViews {
  readonly templates: ReadonlyMap<string, Template>;
  readonly catalogues: Readonly<Record<Locale, Catalogue>>;
}

export interface RenderOptions {
  readonly locale: Locale;
  /** Where keyed digits are posted. */
  readonly keysUrl: string;
  /** Where the call goes on when nothing was keyed. */
  readonly silenceUrl: string;
  /** Where a signed-in call is handed to; needed for the view `handover` only. */
  readonly applicationUrl?: string;
  /** The wait for the first key and between keys. */
  readonly timeoutSeconds: number;
  /** The IANA time zone in which dates are told. */
  readonly timeZone: string;
}

/**
 * The TwiML of a view: well-formed XML with its declaration, whatever the account's name holds.
 * @throws RangeError for a `handover` without an address to hand the call to: a programming mistake.
 */
export function renderView(views: VoiceViews, view: View, options: RenderOptions): string {
  const template = views.templates.get(view.code);
  if (!template) throw new RangeError(`There is no view "${view.code}".`);
  if (view.code === 'handover' && !options.applicationUrl) {
    throw new RangeError('A handover needs the address of the application.');
  }
  const catalogue = views.catalogues[options.locale];
  const words = wordsOf(view, options.locale, options.timeZone);
  const parts = Object.entries(words.parts).map(([name, calls]) => [
    name,
    calls.map(({ key, params }) => say(catalogue, key, params)).join(' '),
  ]);
  const phrases = template.phrases.map((key) => [key, say(catalogue, key, words.params)]);

  const values = {
    ...Object.fromEntries(parts),
    say: Object.fromEntries(phrases),
    voice: catalogue.voice,
    language: catalogue.language,
    timeout: options.timeoutSeconds,
    keysUrl: options.keysUrl,
    silenceUrl: options.silenceUrl,
    applicationUrl: options.applicationUrl ?? '',
  };
  return Mustache.render(template.text, values, {}, { escape: escapeXml });
}

/** The apology for when nothing else works: it needs no call, no store and no addresses. */
export function renderApology(views: VoiceViews, locale: Locale): string {
  return renderView(views, { code: 'goodbye-unavailable' }, { ...nowhere, locale });
}

/** That too many are calling, which needs as little. */
export function renderBusy(views: VoiceViews, locale: Locale): string {
  return renderView(views, { code: 'goodbye-busy' }, { ...nowhere, locale });
}

const nowhere = { keysUrl: '', silenceUrl: '', timeoutSeconds: 1, timeZone: 'UTC' };

function say(catalogue: Catalogue, key: string, params: Params): string {
  return catalogue.phrases.get(key)?.format(params) ?? '';
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as it may stand in an XML element or attribute. */
function escapeXml(value: unknown): string {
  return speakable(String(value)).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
