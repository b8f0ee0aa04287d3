/**
 * Who may administer: whoever bears the token. Wrong tokens are counted by address.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';
import type { Store } from '../store/store.ts';
import { setCaller } from './caller.ts';

interface AuthOptions {
  readonly adminToken: string;
  readonly store: Store;
  /** Told when an address has sent as many wrong tokens as it may in a minute. */
  readonly alert: (address: string) => void;
}

const wrongTokensPerMinute = 10;

/** Lets requests with the right token pass. The comparison takes the same time whatever was sent. */
export function requireToken({ adminToken, store, alert }: AuthOptions): RequestHandler {
  const expected = digest(adminToken);
  return async (request, _response, next) => {
    const [scheme = '', token = ''] = (request.get('authorization') ?? '').split(' ');
    if (scheme.toLowerCase() === 'bearer' && timingSafeEqual(digest(token), expected)) {
      const actor = {
        kind: 'token',
        name: 'ADMIN_TOKEN',
        from: request.socket.remoteAddress ?? null,
      } as const;
      setCaller(request, { actor, role: 'admin', scope: null, mayIgnoreScope: true });
      next();
      return;
    }
    const address = request.socket.remoteAddress ?? 'unknown';
    const counter = { name: `wrong-admin-tokens:${address}`, windowMs: 60_000 };
    const wrong = await store.addToCounter(counter, 1);
    if (wrong === wrongTokensPerMinute) alert(address);
    if (wrong > wrongTokensPerMinute)
      throw new Problem('too_many_requests', 'Wait a minute before you try again.');
    throw new Problem('not_authenticated', 'Send the header "Authorization: Bearer <ADMIN_TOKEN>".');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
