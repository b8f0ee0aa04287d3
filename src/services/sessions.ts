/**
 * The sessions of the pages: a token that was typed once, as a cookie that ends. They are kept in the store, so that any process can
 * serve them, and under a hash of their id, so that the store gives none away.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Change, type Store, StoreUnavailableError } from '../store/store.ts';
import type { Actor, Audit, AuditEvent } from './audit.ts';
import { adminBearer, type Bearer, bearerOf } from './authentication.ts';
import { type Document, load, mostTries, putOf, serverPartition, serverPlace, swap } from './documents.ts';
import { clockSkewMs } from './due.ts';
import type { Tokens } from './tokens.ts';

/** A session that holds. `endsAt`: Unix ms at which it ends even if it is used. */
export interface Session {
  readonly bearer: Bearer;
  /** What a request must bring besides the cookie, to show that it comes from one of our pages. */
  readonly csrfToken: string;
  readonly endsAt: number;
}

export interface Sessions {
  /** Begins a session for whoever has shown a token. The id is for the cookie; it can't be read again. */
  start(bearer: Bearer, from: string | null): Promise<{ readonly id: string; readonly session: Session }>;
  /** The session with this id, and notes that it was used; null when it has ended, by itself or with its token. */
  find(id: string): Promise<Session | null>;
  /** Ends a session; it doesn't matter whether it holds. */
  end(id: string, from: string | null): Promise<void>;
  /** How long a session lasts without being used, in ms. */
  readonly idleMs: number;
}

interface Dependencies {
  readonly store: Store;
  readonly audit: Audit;
  readonly tokens: Tokens;
  readonly adminToken: string;
  readonly clock: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly idleMs: number;
}

/** Times are Unix ms. */
interface SessionDocument extends Document {
  /** Whose session it is, by the name of the token. */
  readonly name: string;
  /** The token's id; null: it is the token of the environment. */
  readonly tokenId: string | null;
  /**
   * With the token of the environment, a digest of it under the session's id, so that the session ends when that token is changed. Only
   * whoever has the cookie could try tokens against it.
   */
  readonly adminTokenProof: string | null;
  readonly startedAt: number;
  readonly usedAt: number;
}

/** However much it is used, a session ends after a working day. */
const longestMs = 12 * 3_600_000;

const idBytes = 32;
const idPattern = /^[\w-]{43}$/;

export function createSessions(dependencies: Dependencies): Sessions {
  const { store, audit, tokens, adminToken, clock, randomBytes, idleMs } = dependencies;

  const endOf = ({ startedAt, usedAt }: SessionDocument) => Math.min(startedAt + longestMs, usedAt + idleMs);

  async function bearerNow(
    id: string,
    { tokenId, adminTokenProof }: SessionDocument,
  ): Promise<Bearer | null> {
    if (tokenId !== null) {
      const facts = await tokens.find(tokenId);
      return facts && bearerOf(facts);
    }
    const isSame = isEqual(adminTokenProof ?? '', keyed(id, adminToken));
    return isSame ? adminBearer : null;
  }

  const sessionOf = (id: string, bearer: Bearer, { startedAt }: SessionDocument): Session => ({
    bearer,
    csrfToken: csrfTokenOf(id),
    endsAt: startedAt + longestMs,
  });

  return {
    idleMs,

    async start(bearer, from) {
      const id = Buffer.from(randomBytes(idBytes)).toString('base64url');
      const now = clock();
      const { tokenId, name } = bearer;
      const document: SessionDocument = {
        schemaVersion: 1,
        name,
        tokenId,
        adminTokenProof: tokenId === null ? keyed(id, adminToken) : null,
        startedAt: now,
        usedAt: now,
      };
      const event = eventOf('session.started', { kind: 'token', name, from });
      for (let tries = 0; tries < mostTries; tries += 1) {
        const changes = [
          putOf(placeOf(id), null, document, endOf(document)),
          ...(await audit.plan(serverPartition, [event])),
        ];
        if ((await store.commit(changes)) === 'committed') {
          return { id, session: sessionOf(id, bearer, document) };
        }
      }
      throw new StoreUnavailableError('The audit trail kept changing.');
    },

    async find(id) {
      if (!idPattern.test(id)) return null;
      const found = await load(store, placeOf(id));
      const now = clock();
      // A session that begins later than now was begun by a clock that was ahead: it would hold for as long as that was wrong.
      if (found === null || now >= endOf(found.value) || found.value.startedAt > now + clockSkewMs)
        return null;
      const bearer = await bearerNow(id, found.value);
      if (bearer === null) return null;
      // Once in a while is enough, and two requests at once needn't both note it.
      if (now - found.value.usedAt >= idleMs / 30) {
        const used = { ...found.value, usedAt: now };
        await swap(store, placeOf(id), found.version, used, endOf(used));
      }
      return sessionOf(id, bearer, found.value);
    },

    async end(id, from) {
      if (!idPattern.test(id)) return;
      for (let tries = 0; tries < mostTries; tries += 1) {
        const found = await load(store, placeOf(id));
        if (found === null) return;
        const actor: Actor = { kind: 'token', name: found.value.name, from };
        const changes: Change[] = [
          { type: 'delete', key: placeOf(id).key, expected: found.version },
          ...(await audit.plan(serverPartition, [eventOf('session.ended', actor)])),
        ];
        if ((await store.commit(changes)) === 'committed') return;
      }
      throw new StoreUnavailableError('The session kept changing.');
    },
  };
}

/** Says whether a request brought the CSRF token of the session. */
export function hasCsrfToken({ csrfToken }: Pick<Session, 'csrfToken'>, sent: string): boolean {
  return isEqual(csrfToken, sent);
}

/** Follows from the id, so it needs no place of its own; the id doesn't follow from it. */
function csrfTokenOf(id: string): string {
  return keyed(id, 'csrf');
}

function keyed(id: string, text: string): string {
  return createHmac('sha256', id).update(text).digest('base64url');
}

function isEqual(a: string, b: string): boolean {
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function placeOf(id: string) {
  return serverPlace<SessionDocument>(`session:${createHash('sha256').update(id).digest('base64url')}`);
}

function eventOf(event: 'session.started' | 'session.ended', actor: Actor): AuditEvent {
  return { event, actor, accountId: null, subject: null, outcome: 'done', details: null };
}
