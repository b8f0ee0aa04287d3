/** The language of the page: the account's once it is known, else the first that the browser asks for and that we have. */
import { words as german } from './words/de-DE.js';
import { words as english } from './words/en-US.js';
import { words as spanish } from './words/es-ES.js';
import { words as french } from './words/fr-FR.js';

/** @typedef {import('./words/en-US.js').Words} Words */

const all = /** @type {Readonly<Record<string, Words>>} */ ({
  en: english,
  es: spanish,
  fr: french,
  de: german,
});

/**
 * @typedef {object} Language
 * @property {string} tag
 * @property {Words} words
 * @property {(iso: string) => string} time a day and a time, in the zone of whoever looks
 * @property {(iso: string) => string} hour a time of the day
 */

/** @param {string | null} locale the account's @returns {Language} */
export function languageFor(locale) {
  const asked = [...(locale === null ? [] : [locale]), ...navigator.languages, 'en'];
  const tag = asked.find((one) => all[codeOf(one)] !== undefined) ?? 'en';
  const code = codeOf(tag);
  const moment = new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'short' });
  const hour = new Intl.DateTimeFormat(tag, { timeStyle: 'short' });
  return {
    tag: code,
    words: all[code] ?? english,
    time: (iso) => moment.format(new Date(iso)),
    hour: (iso) => hour.format(new Date(iso)),
  };
}

/** @param {string} tag */
function codeOf(tag) {
  return tag.toLowerCase().split('-')[0] ?? '';
}
