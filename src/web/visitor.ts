/**
 * Who uses `/me`: a browser, told by a cookie, and an address of the network. No one signs in there.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Request, Response } from 'express';
import { Problem } from '../http/problem.ts';

const name = 'ringkey-visitor';

/** Longer than a link lasts, so that a browser which was closed meanwhile still has it. */
const keptMs = 60 * 60_000;

/** The name begins with `__Host-` where cookies can be Secure: then no other host of the domain can set one. */
function cookieFor({ protocol }: URL) {
  const secure = protocol === 'https:';
  return { cookie: secure ? `__Host-${name}` : name, secure };
}

/** The browser's secret; null: it has none, or one that we can't have given out. */
export function visitorOf(request: Pick<Request, 'get'>, publicUrl: URL): string | null {
  const { cookie } = cookieFor(publicUrl);
  const pairs = (request.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  const secret = pairs.find(([found]) => found === cookie)?.[1] ?? '';
  return /^[\w-]{43}$/.test(secret) ? secret : null;
}

/** Gives the browser its secret, or lets it keep it for longer. */
export function setVisitorCookie(response: Response, publicUrl: URL, secret: string): void {
  const { cookie, secure } = cookieFor(publicUrl);
  response.cookie(cookie, secret, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure,
    maxAge: keptMs,
  });
}

/** What a request must bring besides the cookie. It follows from the secret; the secret doesn't follow from it. */
export function visitorCsrfToken(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url');
}

/**
 * The secret of a browser whose request comes from our page.
 * @throws Problem `csrf_token_missing`.
 */
export function requireVisitor(request: Pick<Request, 'get'>, publicUrl: URL): string {
  const secret = visitorOf(request, publicUrl);
  const sent = Buffer.from(request.get('x-csrf-token') ?? '');
  const expected = Buffer.from(secret === null ? '' : visitorCsrfToken(secret));
  if (secret !== null && sent.length === expected.length && timingSafeEqual(sent, expected)) return secret;
  throw new Problem('csrf_token_missing', 'Nothing was changed. Reload the page and try again.');
}

/** What shares a budget: an IPv4 address, or the 64 bits of an IPv6 address that one subscriber has at least. */
export function networkOf(address: string | null): string {
  if (address === null) return 'unknown';
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = plain.split('::');
  const groups = (text: string | undefined) => (text ?? '').split(':').filter((group) => group !== '');
  const left = groups(before);
  const zeros = after === undefined ? 0 : Math.max(0, 8 - left.length - groups(after).length);
  const all = [...left, ...Array.from({ length: zeros }, () => '0'), ...groups(after)];
  return `${all.slice(0, 4).join(':')}::`;
}
