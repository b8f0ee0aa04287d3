/**
 * Who may administer: whoever has a token. Wrong tokens are counted by address, whichever door they are tried at.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Store } from '../store/store.ts';
import { adminTokenName, type TokenFacts, type Tokens } from './tokens.ts';

/** What a token gives. `tokenId` null: it is the token of the environment. */
export interface Bearer extends Pick<TokenFacts, 'name' | 'role' | 'scope' | 'mayIgnoreScope' | 'expiresAt'> {
  readonly tokenId: string | null;
}

export type TokenTry =
  | { readonly outcome: 'right'; readonly bearer: Bearer }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'too-many' };

export interface Authentication {
  /** Tries a token; one that is unknown, expired or revoked counts as wrong. `address`: from where, null: unknown. */
  try(token: string, address: string | null): Promise<TokenTry>;
}

interface Dependencies {
  readonly adminToken: string;
  readonly tokens: Tokens;
  readonly store: Store;
  /** Told when an address has sent as many wrong tokens as it may in a minute. */
  readonly alert: (address: string) => void;
}

const wrongTokensPerMinute = 10;

/** The token of the environment is the first one, and may do everything. */
export const adminBearer: Bearer = {
  tokenId: null,
  name: adminTokenName,
  role: 'admin',
  scope: null,
  mayIgnoreScope: true,
  expiresAt: null,
};

export function createAuthentication({ adminToken, tokens, store, alert }: Dependencies): Authentication {
  const expected = digest(adminToken);

  async function find(token: string): Promise<Bearer | null> {
    // Digests are of one length, so the comparison takes the same time whatever was sent.
    if (timingSafeEqual(digest(token), expected)) return adminBearer;
    const facts = await tokens.check(token);
    return facts && bearerOf(facts);
  }

  return {
    async try(token, address) {
      const bearer = await find(token);
      if (bearer !== null) return { outcome: 'right', bearer };
      const from = address ?? 'unknown';
      const wrong = await store.addToCounter({ name: `wrong-admin-tokens:${from}`, windowMs: 60_000 }, 1);
      if (wrong === wrongTokensPerMinute) alert(from);
      return { outcome: wrong > wrongTokensPerMinute ? 'too-many' : 'wrong' };
    },
  };
}

export function bearerOf({ id, name, role, scope, mayIgnoreScope, expiresAt }: TokenFacts): Bearer {
  return { tokenId: id, name, role, scope, mayIgnoreScope, expiresAt };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
