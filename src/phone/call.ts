/**
 * One call from dialling to hanging up: the provider's part. It fetches documents by signed webhooks, has them played to a
 * caller, turns to the fallback URL on errors, and reports the end to the status callback.
 */
import { randomBytes } from 'node:crypto';
import { type Caller, type LineEvent, type Next, playDocument } from './interpreter.ts';
import { parseTwiml, TwimlError } from './twiml.ts';
import { sendWebhook, type WebhookAnswer, WebhookError } from './webhook-client.ts';

/** A webhook that was sent, with its answer. Spread it into `sendWebhook` (with a token) to send it again. */
export interface Exchange {
  readonly url: string;
  readonly signUrl: string;
  readonly method: 'GET' | 'POST';
  readonly params: Readonly<Record<string, string>>;
  /** `null` when no answer came; `failure` then says why. */
  readonly answer: WebhookAnswer | null;
  readonly failure: string | null;
}

export type CallEvent =
  | LineEvent
  | { readonly kind: 'request'; readonly exchange: Exchange }
  | { readonly kind: 'error'; readonly code: number; readonly url: string; readonly message: string };

/**
 * How a call ended. `redirect`: it was handed to another origin that doesn't answer with TwiML (or wasn't followed there).
 * `error`: neither the service nor its fallback had a document to play; `code` is the provider's.
 */
export type CallEnd =
  | { readonly by: 'caller' }
  | { readonly by: 'document' }
  | { readonly by: 'reject'; readonly reason: 'busy' | 'rejected' }
  | { readonly by: 'redirect'; readonly url: string; readonly note: string }
  | { readonly by: 'error'; readonly code: number; readonly message: string };

export interface CallOptions {
  /** Where the service listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** What the service calls itself. It is signed, and stands for `url` in documents. Default: `url`. */
  readonly publicUrl?: string;
  readonly authToken: string;
  /** E.164. Defaults: `+15551230001` calls `+15550100000`. */
  readonly from?: string;
  readonly to?: string;
  /** `CA` or `AC` and 32 hexadecimal digits. Made up when left out. */
  readonly callSid?: string;
  readonly accountSid?: string;
  /** Whether the number has a fallback URL (`/voice/fallback`). Default: true. */
  readonly fallback?: boolean;
  /** Whether a redirect to another origin is requested there, too. Default: true. */
  readonly followElsewhere?: boolean;
  /** How long the service may take to answer. Default: 15 s. */
  readonly timeoutMs?: number;
  /** The clock, in Unix milliseconds. Default: the system's. */
  readonly now?: () => number;
}

/** The provider's limit on a document. */
const maxDocumentBytes = 64 * 1024;

/** Documents that redirect to each other for ever would otherwise keep the telephone busy for ever. */
const maxRequests = 500;

/** Makes a call and returns when it is over and its end has been reported to the service. */
export async function placeCall(options: CallOptions, caller: Caller<CallEvent>): Promise<CallEnd> {
  const now = options.now ?? Date.now;
  const url = trimSlash(options.url);
  const publicUrl = trimSlash(options.publicUrl ?? url);
  const fallbackUrl = `${publicUrl}/voice/fallback`;
  const parameters = callParameters(options);
  const startedAt = now();
  let requests = 0;

  async function request(next: Next & { kind: 'request' }, callStatus: string): Promise<Exchange> {
    const outgoing = {
      url: isUnder(publicUrl, next.url) ? url + next.url.slice(publicUrl.length) : next.url,
      signUrl: next.url,
      method: next.method,
      params: { ...parameters, CallStatus: callStatus, ...next.params },
    };
    requests += 1;
    const exchange = await sendWebhook({
      ...outgoing,
      authToken: options.authToken,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    }).then(
      (answer) => ({ ...outgoing, answer, failure: null }),
      (error: unknown) => {
        if (error instanceof WebhookError) return { ...outgoing, answer: null, failure: error.message };
        throw error;
      },
    );
    await caller.hear({ kind: 'request', exchange });
    return exchange;
  }

  /** Requests a document and plays it. Returns what comes next, or how the call ended. */
  async function follow(next: Next & { kind: 'request' }): Promise<Next | CallEnd> {
    const elsewhere = !isUnder(publicUrl, next.url);
    if (elsewhere && options.followElsewhere === false) {
      return { by: 'redirect', url: next.url, note: 'not followed' };
    }
    if (requests === maxRequests) {
      return { by: 'error', code: 11215, message: `more than ${maxRequests} requests in one call` };
    }
    const exchange = await request(next, requests === 0 ? 'ringing' : 'in-progress');
    if (caller.hungUp.aborted) return { by: 'caller' };
    try {
      return await playDocument(parseTwiml(documentIn(exchange)), next.url, caller);
    } catch (error) {
      if (!(error instanceof TwimlError)) throw error;
      if (elsewhere) return { by: 'redirect', url: next.url, note: error.message };
      await caller.hear({ kind: 'error', code: error.code, url: next.url, message: error.message });
      if (options.fallback !== false && next.url !== fallbackUrl) {
        const params = { ErrorCode: String(error.code), ErrorUrl: next.url };
        return { kind: 'request', url: fallbackUrl, method: 'POST', params };
      }
      await caller.hear({
        kind: 'say',
        text: 'An application error has occurred. Goodbye.',
        language: 'en-US',
        voice: null,
        loop: 1,
        bargeIn: false,
      });
      return { by: 'error', code: error.code, message: error.message };
    }
  }

  let next: Next | CallEnd = { kind: 'request', url: `${publicUrl}/voice`, method: 'POST', params: {} };
  while ('kind' in next && next.kind === 'request') next = await follow(next);
  const unanswered = 'kind' in next && next.kind === 'reject' && next.atOnce && requests === 1;
  const end = endOf(next);
  await request(
    {
      kind: 'request',
      url: `${publicUrl}/voice/status`,
      method: 'POST',
      params: statusParameters(unanswered ? 0 : now() - startedAt, now()),
    },
    unanswered ? (end.by === 'reject' && end.reason === 'busy' ? 'busy' : 'no-answer') : 'completed',
  );
  return end;
}

/** The document in an answer. Throws a `TwimlError` with the provider's code when there is none to play. */
function documentIn({ answer, failure }: Exchange): string {
  if (answer === null) throw new TwimlError(11205, failure ?? 'no answer');
  if (answer.status < 200 || answer.status > 299) {
    throw new TwimlError(11200, `the answer's status is ${answer.status}`);
  }
  const contentType = answer.headers.get('content-type') ?? 'missing';
  if (!/^(text|application)\/xml\b|^text\/html\b/i.test(contentType)) {
    throw new TwimlError(12300, `the answer's content type is ${contentType}`);
  }
  if (Buffer.byteLength(answer.body) > maxDocumentBytes) {
    throw new TwimlError(11750, 'the answer is larger than 64 KB');
  }
  return answer.body;
}

function endOf(next: Exclude<Next, { kind: 'request' }> | CallEnd): CallEnd {
  if (!('kind' in next)) return next;
  return next.kind === 'reject' ? { by: 'reject', reason: next.reason } : { by: next.by };
}

/** What every webhook of a call carries. Places are sent, but empty, as the provider does for numbers that it can't place. */
function callParameters(options: CallOptions): Record<string, string> {
  const from = options.from ?? '+15551230001';
  const to = options.to ?? '+15550100000';
  const places = ['Called', 'Caller', 'From', 'To'].flatMap((who) =>
    ['City', 'Country', 'State', 'Zip'].map((what) => [who + what, '']),
  );
  return {
    ...Object.fromEntries(places),
    AccountSid: options.accountSid ?? newSid('AC'),
    ApiVersion: '2010-04-01',
    CallSid: options.callSid ?? newSid('CA'),
    Called: to,
    Caller: from,
    Direction: 'inbound',
    From: from,
    To: to,
  };
}

function statusParameters(durationMs: number, nowMs: number): Record<string, string> {
  const seconds = Math.ceil(durationMs / 1000);
  return {
    CallDuration: String(seconds),
    Duration: String(Math.ceil(seconds / 60)),
    CallbackSource: 'call-progress-events',
    SequenceNumber: '0',
    Timestamp: new Date(nowMs).toUTCString().replace('GMT', '+0000'),
  };
}

function newSid(prefix: 'AC' | 'CA'): string {
  return prefix + randomBytes(16).toString('hex');
}

function isUnder(base: string, url: string): boolean {
  return url === base || url.startsWith(`${base}/`) || url.startsWith(`${base}?`);
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
