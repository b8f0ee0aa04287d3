/**
 * One call from dialling to hanging up: the provider's part. It fetches documents by signed webhooks, has them played to a
 * caller, turns to the fallback URL on errors, and reports the end to the status callback.
 */
import { randomBytes } from 'node:crypto';
import {
  type Caller,
  type DocumentEnd,
  type DocumentRequest,
  type LineEvent,
  type Next,
  playDocument,
} from './interpreter.ts';
import { elementsOf, parseTwiml, TwimlError } from './twiml.ts';
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
  | DocumentEnd
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
  /** An address under `publicUrl` that is another origin all the same: an application behind the same proxy. */
  readonly applicationUrl?: string;
  /** How long the service may take to answer. Default: 15 s. */
  readonly timeoutMs?: number;
  /** The clock, in Unix milliseconds. Default: the system's. */
  readonly now?: () => number;
}

/** The provider's limit on a document. */
const maxDocumentBytes = 64 * 1024;

/** Documents that redirect to each other for ever would otherwise keep the telephone busy for ever. */
const maxRequests = 500;

/** Makes a call, and returns when it is over and its end has been reported to the service. */
export async function placeCall(options: CallOptions, caller: Caller<CallEvent>): Promise<CallEnd> {
  const now = options.now ?? Date.now;
  const url = baseUrl(options.url);
  const publicUrl = baseUrl(options.publicUrl ?? url);
  const fallbackUrl = `${publicUrl}/voice/fallback`;
  const parameters = callParameters(options);
  const startedAt = now();
  let requests = 0;
  let answered = false;

  function isApplication(requested: string): boolean {
    return options.applicationUrl !== undefined && isUnder(baseUrl(options.applicationUrl), requested);
  }

  async function send(request: DocumentRequest, callStatus: string): Promise<Exchange> {
    const webhook = {
      url: isUnder(publicUrl, request.url) ? url + request.url.slice(publicUrl.length) : request.url,
      signUrl: request.url,
      method: request.method,
      params: { ...parameters, CallStatus: callStatus, ...request.params },
    };
    requests += 1;
    const exchange: Exchange = { ...webhook, ...(await answerTo(webhook, options)) };
    await caller.hear({ kind: 'request', exchange });
    return exchange;
  }

  /** Fetches a document and plays it. */
  async function follow(request: DocumentRequest): Promise<Next<CallEnd>> {
    const elsewhere = !isUnder(publicUrl, request.url) || isApplication(request.url);
    if (elsewhere && options.followElsewhere === false) {
      return ended({ by: 'redirect', url: request.url, note: 'not followed' });
    }
    if (requests === maxRequests) {
      return ended({ by: 'error', code: 11215, message: `more than ${maxRequests} requests in one call` });
    }
    const exchange = await send(request, requests === 0 ? 'ringing' : 'in-progress');
    if (caller.hungUp.aborted) return ended({ by: 'caller' });
    try {
      const response = parseTwiml(documentIn(exchange));
      // A call is left unanswered only by a Reject that comes before anything else.
      answered ||= elementsOf(response)[0]?.name !== 'Reject';
      return await playDocument(response, request.url, caller);
    } catch (error) {
      if (!(error instanceof TwimlError)) throw error;
      if (elsewhere) return ended({ by: 'redirect', url: request.url, note: error.message });
      answered = true;
      return fail(request, error);
    }
  }

  /** Turns to the fallback URL, or else says what the provider says and ends the call. */
  async function fail(request: DocumentRequest, { code, message }: TwimlError): Promise<Next<CallEnd>> {
    await caller.hear({ kind: 'error', code, url: request.url, message });
    if (options.fallback !== false && request.url !== fallbackUrl) {
      return post(fallbackUrl, { ErrorCode: String(code), ErrorUrl: request.url });
    }
    const text = 'An application error has occurred. Goodbye.';
    await caller.hear({ kind: 'say', text, language: 'en-US', voice: null, loop: 1, bargeIn: false });
    return ended({ by: 'error', code, message });
  }

  let next: Next<CallEnd> = post(`${publicUrl}/voice`, {});
  while (next.kind === 'request') next = await follow(next);
  const { end } = next;

  const seconds = answered ? Math.ceil((now() - startedAt) / 1000) : 0;
  const unansweredStatus = end.by === 'reject' && end.reason === 'busy' ? 'busy' : 'no-answer';
  await send(
    post(`${publicUrl}/voice/status`, {
      CallDuration: String(seconds),
      Duration: String(Math.ceil(seconds / 60)),
      CallbackSource: 'call-progress-events',
      SequenceNumber: '0',
      Timestamp: new Date(now()).toUTCString().replace('GMT', '+0000'),
    }),
    answered ? 'completed' : unansweredStatus,
  );
  return end;
}

async function answerTo(
  webhook: Pick<Exchange, 'url' | 'signUrl' | 'method' | 'params'>,
  { authToken, timeoutMs }: CallOptions,
): Promise<Pick<Exchange, 'answer' | 'failure'>> {
  try {
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    return { answer: await sendWebhook({ ...webhook, ...limit, authToken }), failure: null };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { answer: null, failure: error.message };
  }
}

function post(url: string, params: Readonly<Record<string, string>>): DocumentRequest {
  return { kind: 'request', url, method: 'POST', params };
}

function ended(end: CallEnd): Next<CallEnd> {
  return { kind: 'end', end };
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

function newSid(prefix: 'AC' | 'CA'): string {
  return prefix + randomBytes(16).toString('hex');
}

function isUnder(base: string, url: string): boolean {
  return url === base || url.startsWith(`${base}/`) || url.startsWith(`${base}?`);
}

/** In the one spelling that resolved URLs have, too: no default port, no slash at the end. */
function baseUrl(url: string): string {
  return new URL(url).href.replace(/\/+$/, '');
}
