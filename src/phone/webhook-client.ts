/**
 * Webhooks as the provider sends them: a form, signed over the public URL and the parameters.
 */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';

/** Form parameters. A list sends the same name several times, which the provider never does but an attacker may. */
type WebhookParams = Readonly<Record<string, string | readonly string[]>>;

interface Webhook {
  /** Where the request goes. */
  readonly url: string;
  /** The public URL that is signed. Default: `url`. */
  readonly signUrl?: string;
  /** Default: POST. A GET carries the parameters in its query, and they are signed as part of the URL. */
  readonly method?: 'GET' | 'POST';
  readonly params: WebhookParams;
  readonly authToken: string;
  /** Sent in place of the computed signature; `null` leaves the header out. */
  readonly signature?: string | null;
  /** Sent in place of the encoded parameters (POST only), while the signature still covers `params`. */
  readonly body?: string;
  /** Default: `application/x-www-form-urlencoded`. */
  readonly contentType?: string;
  /** How long an answer may take. Default: 15 s, the provider's own limit. */
  readonly timeoutMs?: number;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The `X-Twilio-Signature` that was sent, for replaying it. */
  readonly signature: string | null;
}

/** No answer came: refused, unknown host, cut off, or too slow. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

/**
 * Sends one webhook and returns the answer, whatever its status. HTTP redirects are not followed.
 * Throws a `WebhookError` when there is no answer within `timeoutMs`.
 */
export async function sendWebhook(webhook: Webhook): Promise<WebhookAnswer> {
  const { method = 'POST', authToken, timeoutMs = 15_000 } = webhook;
  const form = encodeForm(webhook.params);
  const isGet = method === 'GET';
  const url = isGet ? withQuery(webhook.url, form) : webhook.url;
  const signUrl = isGet ? withQuery(webhook.signUrl ?? webhook.url, form) : (webhook.signUrl ?? url);
  const signature =
    webhook.signature === undefined
      ? getExpectedTwilioSignature(authToken, signUrl, isGet ? {} : webhook.params)
      : webhook.signature;

  // One connection per request: a service that is stopped or restarted in a test meets no stale one.
  const headers = new Headers({ connection: 'close', 'user-agent': 'TwilioProxy/1.1' });
  if (signature !== null) headers.set('x-twilio-signature', signature);
  if (!isGet) headers.set('content-type', webhook.contentType ?? 'application/x-www-form-urlencoded');

  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(isGet ? {} : { body: webhook.body ?? form }),
    });
    return { status: response.status, headers: response.headers, body: await response.text(), signature };
  } catch (error) {
    throw new WebhookError(reasonOf(error, timeoutMs), { cause: error });
  }
}

function encodeForm(params: WebhookParams): string {
  const pairs = Object.entries(params).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : value.map((one) => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}

function withQuery(url: string, query: string): string {
  return query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

/** fetch says "fetch failed" and keeps the system's reason in `cause`. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause = error.cause;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
