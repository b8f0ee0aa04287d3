/**
 * Addresses of mail, and who letters are from.
 */
import { domainToASCII } from 'node:url';

/** Whom letters are from. */
export interface Sender {
  readonly address: string;
  readonly name: string | null;
}

/** The longest address, in octets (RFC 5321 4.5.3.1.3, less the angle brackets). */
const longestAddress = 254;

/**
 * Says whether a text is one plain address, `local@domain`, that can stand in a header and in a command without quoting:
 * no spaces, no controls, no invisible characters, none of RFC 5322's specials.
 */
export function isMailAddress(text: string): boolean {
  const match = /^[^\s\p{C}@<>()[\]\\,;:"]+@([\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}.-]*)$/u.exec(text);
  return match !== null && Buffer.byteLength(text) <= longestAddress && domainToASCII(match[1] ?? '') !== '';
}

/** The domain of an address, in ASCII. */
export function domainOf(address: string): string {
  return domainToASCII(address.slice(address.lastIndexOf('@') + 1));
}

/** Parses `address` or `Name <address>`; null for anything else. */
export function parseSender(text: string): Sender | null {
  const [, quoted, bare, address = text.trim()] =
    /^\s*(?:"([^"]+)"|([^"<>]+?))\s*<([^<>]+)>\s*$/.exec(text) ?? [];
  const name = quoted ?? bare ?? null;
  if (!isMailAddress(address) || (name !== null && name !== plainName(name))) return null;
  return { address, name };
}

/** The longest name that is shown, in characters. */
const longestName = 100;

/**
 * A name as it can be shown on one line: without control characters, line breaks, and the invisible ones that turn the
 * direction of text or hide it. Empty if nothing is left.
 */
export function plainName(name: string): string {
  const line = name
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .trim();
  return [...line].slice(0, longestName).join('');
}
