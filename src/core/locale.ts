/**
 * The languages that callers are spoken to in. Each has a file of words, `twiml/locales/<locale>.json`.
 */

export const locales = ['en-US', 'es-ES', 'fr-FR', 'de-DE'] as const;

export type Locale = (typeof locales)[number];

/**
 * The locale that serves a BCP 47 language tag, by its language alone: `en` and `en-GB` are served by `en-US`. Case doesn't
 * matter, and `_` may stand for `-`. Null for a language that isn't spoken here.
 */
export function matchLocale(tag: string): Locale | null {
  const language = languageOf(tag);
  return locales.find((locale) => languageOf(locale) === language) ?? null;
}

function languageOf(tag: string): string | undefined {
  return tag.trim().toLowerCase().split(/[-_]/)[0];
}
