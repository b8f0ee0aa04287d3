/**
 * `/me`, for users without a PIN to sign in with: asking for a link, and setting a PIN with it.
 *
 * A click on a link in a mail starts from another site, so the browser sends no SameSite=Strict cookie with it. Therefore opening the
 * page neither reads nor sets one, and what the link holds stands behind `#`, where no server, log or referrer sees it. The page then
 * asks by itself, from its own site, and that brings the cookie.
 */
import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { requireOwnOrigin } from '../http/session-cookie.ts';
import type { LinkRefused, LinkUse, OwnAccount, PinLinks } from '../services/pin-links.ts';
import { networkOf, requireVisitor, setVisitorCookie, visitorCsrfToken, visitorOf } from './visitor.ts';

export interface MeRoutes {
  readonly links: PinLinks;
  /** The address in the browser. */
  readonly publicUrl: URL;
  /** The number to call and whom to ask, as text; null: not told. */
  readonly accessNumber: string | null;
  readonly helpContact: string | null;
  readonly randomBytes: (count: number) => Uint8Array;
}

const link = z.string().max(100);
const pin = z.string().max(100);

const request = z.strictObject({ identity: z.string().trim().min(1).max(320) });
const opening = z.strictObject({ link });
const check = z.strictObject({ link, pin });
/** The owner's PIN, twice; or neither, and one is generated. */
const choice = z.union([z.strictObject({ link, pin, again: pin }), z.strictObject({ link })]);

const noBody = z.strictObject({});

export function createMeRoutes({
  links,
  publicUrl,
  accessNumber,
  helpContact,
  randomBytes,
}: MeRoutes): Router {
  const router = Router();
  router.use((request, response, next) => {
    response.set('Cache-Control', 'no-store');
    requireOwnOrigin(request, publicUrl);
    next();
  });

  const post = (path: string, ...handlers: RequestHandler[]) => {
    router
      .route(path)
      .post(
        (request, _response, next) => {
          // A form of another site can't send this type.
          if (!request.is('application/json')) throw new Problem('unsupported_media_type', 'Send JSON.');
          next();
        },
        express.json({ limit: '4kb', inflate: false }),
        ...handlers,
      )
      .all((_request, response) => {
        response.set('Allow', 'POST');
        throw new Problem('method_not_allowed', 'Use POST.');
      });
  };

  const useOf = (request: express.Request, opened: { readonly link: string }): LinkUse => ({
    link: opened.link,
    browser: requireVisitor(request, publicUrl),
    from: addressOf(request),
  });

  const tellOwner = ({ profile, status, held, until }: OwnAccount) => ({
    extension: profile.extension,
    displayName: profile.displayName,
    locale: profile.locale,
    status: tellStatus(status),
    policy: {
      minLength: held.policy.minLength,
      historyCount: held.policy.historyCount,
      allowCommonPatterns: held.policy.allowCommonPatterns,
      lifetimeDays: held.policy.lifetimeDays,
    },
    until: new Date(until).toISOString(),
    accessNumber,
    helpContact,
  });

  post('/visit', (request, response) => {
    parse(noBody, request.body);
    const secret = visitorOf(request, publicUrl) ?? Buffer.from(randomBytes(32)).toString('base64url');
    setVisitorCookie(response, publicUrl, secret);
    // Links lead to this address, and a cookie of another one isn't sent there: the page moves there first.
    response.json({ csrfToken: visitorCsrfToken(secret), origin: publicUrl.origin });
  });

  post('/requests', async (asked, response) => {
    const browser = requireVisitor(asked, publicUrl);
    const { identity } = parse(request, asked.body);
    const from = addressOf(asked);
    if (!(await links.charge(networkOf(from)))) {
      throw new Problem('too_many_links', 'Wait an hour, or ask your help desk.');
    }
    setVisitorCookie(response, publicUrl, browser);
    const answered = new Promise<void>((resolve) => response.once('close', () => resolve()));
    if (!links.ask({ identity, browser, from }, answered)) {
      throw new Problem('busy', 'Nothing was sent. Try again in a few seconds.');
    }
    response.status(202).json({});
  });

  post('/link', async (request, response) => {
    const opened = await links.open(useOf(request, parse(opening, request.body)));
    if (opened.outcome !== 'open') throw refusedLink(opened);
    response.json(tellOwner(opened));
  });

  post('/check', async (request, response) => {
    const body = parse(check, request.body);
    const checked = await links.check(useOf(request, body), body.pin);
    if (checked.outcome !== 'checked') throw refusedLink(checked);
    response.json({ codes: checked.codes });
  });

  post('/pin', async (request, response) => {
    const body = parse(choice, request.body);
    const use = useOf(request, body);
    if ('pin' in body && body.pin !== body.again) {
      throw new Problem('pins_differ', 'Type the same PIN twice.');
    }
    const set = await links.set(use, 'pin' in body ? body.pin : null);
    switch (set.outcome) {
      case 'set':
        response.json({ pin: set.pin, status: tellStatus(set.status) });
        return;
      case 'refused':
        throw new Problem('pin_refused', 'Choose another PIN: each code names a rule that it breaks.', {
          codes: set.codes,
        });
      case 'busy':
        throw new Problem('busy', 'Nothing was changed. Try again in a few seconds.');
      default:
        throw refusedLink(set);
    }
  });

  return router;
}

function refusedLink({ outcome }: LinkRefused): Problem {
  return outcome === 'elsewhere'
    ? new Problem('link_elsewhere', 'Open it in the browser that asked for it, or ask for a new one here.')
    : new Problem('link_spent', 'Nothing was changed. Ask for a new link.');
}

function tellStatus(status: OwnAccount['status']) {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    pinSet: status.pinSet,
    pinExpired: status.pinExpired,
    lockedOut: status.lockedOut,
    lockReason: status.lockReason,
    lockedUntil: time(status.lockedUntil),
    lastChangedAt: time(status.lastChangedAt),
    expiresAt: time(status.expiresAt),
    failedAttempts: status.failedAttempts,
    lastFailedAt: time(status.lastFailedAt),
    lastSignInAt: time(status.lastSignInAt),
  };
}

/** What was sent is never told back: it may hold a PIN. */
function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Problem('invalid_request', 'Reload the page and try again.');
  return parsed.data;
}

function addressOf(request: express.Request): string | null {
  return request.socket.remoteAddress ?? null;
}
