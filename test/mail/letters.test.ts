/**
 * What letters say and show, each kind in each language.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import type { Letter } from '../../src/core/letter.ts';
import { locales } from '../../src/core/locale.ts';
import { letterSamples } from '../../src/mail/letter-samples.ts';
import { digitGroups, renderLetter } from '../../src/mail/render.ts';
import { LetterWordsError, loadLetterWords } from '../../src/mail/words.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const words = loadLetterWords();
const samples: readonly Letter[] = Object.values(letterSamples).flat();
const everySample = locales.flatMap((locale) =>
  samples.map((letter) => ({ locale, kind: letter.kind, letter })),
);

const ada = { name: 'Ada Lovelace', extension: '1001' };
const house = { accessNumber: '+49 30 5550100', helpContact: 'Zentrale, Tel. 4444' };
const nothingKnown = { accessNumber: null, helpContact: null };

function render(
  letter: Letter,
  options: Partial<Parameters<typeof renderLetter>[2]> = {},
  recipient: Parameters<typeof renderLetter>[1] = ada,
) {
  return renderLetter(letter, recipient, {
    words: words['en-US'],
    house,
    timeZone: 'Europe/Berlin',
    ...options,
  });
}

/** What a page shows, as a reader would copy it: `<br>` and blocks break lines, other tags leave nothing. */
function shownBy(html: string): string {
  const body = html.slice(html.indexOf('<body'));
  return body
    .replace(/<(br|\/p|\/div|\/h1)>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);|&#x([0-9A-Fa-f]+);/g, (_all, decimal, hex) =>
      String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replace(/&(lt|gt|quot|amp);/g, (_all, name) => ({ lt: '<', gt: '>', quot: '"' })[name as string] ?? '&');
}

/** The tags of a page, in order, without their attributes. Throws where they aren't nested. */
function tagsOf(html: string): string[] {
  const tags: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => tags.push(name));
  const xml = html.replace('<!doctype html>', '').replace(/<(meta|br|wbr)([^>]*)>/g, '<$1$2/>');
  parser.write(xml).close();
  return tags;
}

describe.each(everySample)('$kind in $locale', ({ locale, letter }) => {
  const inFull = render(letter, { words: words[locale] });
  const bare = render(letter, { words: words[locale], house: nothingKnown }, { ...ada, name: null });

  test('shows the PIN once where it brings one, and never in the subject', () => {
    for (const { subject, text, html } of [inFull, bare]) {
      if ('pin' in letter) {
        expect(text.split(letter.pin)).toHaveLength(2);
        expect(shownBy(html).split(letter.pin)).toHaveLength(2);
        expect(text).toMatch(new RegExp(`^.+: ${letter.pin}$`, 'm'));
        expect(subject).not.toContain(letter.pin);
      } else {
        expect(`${text}${html}`).not.toContain(letterSamples.welcome[0].pin);
      }
    }
  });

  test('says the same as text and as HTML', () => {
    for (const { subject, text, html } of [inFull, bare]) {
      const shown = shownBy(html);
      const lines = text
        .replace('-- \n', '')
        .split('\n')
        .filter((line) => line !== '');
      for (const line of lines) {
        if ('pin' in letter && line.endsWith(letter.pin)) continue;
        expect(shown).toContain(line);
      }
      expect(shown).toContain(subject);
    }
  });

  test('names user, extension, number and help where they are known, and has no gap where they are not', () => {
    expect(inFull.text).toContain('Ada Lovelace');
    expect(inFull.text).toContain('1001');
    expect(inFull.text).toContain(house.helpContact);
    if ('pin' in letter || letter.kind === 'pin-expires') expect(inFull.text).toContain(house.accessNumber);
    expect(bare.text).toContain('1001');
    for (const { text, subject } of [inFull, bare]) {
      expect(`${subject}\n${text}`).not.toMatch(/null|undefined|[{}]|\[object/);
      expect(text).not.toMatch(/ {2}|\n{3}| [,.]/);
      expect(subject).not.toMatch(/\n/);
    }
  });

  test('asks for nothing from outside, runs nothing, and leads nowhere but by its own link', () => {
    const { html, text } = inFull;
    const links = [...html.matchAll(/ href="([^"]*)"/g)].map(([, address = '']) =>
      shownBy(`<body>${address}`),
    );
    const url = 'url' in letter ? letter.url : null;
    expect(links.map((link) => link.replace('<body>', ''))).toEqual(url === null ? [] : [url]);
    if (url !== null) expect(text.split('\n')).toContain(url);
    const otherwise = html.replace(/<a class="link" href="[^"]*" ([^>]*)>(.*?)<\/a>/, '<b $1>$2</b>');
    const shown = url === null ? otherwise : otherwise.replace(/https:&#x2F;&#x2F;[^<]*/, '');
    expect(shown).not.toMatch(/https?:|src=|href|url\(|@import|<script|<img|<link|<a[ >]|\bon\w+=/i);
    expect(url === null ? text : text.replace(url, '')).not.toMatch(/https?:/);
  });

  test('is well-formed HTML in its language, for light and dark, that readers should find no numbers in', () => {
    expect(tagsOf(inFull.html)[0]).toBe('html');
    expect(inFull.html).toContain(`<html lang="${locale}">`);
    expect(inFull.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(inFull.html).toMatch(/<meta name="format-detection" content="telephone=no/);
  });
});

describe('a moment', () => {
  const [locked] = letterSamples['locked-out'];
  const said = (at: number, locale: (typeof locales)[number], timeZone = 'Europe/Berlin') =>
    render({ ...locked, until: at }, { words: words[locale], timeZone }).text;

  test.each([
    ['en-US', 'Thursday, March 5, 2026, 3:30 PM (Central European Standard Time)'],
    ['es-ES', 'jueves, 5 de marzo de 2026, a las 15:30 (hora estándar de Europa central)'],
    ['fr-FR', 'jeudi 5 mars 2026 à 15:30 (heure normale d’Europe centrale)'],
    ['de-DE', 'Donnerstag, 5. März 2026, 15:30 Uhr (Mitteleuropäische Normalzeit)'],
  ] as const)('is said in %s with day, time and zone', (locale, expected) => {
    expect(said(Date.UTC(2026, 2, 5, 14, 30), locale)).toContain(expected);
  });

  test.each([
    ['en-US', 'Wednesday, July 1, 2026, 1:05 AM (Central European Summer Time)'],
    ['es-ES', 'miércoles, 1 de julio de 2026, a la 1:05 (hora de verano de Europa central)'],
    ['fr-FR', 'mercredi 1er juillet 2026 à 1:05 (heure d’été d’Europe centrale)'],
    ['de-DE', 'Mittwoch, 1. Juli 2026, 1:05 Uhr (Mitteleuropäische Sommerzeit)'],
  ] as const)('is said in %s as its language says the first day and the first hour', (locale, expected) => {
    expect(said(Date.UTC(2026, 5, 30, 23, 5), locale)).toContain(expected);
  });

  test('is that of the time zone', () => {
    expect(said(Date.UTC(2026, 2, 5, 23, 30), 'en-US', 'Asia/Kolkata')).toContain(
      'Friday, March 6, 2026, 5:00 AM (India Standard Time)',
    );
  });
});

test.each([
  [0, 'expires today'],
  [1, 'expires in one day'],
  [2, 'expires in 2 days'],
])('%i days are said as people say them', (days, expected) => {
  const letter = { kind: 'pin-expires', expiresAt: 0, days } as const;
  expect(render(letter).subject).toContain(expected);
  expect(render(letter).text).toContain(expected);
});

describe('what others wrote', () => {
  const [welcome] = letterSamples.welcome;
  const tags = tagsOf(render({ ...welcome, note: 'x\ny' }).html);

  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '{{pin}} {{{subject}}} {{> page}}',
    '&lt;b&gt; &amp;',
    '{name, plural, other {#}}',
    '</p></div><style>*{display:none}</style>',
  ])('is shown as it is: %s', (hostile) => {
    const { html, text } = render(
      { ...welcome, note: `${hostile}\n${hostile}` },
      { house: { accessNumber: hostile, helpContact: hostile } },
      { ...ada, name: hostile },
    );
    expect(tagsOf(html)).toEqual(tags);
    expect(shownBy(html).split(hostile)).toHaveLength(6);
    expect(text.split(hostile)).toHaveLength(6);
  });

  test('adds no tag, no line to the greeting, and nothing invisible, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 120 }),
        fc.string({ unit: 'binary', maxLength: 60 }),
        (name, line) => {
          const { html, text, subject } = render(
            { ...welcome, note: `a\n${line.replace(/[\r\n\u2028\u2029]/gu, '')}b` },
            {},
            { ...ada, name },
          );
          expect(tagsOf(html)).toEqual(tags);
          expect(text.split('\n')[0]).toMatch(/^Hello.*,$/);
          expect(`${text}${html}`).not.toMatch(/[\p{Cf}\p{Cs}]|[^\P{Cc}\n]/u);
          expect(subject).toBe(render(welcome).subject);
        },
      ),
    );
  });

  test('greets by the extension when a name has nothing to show', () => {
    expect(render(welcome, {}, { ...ada, name: ' \u202e\u0000 ' }).text).toMatch(/^Hello, extension 1001,\n/);
  });

  test('keeps the lines of a note', () => {
    const { html, text } = render({ ...welcome, note: 'one\r\ntwo\n\nthree' });
    expect(text).toContain('\n\none\ntwo\n\nthree\n\n');
    expect(html).toContain('>one<br>two<br><br>three</p>');
  });

  test.each([null, '', ' \n \n'])('leaves no gap for the note %j', (note) => {
    const { html, text } = render({ ...welcome, note });
    expect(html).not.toContain('class="note"');
    expect(text).not.toMatch(/\n{3}/);
  });
});

describe('the digits of a PIN', () => {
  test.each([
    ['1234', ['1234']],
    ['12345', ['123', '45']],
    ['123456', ['123', '456']],
    ['1234567', ['1234', '567']],
    ['12345678', ['1234', '5678']],
    ['123456789', ['123', '456', '789']],
    ['1234567890', ['1234', '567', '890']],
  ])('%s are shown as %j', (digits, groups) => {
    expect(digitGroups(digits)).toEqual(groups);
  });

  test('are all there, in order, in groups of two to four', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{4,24}$/), (digits) => {
        const groups = digitGroups(digits);
        expect(groups.join('')).toBe(digits);
        expect(groups.every(({ length }) => length >= 2 && length <= 4)).toBe(true);
      }),
    );
  });
});

describe('the words', () => {
  const folder = fileURLToPath(new URL('../../src/mail/words', import.meta.url));

  function problemsOf(change: (json: string) => string, file = 'de-DE.json'): string {
    const copy = temporaryFolder();
    cpSync(folder, copy, { recursive: true });
    const path = join(copy, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    try {
      loadLetterWords(copy);
      return '';
    } catch (error) {
      if (error instanceof LetterWordsError) return error.message.replaceAll(`${copy}/`, '');
      throw error;
    }
  }

  test.each([
    ['a key that is missing', /"must-change": .*\n/, '', /^de-DE\.json:1: "must-change" has no words/],
    ['a key too many', '{\n', '{\n  "more": "x",\n', /^de-DE\.json:2: nothing says "more"/],
    ['a name that is unknown', /\{contact\}/, '{who}', /^de-DE\.json:\d+: "help.contact" can't use \{who\}/],
    ['words that are no message', '{contact}', '{contact', /^de-DE\.json:\d+: "help.contact" is not ICU/],
    [
      'words that say nothing',
      /("automatic": )"[^"]*"/,
      '$1" "',
      /^de-DE\.json:\d+: "automatic" says nothing/,
    ],
    ['a file that is not JSON', '{', '[', /^de-DE\.json:1: is not JSON/],
  ] as const)('are refused with file and line: %s', (_what, from, to, expected) => {
    expect(problemsOf((json) => json.replace(from, to))).toMatch(expected);
  });

  test('are refused when a language is missing', () => {
    expect(() => loadLetterWords(temporaryFolder())).toThrow(/fr-FR\.json:1: can't be read/);
  });
});
