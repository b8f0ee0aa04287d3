/**
 * Who may administer: whoever bears a token. Wrong tokens are counted by address.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';
import { adminTokenName, type TokenFacts, type Tokens } from '../services/tokens.ts';
import type { Store } from '../store/store.ts';
import { setCaller } from './caller.ts';

interface AuthOptions {
  readonly adminToken: string;
  readonly tokens: Tokens;
  readonly store: Store;
  /** Told when an address has sent as many wrong tokens as it may in a minute. */
  readonly alert: (address: string) => void;
}

/** What a token gives. */
type Grant = Pick<TokenFacts, 'name' | 'role' | 'scope' | 'mayIgnoreScope' | 'expiresAt'>;

const wrongTokensPerMinute = 10;

/** The token of the environment is the first one, and may do everything. */
const adminGrant: Grant = {
  name: adminTokenName,
  role: 'admin',
  scope: null,
  mayIgnoreScope: true,
  expiresAt: null,
};

/** Lets requests with a valid token pass. One that is unknown, expired or revoked is refused in the same words. */
export function requireToken({ adminToken, tokens, store, alert }: AuthOptions): RequestHandler {
  const expected = digest(adminToken);

  async function grantOf(authorization: string): Promise<Grant | null> {
    const [scheme = '', token = ''] = authorization.split(' ');
    if (scheme.toLowerCase() !== 'bearer') return null;
    // Digests are of one length, so the comparison takes the same time whatever was sent.
    return timingSafeEqual(digest(token), expected) ? adminGrant : tokens.check(token);
  }

  return async (request, _response, next) => {
    const address = request.socket.remoteAddress ?? null;
    const grant = await grantOf(request.get('authorization') ?? '');
    if (grant !== null) {
      const { name, role, scope, mayIgnoreScope, expiresAt } = grant;
      const actor = { kind: 'token', name, from: address } as const;
      setCaller(request, { actor, role, scope, mayIgnoreScope, expiresAt });
      next();
      return;
    }
    const counter = { name: `wrong-admin-tokens:${address ?? 'unknown'}`, windowMs: 60_000 };
    const wrong = await store.addToCounter(counter, 1);
    if (wrong === wrongTokensPerMinute) alert(address ?? 'unknown');
    if (wrong > wrongTokensPerMinute)
      throw new Problem('too_many_requests', 'Wait a minute before you try again.');
    throw new Problem('not_authenticated', 'Send the header "Authorization: Bearer" with a valid token.');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
