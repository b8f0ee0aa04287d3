/**
 * A letter in words: as plain text, and as HTML that needs nothing from outside.
 */
import { readFileSync } from 'node:fs';
import Mustache from 'mustache';
import type { Letter, Recipient } from '../core/letter.ts';
import { type Block, draftLetter, type House } from './draft.ts';
import type { Wording } from './message.ts';
import type { LetterWords } from './words.ts';

/** The page around a letter. Mustache escapes all that is put into it. */
const page = readFileSync(new URL('letter.mustache', import.meta.url), 'utf8');

export interface RenderOptions {
  readonly words: LetterWords;
  readonly house: House;
  /** The IANA time zone in which moments are told. */
  readonly timeZone: string;
}

/** Words a letter. */
export function renderLetter(
  letter: Letter,
  recipient: Pick<Recipient, 'name' | 'extension'>,
  { words, house, timeZone }: RenderOptions,
): Wording {
  const draft = draftLetter(letter, recipient, house, (at) => words.moment(at, timeZone));
  const subject = words.say(draft.subject);
  const pin = words.say({ key: 'pin', params: {} });
  const paragraphs = draft.blocks.map((block) => textOf(block, words, pin));
  const values = {
    lang: words.locale,
    subject,
    blocks: draft.blocks.map((block) => ({ [block.as]: htmlValues(block, words, pin) })),
  };
  return {
    locale: words.locale,
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: Mustache.render(page, values),
  };
}

function textOf(block: Block, words: LetterWords, pin: string): string {
  switch (block.as) {
    case 'pin':
      return `${pin}: ${block.digits}`;
    case 'link':
      return `${words.say(block.call)}\n${block.url}`;
    case 'note':
      return block.lines.join('\n');
    case 'footer':
      // The mark of a signature, which mail readers tone down (RFC 3676 4.3).
      return `-- \n${words.say(block.call)}`;
    default:
      return words.say(block.call);
  }
}

function htmlValues(block: Block, words: LetterWords, pin: string): object {
  switch (block.as) {
    case 'pin':
      // Elements stand next to each other without a space, so that what is copied are the digits alone.
      return { label: pin, groups: digitGroups(block.digits) };
    case 'link':
      return { words: words.say(block.call), url: block.url };
    case 'note': {
      const [first = '', ...others] = block.lines;
      return { first, others };
    }
    default:
      return { words: words.say(block.call) };
  }
}

/** Digits in groups of two to four, as even as can be, longer ones first: 3 and 3, 4 and 3, 3, 3 and 3. */
export function digitGroups(digits: string): string[] {
  const count = Math.ceil(digits.length / 4);
  const groups: string[] = [];
  let from = 0;
  for (let left = count; left > 0; left -= 1) {
    const length = Math.ceil((digits.length - from) / left);
    groups.push(digits.slice(from, from + length));
    from += length;
  }
  return groups;
}
