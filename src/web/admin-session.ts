/**
 * `/admin/session`: signing in to the administrators' pages with a token, and out again.
 */
import express, { type Request, Router } from 'express';
import { z } from 'zod';
import { mayDo, type Operation, operations } from '../core/roles.ts';
import { Problem } from '../http/problem.ts';
import {
  clearSessionCookie,
  requireOwnOrigin,
  sessionIdOf,
  setSessionCookie,
} from '../http/session-cookie.ts';
import type { Authentication } from '../services/authentication.ts';
import { hasCsrfToken, type Session, type Sessions } from '../services/sessions.ts';

export interface AdminSessionRoutes {
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  /** The address in the browser. */
  readonly publicUrl: URL;
}

const signIn = z.strictObject({ token: z.string().max(1000) });

export function createAdminSessionRoutes({
  authentication,
  sessions,
  publicUrl,
}: AdminSessionRoutes): Router {
  const router = Router();
  router.use((request, response, next) => {
    response.set('Cache-Control', 'no-store');
    requireOwnOrigin(request, publicUrl);
    next();
  });

  /** What a page may know: whose session it is, what it may do, and what its requests have to bring. */
  function sessionBody({ bearer, csrfToken, endsAt }: Session) {
    const { name, role, scope, mayIgnoreScope } = bearer;
    const allowed = (Object.keys(operations) as Operation[]).filter((one) =>
      mayDo(role, one, scope !== null),
    );
    return {
      session: {
        ...{ name, role, scope, mayIgnoreScope, operations: allowed, csrfToken },
        endsAt: new Date(endsAt).toISOString(),
        idleMinutes: Math.round(sessions.idleMs / 60_000),
      },
    };
  }

  router
    .route('/')
    .get(async (request, response) => {
      const id = sessionIdOf(request);
      const session = id === null ? null : await sessions.find(id);
      response.json(session === null ? { session: null } : sessionBody(session));
    })
    .post(express.json({ limit: '4kb', inflate: false }), async (request, response) => {
      const from = addressOf(request);
      // A form of another site can't send this type.
      if (!request.is('application/json')) throw new Problem('unsupported_media_type', 'Send JSON.');
      const parsed = signIn.safeParse(request.body);
      if (!parsed.success) throw new Problem('invalid_request', 'Send a token.');
      const tried = await authentication.try(parsed.data.token, from);
      if (tried.outcome === 'too-many') {
        throw new Problem('too_many_requests', 'Wait a minute before you try again.');
      }
      if (tried.outcome === 'wrong') {
        throw new Problem('not_authenticated', 'This token is unknown, revoked or expired.');
      }
      const before = sessionIdOf(request);
      if (before !== null) await sessions.end(before, from);
      const { id, session } = await sessions.start(tried.bearer, from);
      setSessionCookie(response, publicUrl, id);
      response.status(201).json(sessionBody(session));
    })
    .delete(async (request, response) => {
      const id = sessionIdOf(request);
      const session = id === null ? null : await sessions.find(id);
      if (id !== null && session !== null) {
        if (!hasCsrfToken(session, request.get('x-csrf-token') ?? '')) {
          throw new Problem('csrf_token_missing', 'You are still signed in. Reload the page and try again.');
        }
        await sessions.end(id, addressOf(request));
      }
      clearSessionCookie(response, publicUrl);
      response.status(204).end();
    })
    .all((_request, response) => {
      response.set('Allow', 'GET, POST, DELETE');
      throw new Problem('method_not_allowed', 'Use GET, POST, DELETE.');
    });

  return router;
}

function addressOf(request: Request): string | null {
  return request.socket.remoteAddress ?? null;
}
