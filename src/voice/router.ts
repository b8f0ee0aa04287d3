/**
 * The voice door: the provider's webhooks in, TwiML out. It parses, calls one service, and renders; whatever goes wrong behind it,
 * the caller hears an apology within the provider's patience.
 */
import express, { type Request, type Response, type Router } from 'express';
import type { Locale } from '../core/locale.ts';
import type { AssertionSigner } from '../security/caller-assertion.ts';
import type { Answer, CallerInput, Calls } from '../services/run-call.ts';
import { renderApology, renderView, type VoiceViews } from './render.ts';
import { type AuthTokens, expectedUrl, fittingVariant, signingToken, type TokenName } from './signature.ts';
import { type Params, parseParams, readWebhook, type Webhook } from './webhook.ts';

export interface VoiceDoor {
  readonly calls: Calls;
  readonly views: VoiceViews;
  readonly authTokens: AuthTokens;
  readonly publicUrl: URL;
  /** Where signed-in calls are handed to; null: nowhere. */
  readonly appUrl: URL | null;
  readonly signer: AssertionSigner;
  readonly defaultLocale: Locale;
  readonly timeZone: string;
  readonly gatherTimeoutSeconds: number;
  readonly clock: () => number;
  readonly log: VoiceLog;
  /** Told of each webhook which token it was signed with; null: none, so that it was refused. */
  readonly onSignature: (token: TokenName | null) => void;
}

/** What the door tells the operator. Never a parameter of a request. */
export interface VoiceLog {
  /** A webhook that wasn't signed for the expected URL. `fits` names a URL that it was signed for, if it is one of the usual slips. */
  unsigned(facts: { readonly expected: string; readonly fits: string | null }): void;
  /** A request to what is nearly an address of webhooks: by another method, in capitals, or with a slash at the end. */
  misdirected(facts: { readonly method: string; readonly meant: string }): void;
  failed(error: unknown): void;
  late(afterMs: number): void;
}

/** The provider waits 15 s; a caller doesn't. What isn't answered by then is apologised for. */
const answerWithinMs = 4500;

const largestBody = '64kb';

/** Looking for the usual slips costs several signatures, so that a flood of forged requests gets at most one look a second. */
const diagnoseEveryMs = 1000;

/** The addresses that an operator sets at the provider. */
const configuredAddresses = ['/voice', '/voice/status', '/voice/fallback'];

export function createVoiceRouter(door: VoiceDoor): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.use(express.raw({ type: () => true, limit: largestBody, inflate: false }));

  /** Rendered ahead, so that it can be said whatever has failed. */
  const apology = renderApology(door.views, door.defaultLocale);

  let diagnosedAt = Number.NEGATIVE_INFINITY;

  /** Parses and authenticates a webhook; answers 4xx itself, with no state touched, when it isn't one. */
  function authenticate(request: Request, response: Response): Webhook | null {
    const refuse = (status: number, reason: string): null => {
      response.status(status).type('text/plain').send(`${reason}\n`);
      return null;
    };
    if (!isForm(request.headers['content-type'])) {
      return refuse(415, 'Webhooks are posted as application/x-www-form-urlencoded.');
    }
    if (request.url.includes('?')) return refuse(400, 'Webhook URLs take no query.');
    const parsed = parseParams(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    if (!parsed.ok) return refuse(400, parsed.problem);
    const signature = request.get('x-twilio-signature') ?? '';
    const token = signingToken(door, request.path, signature, parsed.params);
    door.onSignature(token);
    if (token === null) {
      reportUnsigned(request, signature, parsed.params);
      return refuse(403, 'The signature does not fit.');
    }
    return (
      readWebhook(parsed.params) ??
      refuse(400, 'CallSid or Digits is not of the form that the provider sends.')
    );
  }

  function reportUnsigned(request: Request, signature: string, params: Params): void {
    const isLooked = Math.abs(door.clock() - diagnosedAt) >= diagnoseEveryMs;
    if (isLooked) diagnosedAt = door.clock();
    const hosts = [request.get('host') ?? '', request.get('x-forwarded-host') ?? ''];
    const fits = isLooked ? fittingVariant(door, request.path, signature, params, hosts) : null;
    door.log.unsigned({ expected: expectedUrl(door, request.path), fits });
  }

  /** Answers with what comes of the work, or with an apology when it fails or takes too long. */
  async function answer(response: Response, work: () => Promise<string>): Promise<void> {
    sendTwiml(response, await withApology(work));
  }

  async function withApology(work: () => Promise<string>): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        door.log.late(answerWithinMs);
        resolve(apology);
      }, answerWithinMs);
    });
    const done = work().catch((error: unknown) => {
      door.log.failed(error);
      return apology;
    });
    try {
      return await Promise.race([done, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function render({ view, stepId, locale, handover }: Answer, callSid: string): Promise<string> {
    const applicationUrl = handover === null ? undefined : await handoverUrl(handover, callSid);
    return renderView(door.views, view, {
      locale,
      keysUrl: `${door.publicUrl.origin}/voice/steps/${stepId}/keys`,
      silenceUrl: `${door.publicUrl.origin}/voice/steps/${stepId}/silence`,
      ...(applicationUrl === undefined ? {} : { applicationUrl }),
      timeoutSeconds: door.gatherTimeoutSeconds,
      timeZone: door.timeZone,
    });
  }

  /** Where the application takes the call, with the statement of who is calling. */
  async function handoverUrl(
    { caller, id, issuedAt }: NonNullable<Answer['handover']>,
    callSid: string,
  ): Promise<string> {
    if (door.appUrl === null) throw new Error('A call was handed over without an application.');
    const { accountId, extension, name, verifiedAt } = caller;
    const statement = { id, accountId, extension, name, callSid, verifiedAt, issuedAt };
    const url = new URL(door.appUrl);
    url.searchParams.set(
      'assertion',
      await door.signer.sign(statement, door.publicUrl.origin, door.appUrl.origin),
    );
    return url.href;
  }

  function proceed(
    request: Request<{ stepId: string }>,
    response: Response,
    webhook: Webhook,
    input: CallerInput,
  ) {
    const { callSid, from } = webhook;
    return answer(response, async () =>
      render(await door.calls.proceed({ callSid, from, stepId: request.params.stepId, input }), callSid),
    );
  }

  router.post('/voice', async (request, response) => {
    const webhook = authenticate(request, response);
    if (webhook === null) return;
    const { callSid, from } = webhook;
    await answer(response, async () => render(await door.calls.start(callSid, from), callSid));
  });

  router.post('/voice/steps/:stepId/keys', async (request, response) => {
    const webhook = authenticate(request, response);
    if (webhook === null) return;
    if (webhook.digits === null) {
      response.status(400).type('text/plain').send('Digits is missing.\n');
      return;
    }
    await proceed(request, response, webhook, { type: 'keys', digits: webhook.digits });
  });

  router.post('/voice/steps/:stepId/silence', async (request, response) => {
    const webhook = authenticate(request, response);
    if (webhook === null) return;
    if ((webhook.digits ?? '') !== '') {
      response.status(400).type('text/plain').send('Digits are posted elsewhere.\n');
      return;
    }
    await proceed(request, response, webhook, { type: 'silence' });
  });

  router.post('/voice/status', async (request, response) => {
    const webhook = authenticate(request, response);
    if (webhook === null) return;
    await answer(response, async () => {
      if (endingStatuses.has(webhook.callStatus ?? '')) await door.calls.end(webhook.callSid);
      return nothingToSay;
    });
  });

  router.post('/voice/fallback', (request, response) => {
    if (authenticate(request, response) === null) return;
    sendTwiml(response, apology);
  });

  let misdirectedAt = Number.NEGATIVE_INFINITY;
  router.use((request, _response, next) => {
    const path = request.path.toLowerCase().replace(/\/$/, '');
    const meant = configuredAddresses.find((address) => address === path);
    if (meant !== undefined && Math.abs(door.clock() - misdirectedAt) >= diagnoseEveryMs) {
      misdirectedAt = door.clock();
      door.log.misdirected({ method: request.method, meant });
    }
    next();
  });

  return router;
}

/** The provider's names for a call that is over. */
const endingStatuses = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

const nothingToSay = '<?xml version="1.0" encoding="UTF-8"?>\n<Response/>\n';

/** One string and no buffer, so that head and body leave in one packet. */
function sendTwiml(response: Response, twiml: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/xml; charset=utf-8',
    'Content-Length': Buffer.byteLength(twiml),
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(twiml);
}

function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;\s*charset=utf-8\s*)?$/i.test(contentType ?? '');
}
