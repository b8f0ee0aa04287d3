import { describe, expect, it } from 'vitest';
import { matchLocale } from '../../src/core/locale.ts';

describe('matchLocale', () => {
  it.each([
    ['en', 'en-US'],
    ['en-GB', 'en-US'],
    ['es-MX', 'es-ES'],
    ['FR', 'fr-FR'],
    ['fr_CA', 'fr-FR'],
    ['de-DE', 'de-DE'],
    [' de-AT ', 'de-DE'],
    ['it', null],
    ['eng', null],
    ['e', null],
    ['', null],
  ])('serves %j with %j', (tag, locale) => {
    expect(matchLocale(tag)).toBe(locale);
  });
});
