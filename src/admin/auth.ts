/**
 * Who may use the API: whoever bears a token, and our own pages for whoever has signed in to them with one.
 */
import type { Request, RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';
import { requireOwnOrigin, sessionIdOf } from '../http/session-cookie.ts';
import type { Authentication, Bearer } from '../services/authentication.ts';
import { hasCsrfToken, type Sessions } from '../services/sessions.ts';
import { setCaller } from './caller.ts';

export interface AuthOptions {
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  /** The address in the browser. */
  readonly publicUrl: URL;
}

/**
 * Lets requests with a valid token pass, or with a session and its CSRF token. A token that is unknown, expired or revoked is refused
 * in the same words. A bearer token goes before a cookie.
 */
export function requireCaller({ authentication, sessions, publicUrl }: AuthOptions): RequestHandler {
  async function bearerOf(request: Request): Promise<Bearer> {
    const authorization = request.get('authorization');
    const sessionId = authorization === undefined ? sessionIdOf(request) : null;
    return sessionId === null
      ? bearerOfToken(request, authorization ?? '')
      : bearerOfSession(request, sessionId);
  }

  async function bearerOfToken(request: Request, authorization: string): Promise<Bearer> {
    const [scheme = '', token = ''] = authorization.split(' ');
    const isBearer = scheme.toLowerCase() === 'bearer';
    const tried = await authentication.try(isBearer ? token : '', request.socket.remoteAddress ?? null);
    switch (tried.outcome) {
      case 'right':
        return tried.bearer;
      case 'too-many':
        throw new Problem('too_many_requests', 'Wait a minute before you try again.');
      case 'wrong':
        throw new Problem('not_authenticated', 'Send the header "Authorization: Bearer" with a valid token.');
    }
  }

  /** Even to read takes the CSRF token: what is read here is recorded as looked at. */
  async function bearerOfSession(request: Request, id: string): Promise<Bearer> {
    requireOwnOrigin(request, publicUrl);
    const session = await sessions.find(id);
    if (session === null) throw new Problem('session_ended', 'Sign in again.');
    if (hasCsrfToken(session, request.get('x-csrf-token') ?? '')) return session.bearer;
    throw new Problem('csrf_token_missing', 'Nothing was changed. Reload the page and try again.');
  }

  return async (request, _response, next) => {
    const { name, role, scope, mayIgnoreScope, expiresAt } = await bearerOf(request);
    const actor = { kind: 'token', name, from: request.socket.remoteAddress ?? null } as const;
    setCaller(request, { actor, role, scope, mayIgnoreScope, expiresAt });
    next();
  };
}
