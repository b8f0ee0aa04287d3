/**
 * Whom the telephone in the browser is for. Whoever has it calls as any number, so in production it takes a session whose token may do
 * `phone.use`, and each call is recorded. Elsewhere it is there for everyone who reaches the service.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Request } from 'express';
import { mayDo } from '../../core/roles.ts';
import { Problem } from '../../http/problem.ts';
import { requireOwnOrigin, sessionIdOf } from '../../http/session-cookie.ts';
import type { Actor, Audit } from '../../services/audit.ts';
import type { Bearer } from '../../services/authentication.ts';
import { hasCsrfToken, type Sessions } from '../../services/sessions.ts';

/** Who uses the telephone. */
export interface PhoneUser {
  /** Tells users apart, so that nobody acts on the call of another. */
  readonly owner: string;
  /** What each request must bring in `X-CSRF-Token`; null: nothing. */
  readonly csrfToken: string | null;
  /** Whose calls are recorded; null: nobody's. */
  readonly actor: Actor | null;
}

export interface PhoneAccess {
  /** Who asks to see something. @throws Problem when the telephone isn't for them. */
  admit(request: Request): Promise<PhoneUser>;
  /** Who asks for something to be done, which only our own page may. @throws Problem when the telephone isn't for them. */
  admitAction(request: Request): Promise<PhoneUser>;
  /** Records that a call is made. */
  record(user: PhoneUser, callSid: string): Promise<void>;
}

interface Dependencies {
  readonly isProduction: boolean;
  /** The address in the browser. */
  readonly publicUrl: URL;
  readonly sessions: Sessions;
  readonly audit: Audit;
}

const anyone: PhoneUser = { owner: 'anyone', csrfToken: null, actor: null };

export function createPhoneAccess({ isProduction, publicUrl, sessions, audit }: Dependencies): PhoneAccess {
  async function admit(request: Request): Promise<PhoneUser> {
    if (!isProduction) {
      if (isOwnHost(request.get('host') ?? '', publicUrl)) return anyone;
      throw new Problem('foreign_origin', 'Use it at PUBLIC_URL, at localhost, or at an IP address.');
    }
    const id = sessionIdOf(request);
    const session = id === null ? null : await sessions.find(id);
    if (id === null || session === null || !mayCall(session.bearer)) throw nothingHere();
    return {
      owner: createHash('sha256').update(id).digest('base64url'),
      csrfToken: session.csrfToken,
      actor: { kind: 'token', name: session.bearer.name, from: request.socket.remoteAddress ?? null },
    };
  }

  return {
    admit,

    async admitAction(request) {
      requireOwnOrigin(request, publicUrl);
      const user = await admit(request);
      const sent = request.get('x-csrf-token') ?? '';
      if (user.csrfToken === null || hasCsrfToken({ csrfToken: user.csrfToken }, sent)) return user;
      throw new Problem('csrf_token_missing', 'Nothing was done. Reload the page and try again.');
    },

    async record({ actor }, callSid) {
      if (actor === null) return;
      await audit.append({
        event: 'phone.called',
        actor,
        accountId: null,
        subject: callSid,
        outcome: 'done',
        details: null,
      });
    },
  };
}

function mayCall({ role, scope }: Bearer): boolean {
  return mayDo(role, 'phone.use', scope !== null);
}

/** Whom it isn't for needn't know that it is there. */
function nothingHere(): Problem {
  return new Problem('not_found', 'There is nothing at this address.');
}

/**
 * Whether a request was meant for this service. Another site can have a name of its own lead to this machine (DNS rebinding); its pages
 * are of the same origin then. They can't do that with our name, with localhost, or with an address.
 */
function isOwnHost(host: string, publicUrl: URL): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  return isLocal || hostname === publicUrl.hostname || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}
