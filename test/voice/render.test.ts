import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { View } from '../../src/core/call/view.ts';
import { refusalCodes } from '../../src/core/codes.ts';
import { type Locale, locales } from '../../src/core/locale.ts';
import { renderApology, renderView } from '../../src/voice/render.ts';
import { type Element, readXml } from '../../src/voice/twiml-rules.ts';
import { viewSamples } from '../../src/voice/view-samples.ts';
import { loadVoiceViews } from '../../src/voice/views.ts';

const views = loadVoiceViews({ folder: 'twiml' });

const options = {
  keysUrl: 'https://pins.example/voice/keys?step=a&call=b',
  silenceUrl: 'https://pins.example/voice/silence',
  applicationUrl: 'https://app.example/calls?assertion=x&y=<z>',
  timeoutSeconds: 7,
  timeZone: 'Europe/Madrid',
};

function twiml(view: View, locale: Locale = 'en-US'): string {
  return renderView(views, view, { locale, ...options });
}

/** The elements of a document in order, which must be well-formed. */
function elements(xml: string): Element[] {
  const { root, mistakes } = readXml(xml);
  expect(mistakes).toEqual([]);
  const all = (element: Element): Element[] => [element, ...element.children.flatMap(all)];
  return root ? all(root) : [];
}

function said(view: View, locale: Locale = 'en-US'): string {
  return elements(twiml(view, locale))
    .filter(({ name }) => name === 'Say')
    .map(({ text }) => text.trim())
    .join(' ');
}

const samples = [...viewSamples.values()].flat();
const rules = { minLength: 6, maxLength: 24, allowCommonPatterns: false };
const wordings: readonly { view: View; says: Record<Locale, string | RegExp> }[] = [
  {
    view: { code: 'welcome' },
    says: {
      'en-US': 'Welcome. Enter your extension, then pound.',
      'es-ES': 'Le damos la bienvenida. Marque su extensión y pulse almohadilla.',
      'fr-FR': 'Bonjour. Composez votre numéro de poste, puis appuyez sur dièse.',
      'de-DE': 'Willkommen. Bitte geben Sie Ihre Durchwahl ein, und drücken Sie dann die Raute.',
    },
  },
  {
    view: { code: 'welcome-recognised', name: 'Ana Ruiz', extension: '4201' },
    says: {
      'en-US': /^Welcome, Ana Ruiz\. Enter your PIN, then pound\. .*press star, then pound\.$/,
      'es-ES': /, Ana Ruiz\. Marque su PIN y pulse almohadilla\. .*pulse asterisco y almohadilla\.$/,
      'fr-FR': /^Bonjour, Ana Ruiz\. .*appuyez sur étoile, puis sur dièse\.$/,
      'de-DE': /^Willkommen, Ana Ruiz\. .*drücken Sie den Stern, dann die Raute\.$/,
    },
  },
  {
    view: { code: 'welcome-recognised', name: null, extension: '4201' },
    says: {
      'en-US': /^Welcome, extension 4 2 0 1\./,
      'es-ES': /, extensión 4 2 0 1\./,
      'fr-FR': /^Bonjour, poste 4 2 0 1\./,
      'de-DE': /^Willkommen, Durchwahl 4 2 0 1\./,
    },
  },
  {
    view: { code: 'expiry-notice', days: 0 },
    says: {
      'en-US': /^Your PIN expires today\./,
      'es-ES': /^Su PIN caduca hoy\./,
      'fr-FR': /^Votre code PIN expire aujourd’hui\./,
      'de-DE': /^Ihre PIN läuft heute ab\./,
    },
  },
  {
    view: { code: 'expiry-notice', days: 1 },
    says: {
      'en-US': 'Your PIN expires in one day. To change it now, press 1. To go on, press pound.',
      'es-ES': /^Su PIN caduca dentro de un día\./,
      'fr-FR': /^Votre code PIN expire dans un jour\./,
      'de-DE': /^Ihre PIN läuft in einem Tag ab\./,
    },
  },
  {
    view: { code: 'expiry-notice', days: 2 },
    says: {
      'en-US': /^Your PIN expires in 2 days\./,
      'es-ES': /^Su PIN caduca dentro de 2 días\./,
      'fr-FR': /^Votre code PIN expire dans 2 jours\./,
      'de-DE': /^Ihre PIN läuft in 2 Tagen ab\./,
    },
  },
  {
    view: { code: 'new-pin', reason: 'expired', rules },
    says: {
      'en-US':
        /^Your PIN has expired, so you need a new one\. It needs at least 6 digits\. .* Enter a new PIN, then pound\.$/,
      'es-ES': /^Su PIN ha caducado.* al menos 6 cifras\. .* Marque un PIN nuevo y pulse almohadilla\.$/,
      'fr-FR': /^Votre code PIN a expiré.* au moins 6 chiffres\. .* Composez un nouveau code PIN/,
      'de-DE': /^Ihre PIN ist abgelaufen.* mindestens 6 Ziffern\. .* Geben Sie eine neue PIN ein/,
    },
  },
  {
    view: { code: 'new-pin-refused', refusal: 'date_like', rules },
    says: {
      'en-US': 'That PIN looks like a date, which is easy to guess. Enter a different PIN, then pound.',
      'es-ES': /^Ese PIN parece una fecha/,
      'fr-FR': /^Ce code PIN ressemble à une date/,
      'de-DE': /^Diese PIN sieht wie ein Datum aus/,
    },
  },
  {
    view: { code: 'goodbye-locked-for-now', minutes: 1 },
    says: {
      'en-US': /call again in one minute, or/,
      'es-ES': /dentro de un minuto, o/,
      'fr-FR': /dans une minute, ou/,
      'de-DE': /in einer Minute wieder an/,
    },
  },
  {
    view: { code: 'goodbye-locked-for-now', minutes: 2 },
    says: {
      'en-US': /in 2 minutes, or/,
      'es-ES': /dentro de 2 minutos, o/,
      'fr-FR': /dans 2 minutes, ou/,
      'de-DE': /in 2 Minuten wieder an/,
    },
  },
  {
    view: { code: 'menu', news: [{ kind: 'signed-in' }, { kind: 'failed-tries', count: 1 }] },
    says: {
      'en-US':
        /^You are signed in\. .* was one failed try with your extension\. If that was not you, tell your help desk and change your PIN\. For the status/,
      'es-ES': /^Ha accedido a su cuenta\. .* ha habido un intento fallido/,
      'fr-FR': /^Votre connexion a réussi\. .* il y a eu un essai manqué/,
      'de-DE': /^Sie sind angemeldet\. .* gab es einen Fehlversuch mit/,
    },
  },
  {
    view: { code: 'menu', news: [{ kind: 'failed-tries', count: 2 }] },
    says: {
      'en-US': /there were 2 failed tries/,
      'es-ES': /ha habido 2 intentos fallidos/,
      'fr-FR': /il y a eu 2 essais manqués/,
      'de-DE': /gab es 2 Fehlversuche/,
    },
  },
  {
    // Half past noon UTC on a first of March is half past one in Madrid.
    view: {
      code: 'menu-status',
      status: {
        previousSignInAt: Date.UTC(2026, 2, 1, 12, 30),
        pinAgeDays: 1,
        pinExpiresInDays: 1,
        failedTries: 0,
      },
    },
    says: {
      'en-US':
        /^Your last sign-in before this one was on Sunday, March 1, at 1:30 PM\. There were no failed tries before this sign-in\. Your PIN is one day old\. It expires in one day\. /,
      'es-ES': /^Su acceso anterior fue el domingo 1 de marzo a las 13:30\. .* Su PIN tiene un día\./,
      'fr-FR': /date du dimanche 1er mars à 13 heures 30\. .* Votre code PIN a un jour\./,
      'de-DE': /war am Sonntag, dem 1\. März, um 13 Uhr 30\. .* Ihre PIN ist einen Tag alt\./,
    },
  },
  {
    view: {
      code: 'menu-status',
      status: {
        previousSignInAt: Date.UTC(2026, 2, 2, 0, 0),
        pinAgeDays: 0,
        pinExpiresInDays: null,
        failedTries: 2,
      },
    },
    says: {
      'en-US': /on Monday, March 2, at 1:00 AM\. There were 2 .* was set today\. It does not expire\./,
      'es-ES': /el lunes 2 de marzo a la 1:00\. Hubo 2 .* es de hoy\. No caduca\./,
      'fr-FR': /du lundi 2 mars à 1 heure\. Il y a eu 2 .* date d’aujourd’hui\. Il n’expire pas\./,
      'de-DE': /am Montag, dem 2\. März, um 1 Uhr\. .* gab es 2 .* ist von heute\. Sie läuft nicht ab\./,
    },
  },
  {
    view: { code: 'goodbye-unavailable' },
    says: {
      'en-US': /^Sorry, .* call again in a few minutes, or ask your help desk\. Goodbye\.$/,
      'es-ES': /^Lo sentimos, .* servicio de asistencia\. Adiós\.$/,
      'fr-FR': /^Toutes nos excuses.* service d’assistance\. Au revoir\.$/,
      'de-DE': /leider nicht anmelden\. .* Helpdesk\. Auf Wiederhören\.$/,
    },
  },
];

describe('what a caller hears', () => {
  for (const { view, says } of wordings) {
    it.each(locales)(`${JSON.stringify(view)} in %s`, (locale) => {
      const expected = says[locale];
      if (typeof expected === 'string') expect(said(view, locale)).toBe(expected);
      else expect(said(view, locale)).toMatch(expected);
    });
  }

  it.each([
    [59, '59 minutes'],
    [60, 'one hour'],
    [90, '90 minutes'],
    [91, '2 hours'],
    [1440, 'one day'],
    [129_600, '90 days'],
  ])('tells a wait of %i minutes as %s', (minutes, words) => {
    expect(said({ code: 'handover', news: [{ kind: 'changed-too-recently', minutes }] })).toContain(
      `You can change it again in ${words}.`,
    );
  });

  it.each(locales)('has its own words for every refusal in %s', (locale) => {
    const words = refusalCodes.map((refusal) => said({ code: 'new-pin-refused', refusal, rules }, locale));
    expect(new Set(words).size).toBe(refusalCodes.length);
  });

  it.each(locales)('asks again in other words in %s', (locale) => {
    for (const view of samples.filter(({ code }) => code.endsWith('-again'))) {
      const first = samples.find(({ code }) => code === view.code.replace('-again', ''));
      expect(first).toBeDefined();
      if (first) expect(said(view, locale)).not.toBe(said(first, locale));
    }
  });

  it.each(locales)('leaves no name unfilled in %s', (locale) => {
    for (const view of samples) expect(said(view, locale)).not.toMatch(/[{}]|undefined|null|NaN/);
  });

  it('says the same for whatever the caller keyed wrong: no view that follows a wrong PIN has parameters', () => {
    expect(samples.filter(({ code }) => code === 'pin-wrong' || code === 'goodbye-wrong-pin')).toEqual([
      { code: 'pin-wrong' },
      { code: 'goodbye-wrong-pin' },
    ]);
  });
});

describe('the TwiML of a view', () => {
  it.each(samples)('$code speaks with the locale’s voice', (view) => {
    const says = elements(twiml(view, 'fr-FR')).filter(({ name }) => name === 'Say');
    expect(says.length).toBeGreaterThan(0);
    for (const { attributes } of says) {
      expect(attributes).toEqual({ voice: 'Polly.Lea-Neural', language: 'fr-FR' });
    }
  });

  it('asks for digits up to pound, and goes on by itself when nothing is keyed', () => {
    const [, gather, , redirect] = elements(twiml({ code: 'pin' }));
    expect(gather).toMatchObject({
      name: 'Gather',
      attributes: {
        input: 'dtmf',
        finishOnKey: '#',
        timeout: '7',
        action: options.keysUrl,
        method: 'POST',
      },
    });
    expect(redirect).toMatchObject({
      name: 'Redirect',
      attributes: { method: 'POST' },
      text: options.silenceUrl,
    });
  });

  it('takes one key in a menu, pound and star included', () => {
    const [, gather] = elements(twiml({ code: 'menu', news: [] }));
    expect(gather?.attributes).toMatchObject({ numDigits: '1', finishOnKey: '' });
  });

  it('hands the call over after the news', () => {
    const [, say, redirect] = elements(twiml({ code: 'handover', news: [{ kind: 'pin-changed' }] }));
    expect(say?.text).toBe('Your PIN has been changed. One moment, please.');
    expect(redirect).toMatchObject({ name: 'Redirect', text: options.applicationUrl });
  });

  it('needs to know where to hand over', () => {
    const { applicationUrl: _, ...without } = options;
    expect(() => renderView(views, { code: 'handover', news: [] }, { locale: 'en-US', ...without })).toThrow(
      RangeError,
    );
  });

  it.each(locales)('apologises in %s without knowing anything about the call', (locale) => {
    const [, say, hangup] = elements(renderApology(views, locale));
    expect(say?.text).toBe(said({ code: 'goodbye-unavailable' }, locale));
    expect(hangup?.name).toBe('Hangup');
  });

  it('says any display name as text, in well-formed XML of bounded size', () => {
    const nasty = fc.constantFrom(
      '"',
      "'",
      '<script>',
      '</Say>',
      '&',
      ']]>',
      '{{say.pin}}',
      '\u0000',
      '\uD800',
      '\uFFFE',
      '😀',
    );
    const name = fc
      .array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (display) => {
        const xml = twiml({ code: 'welcome-recognised', name: display, extension: '4201' });
        expect(elements(xml).map((element) => element.name)).toEqual([
          'Response',
          'Gather',
          'Say',
          'Redirect',
        ]);
        expect(Buffer.byteLength(xml)).toBeLessThan(4096);
      }),
    );
  });

  it('says a name with markup in it letter by letter as it is', () => {
    const name = `<b>O'Neil & "Söhne"</b>`;
    expect(said({ code: 'welcome-recognised', name, extension: '1' })).toContain(`Welcome, ${name}.`);
  });

  it.each([['\u0000\u0007'], ['  '], ['\uD800']])(
    'greets by extension when the name %j has nothing to say',
    (name) => {
      expect(said({ code: 'welcome-recognised', name, extension: '12' })).toMatch(
        /^Welcome, extension 1 2\./,
      );
    },
  );

  it('cuts a name that is too long to listen to', () => {
    const words = said({ code: 'welcome-recognised', name: '😀'.repeat(5000), extension: '12' });
    expect(words).toContain(`Welcome, ${'😀'.repeat(100)}.`);
  });
});
