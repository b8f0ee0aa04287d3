/**
 * The cookie that holds a session of the pages, and the check that a request which brings it comes from one of them.
 */
import type { CookieOptions, Request, Response } from 'express';
import { Problem } from './problem.ts';

/** A request as far as it is looked at here. */
type Asked = Pick<Request, 'get'>;

const name = 'ringkey-session';

/** Browsers keep a name with this prefix for cookies that are Secure, for the whole host, and for no other one. */
const secureName = `__Host-${name}`;

/** The session's id in the request's cookie; null when there is none. */
export function sessionIdOf(request: Asked): string | null {
  const pairs = (request.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  const find = (wanted: string) => pairs.find(([found]) => found === wanted)?.[1];
  return find(secureName) ?? find(name) ?? null;
}

/** @param publicUrl the address in the browser: with https, the cookie is never sent without. */
export function setSessionCookie(response: Response, publicUrl: URL, id: string): void {
  const { cookie, options } = cookieFor(publicUrl);
  response.cookie(cookie, id, options);
}

export function clearSessionCookie(response: Response, publicUrl: URL): void {
  const { cookie, options } = cookieFor(publicUrl);
  response.clearCookie(cookie, options);
}

function cookieFor({ protocol }: URL): { readonly cookie: string; readonly options: CookieOptions } {
  const secure = protocol === 'https:';
  return {
    cookie: secure ? secureName : name,
    options: { httpOnly: true, sameSite: 'strict', path: '/', secure },
  };
}

/**
 * Holds a request to our own pages, as far as the browser says where it comes from.
 * @throws Problem `foreign_origin`.
 */
export function requireOwnOrigin(request: Asked, publicUrl: URL): void {
  const site = request.get('sec-fetch-site');
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwnSite && isOwnOrigin(request, publicUrl)) return;
  throw new Problem('foreign_origin', 'Nothing was changed. Use the pages at their own address.');
}

/** Schemes aren't compared: behind a proxy, ours is another one than the browser's. */
function isOwnOrigin(request: Asked, publicUrl: URL): boolean {
  const origin = request.get('origin');
  if (origin === undefined) return true;
  const host = URL.canParse(origin) ? new URL(origin).host : null;
  return host !== null && (host === request.get('host') || host === publicUrl.host);
}
