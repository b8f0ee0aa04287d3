/**
 * Whether a webhook was signed by the provider, for the URL that this service is configured to be reached at. What the request
 * itself says of its host is never believed; it only helps to tell an operator what is configured wrongly.
 */
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import type { Params } from './webhook.ts';

/** The provider's tokens. It signs with the primary one; while the token is rotated, the secondary one becomes that at some moment. */
export interface AuthTokens {
  readonly primary: string;
  /** Null: there is none. */
  readonly secondary: string | null;
}

export type TokenName = keyof AuthTokens;

export interface SignatureCheck {
  readonly authTokens: AuthTokens;
  /** Scheme, host and port that the provider calls. */
  readonly publicUrl: URL;
}

/**
 * The token that a webhook was signed with; null: none of them.
 * @param path the request's path as it came, without a query. @param signature the header's value, absent as ''.
 */
export function signingToken(
  check: SignatureCheck,
  path: string,
  signature: string,
  params: Params,
): TokenName | null {
  return tokenFor(check, signature, expectedUrl(check, path), params);
}

function tokenFor(
  { authTokens: { primary, secondary } }: SignatureCheck,
  signature: string,
  url: string,
  params: Params,
): TokenName | null {
  if (signature === '') return null;
  if (validateRequest(primary, signature, url, { ...params })) return 'primary';
  return secondary !== null && validateRequest(secondary, signature, url, { ...params }) ? 'secondary' : null;
}

/** The URL that the provider must have signed. */
export function expectedUrl({ publicUrl }: SignatureCheck, path: string): string {
  return publicUrl.origin + path;
}

/**
 * The URL that a signature fits instead of the expected one, or null: for the log, because a wrong scheme, host, port or slash is
 * where everyone gets stuck. @param claimedHosts what the request says of its host.
 */
export function fittingVariant(
  check: SignatureCheck,
  path: string,
  signature: string,
  params: Params,
  claimedHosts: readonly string[],
): string | null {
  if (signature === '') return null;
  const hosts = new Set([check.publicUrl.host, check.publicUrl.hostname, ...claimedHosts.filter(isHost)]);
  const paths = [path, path.endsWith('/') ? path.slice(0, -1) : `${path}/`];
  const urls = [...hosts].flatMap((host) =>
    ['https', 'http'].flatMap((scheme) => paths.map((variant) => `${scheme}://${host}${variant}`)),
  );
  return urls.find((url) => tokenFor(check, signature, url, params) !== null) ?? null;
}

function isHost(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/.test(text);
}
