/** Texts that programs stumble over, and a way to make them longer, odder and broken. */
import type { Random } from '../soak/budget.ts';

/** Names that every JavaScript object has, or that make it another one. */
export const prototypeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'toJSON',
  'then',
  'length',
] as const;

const oddTexts = [
  '',
  ' ',
  '0',
  '-1',
  '00',
  '1e309',
  'NaN',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '٤٧١١',
  '４７１１',
  '𝟒𝟕𝟏𝟏',
  '+٤٧١١',
  '\u0000',
  '\u0007\u001b[31m',
  '\ufeff4711',
  '\u202e1174',
  'e\u0301'.repeat(40),
  '🕿',
  '%',
  '%00',
  '%2e%2e',
  '%zz',
  '../../etc/passwd',
  '..\\..\\',
  "'; DROP TABLE users; --",
  '"',
  '<Dial>+15550100</Dial>',
  ']]>',
  '<!DOCTYPE x [<!ENTITY e "x">]>&e;',
  '&amp;',
  '{{keysUrl}}',
  '{{{say.welcome}}}',
  '#{7*7}',
  '\r\nX-Injected: yes',
  '{"$ne":null}',
  '*',
  '#',
  '*#*#',
  ',',
  ';',
  '=',
  '&',
] as const;

const someCharacters = [...'abzAZ059 _-.:/?@&=%+*#<>"\'\\\n\u0000éßЖ漢\u{1f57f}'];

/** A text from the list, or of random characters: always well-formed UTF-16. @param longest in characters. */
export function oddText(random: Random, longest = 40): string {
  const characters =
    random.below(2) === 0
      ? [...random.pick(oddTexts)]
      : Array.from({ length: random.below(longest + 1) }, () => random.pick(someCharacters));
  return characters.slice(0, longest).join('');
}

/** @param alphabet single characters. */
export function textOf(random: Random, alphabet: string, least: number, most: number): string {
  const length = least + random.below(most - least + 1);
  return Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join('');
}
