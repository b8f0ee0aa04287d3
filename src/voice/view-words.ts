/**
 * Which words a view needs: the parameters its phrases may use, and the parts whose phrase depends on what happened.
 */
import type { AccountStatus, News, PinRules, View } from '../core/call/view.ts';
import type { Locale } from '../core/locale.ts';
import type { Params, PhraseCall } from '../words/phrases.ts';

/**
 * `params` fill in the phrases that a view's file names as `{{say.<key>}}`; `parts` are the phrases behind its other
 * names, `{{<part>}}`, said in order.
 */
export interface ViewWords {
  readonly params: Params;
  readonly parts: Readonly<Record<string, readonly PhraseCall[]>>;
}

/** The longest display name that is said, in characters; speech and the provider's limits end there. */
const longestName = 100;

/** What a view needs said. Dates are told in `timeZone` (an IANA name) with the locale's names of days and months. */
export function wordsOf(view: View, locale: Locale, timeZone: string): ViewWords {
  switch (view.code) {
    case 'welcome-recognised':
      return { params: {}, parts: { greeting: [greeting(view.name, view.extension)] } };
    case 'new-pin':
      return { params: {}, parts: { reason: [call(`reason.${view.reason}`)], rules: [rules(view.rules)] } };
    case 'new-pin-again':
      return { params: {}, parts: { rules: [rules(view.rules)] } };
    case 'new-pin-refused': {
      const { minLength, maxLength } = view.rules;
      return { params: {}, parts: { refusal: [call(`refusal.${view.refusal}`, { minLength, maxLength })] } };
    }
    case 'expiry-notice':
    case 'expiry-notice-again':
      return { params: { days: view.days }, parts: {} };
    case 'menu':
    case 'handover':
      return { params: {}, parts: { news: view.news.map(newsItem) } };
    case 'menu-status':
      return { params: {}, parts: { status: status(view.status, locale, timeZone) } };
    case 'goodbye-locked-for-now':
      return { params: wait(view.minutes), parts: {} };
    default:
      return { params: {}, parts: {} };
  }
}

function call(key: string, params: Params = {}): PhraseCall {
  return { key, params };
}

function greeting(name: string | null, extension: string): PhraseCall {
  const said = [...speakable(name ?? '').trim()].slice(0, longestName).join('');
  return said === ''
    ? call('greeting.extension', { extension: digitByDigit(extension) })
    : call('greeting.name', { name: said });
}

function rules({ minLength, maxLength, allowCommonPatterns }: PinRules): PhraseCall {
  return call(allowCommonPatterns ? 'rules.lenient' : 'rules.strict', { minLength, maxLength });
}

function newsItem(news: News): PhraseCall {
  switch (news.kind) {
    case 'failed-tries':
      return call('news.failed-tries', { count: news.count });
    case 'changed-too-recently':
      return call('news.changed-too-recently', wait(news.minutes));
    default:
      return call(`news.${news.kind}`);
  }
}

function status(account: AccountStatus, locale: Locale, timeZone: string): PhraseCall[] {
  return [
    account.previousSignInAt === null
      ? call('status.first-sign-in')
      : call('status.previous-sign-in', moment(account.previousSignInAt, locale, timeZone)),
    call('status.failed-tries', { count: account.failedTries }),
    call('status.pin-age', { days: account.pinAgeDays }),
    account.pinExpiresInDays === null
      ? call('status.pin-stays')
      : call('status.pin-expires', { days: account.pinExpiresInDays }),
  ];
}

/** Speech engines read "4201" as a number and "4 2 0 1" as digits. */
function digitByDigit(extension: string): string {
  return [...speakable(extension)].join(' ');
}

/** A wait in the unit that people would use, rounded up so that nobody calls too early. */
function wait(minutes: number): Params {
  if (minutes > 36 * 60 || minutes % (24 * 60) === 0)
    return { amount: Math.ceil(minutes / (24 * 60)), unit: 'days' };
  if (minutes > 90 || minutes % 60 === 0) return { amount: Math.ceil(minutes / 60), unit: 'hours' };
  return { amount: minutes, unit: 'minutes' };
}

/**
 * The parts of a date, for each language to put in its own order: the French say "1er" for the first day of a month, the
 * Spanish "a la" before one o'clock, which no ready-made date format does.
 */
function moment(at: number, locale: Locale, timeZone: string): Params {
  const format = (options: Intl.DateTimeFormatOptions, as: string = locale) =>
    new Intl.DateTimeFormat(as, { ...options, timeZone }).format(at).replace(/\s/gu, ' ');
  return {
    weekday: format({ weekday: 'long' }),
    month: format({ month: 'long' }),
    day: Number(format({ day: 'numeric' }, 'en-US')),
    hour: Number(format({ hour: 'numeric', hourCycle: 'h23' }, 'en-US')),
    minute: Number(format({ minute: 'numeric' }, 'en-US')),
    time: format({ hour: 'numeric', minute: '2-digit' }),
  };
}

/** A text without what XML 1.0 can't hold: control characters, halves of surrogate pairs, non-characters. */
export function speakable(text: string): string {
  return text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
}
