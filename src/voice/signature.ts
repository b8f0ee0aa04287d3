/**
 * Whether a webhook was signed by the provider, for the URL that this service is configured to be reached at. What the request
 * itself says of its host is never believed; it only helps to tell an operator what is configured wrongly.
 */
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import type { Params } from './webhook.ts';

export interface SignatureCheck {
  readonly authToken: string;
  /** Scheme, host and port that the provider calls. */
  readonly publicUrl: URL;
}

/** @param path the request's path as it came, without a query. @param signature the header's value, absent as ''. */
export function isSigned(check: SignatureCheck, path: string, signature: string, params: Params): boolean {
  return (
    signature !== '' && validateRequest(check.authToken, signature, expectedUrl(check, path), { ...params })
  );
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
  return urls.find((url) => validateRequest(check.authToken, signature, url, { ...params })) ?? null;
}

function isHost(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/.test(text);
}
