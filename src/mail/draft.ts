/**
 * What a letter says, in order, and with which phrases. Which words those are is an affair of the language.
 */
import type { Letter, Recipient } from '../core/letter.ts';
import type { PhraseCall } from '../words/phrases.ts';
import { plainName } from './address.ts';

/** A piece of a letter. */
export type Block =
  | { readonly as: 'text' | 'warning' | 'footer'; readonly call: PhraseCall }
  /** The PIN that the letter brings. */
  | { readonly as: 'pin'; readonly digits: string }
  /** Where the letter leads. */
  | { readonly as: 'link'; readonly call: PhraseCall; readonly url: string }
  /** Words that weren't written here, as lines. */
  | { readonly as: 'note'; readonly lines: readonly string[] };

export interface Draft {
  /** Subject and heading. */
  readonly subject: PhraseCall;
  readonly blocks: readonly Block[];
}

/** What is the same in all letters. Null: there is none. */
export interface House {
  /** The number to call, as text. */
  readonly accessNumber: string | null;
  /** Whom to ask, as one line of text. */
  readonly helpContact: string | null;
}

/** Says a moment (Unix ms) in the letter's language. */
export type SayMoment = (at: number) => string;

/** Drafts a letter. */
export function draftLetter(
  letter: Letter,
  recipient: Pick<Recipient, 'name' | 'extension'>,
  house: House,
  moment: SayMoment,
): Draft {
  // Digits, as far as the rules go; but a letter trusts nothing that it shows.
  const extension = plainName(recipient.extension);
  const body = bodyOf(letter, extension, house, moment);
  return {
    subject: {
      key: `subject.${letter.kind}`,
      params: letter.kind === 'pin-expires' ? { days: letter.days } : {},
    },
    blocks: [
      greeting(recipient.name, extension),
      ...body,
      house.helpContact === null
        ? text('help')
        : text('help.contact', { contact: plainLine(house.helpContact) }),
      { as: 'footer', call: { key: 'automatic', params: {} } },
    ],
  };
}

function bodyOf(letter: Letter, extension: string, house: House, moment: SayMoment): Block[] {
  switch (letter.kind) {
    case 'welcome':
    case 'pin-reset':
    case 'pin-reset-after-failures':
      return [
        text(`what.${letter.kind}`, { extension }),
        { as: 'pin', digits: letter.pin },
        call('sign-in', extension, house),
        ...(letter.usableUntil === null
          ? []
          : [text('usable-until', { moment: moment(letter.usableUntil) })]),
        ...(letter.mustChange ? [text('must-change')] : []),
        text('keep-secret'),
        warning(`not-you.${letter.kind}`),
        ...noteOf(letter.note),
      ];
    case 'locked-out':
      return [
        text('what.locked-out', { extension }),
        letter.until === null
          ? text('locked-until-unlocked')
          : text('locked-until', { moment: moment(letter.until) }),
        warning('not-you.locked-out'),
      ];
    case 'pin-changed':
      return [
        text(`what.pin-changed-by-${letter.by}`, { extension, moment: moment(letter.at) }),
        warning(`not-you.pin-changed-by-${letter.by}`),
      ];
    case 'pin-expires':
      return [
        text('what.pin-expires', { extension, days: letter.days, moment: moment(letter.expiresAt) }),
        call('renew', extension, house),
        text('after-expiry'),
      ];
    case 'pin-link':
      return [
        text('what.pin-link', { extension }),
        { as: 'link', call: { key: 'open-link', params: {} }, url: letter.url },
        text('link-until', { moment: moment(letter.until) }),
        warning('not-you.pin-link'),
      ];
  }
}

function text(key: string, params: PhraseCall['params'] = {}): Block {
  return { as: 'text', call: { key, params } };
}

function warning(key: string): Block {
  return { as: 'warning', call: { key, params: {} } };
}

/** What to do by telephone, with the number to call if it is known. */
function call(key: string, extension: string, { accessNumber }: House): Block {
  return accessNumber === null
    ? text(key, { extension })
    : text(`${key}.number`, { extension, accessNumber: plainLine(accessNumber) });
}

function greeting(name: string | null, extension: string): Block {
  const shown = plainName(name ?? '');
  return shown === '' ? text('greeting.extension', { extension }) : text('greeting.name', { name: shown });
}

function noteOf(note: string | null): Block[] {
  const lines = (note ?? '')
    .trim()
    .split(/\r\n|[\r\n\u2028\u2029]/u)
    .map(plainLine);
  return lines.every((line) => line === '') ? [] : [{ as: 'note', lines }];
}

/** A line of text without control characters, and without those that turn its direction or hide in it. */
function plainLine(line: string): string {
  return line
    .replace(/\t/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trimEnd();
}
