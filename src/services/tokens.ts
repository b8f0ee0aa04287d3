/**
 * The bearer tokens of the API. A token is shown once, when it is made; what is stored is a hash of its secret. Every use reads the
 * document, so a token that was revoked is refused by every process from the next request on.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../core/roles.ts';
import type { Change, Store } from '../store/store.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { Actor, Audit, AuditEvent } from './audit.ts';
import {
  type Document,
  load,
  mostTries,
  type Place,
  putOf,
  serverPartition,
  serverPlace,
} from './documents.ts';

/** What whoever makes a token says of it. */
export interface TokenGrant {
  /** Names the token in the audit trail; no two tokens share one, whatever the case. */
  readonly name: string;
  readonly role: Role;
  /** The organisational unit that it is confined to, as a DN; null: all. */
  readonly scope: string | null;
  /** Whether a request may step out of the scope for an account that it names by its DN. */
  readonly mayIgnoreScope: boolean;
  /** Unix ms from which it is refused; null: never. */
  readonly expiresAt: number | null;
}

/** A token without its secret. */
export interface TokenFacts extends TokenGrant {
  readonly id: string;
  readonly createdAt: number;
}

export type TokenCreation =
  | { readonly outcome: 'created'; readonly facts: TokenFacts; readonly token: string }
  /** Answered to a dry run. */
  | { readonly outcome: 'would-create' }
  | { readonly outcome: 'name-taken' };

/** `dryRun`: only say what would happen. No token is made then. */
export interface TokenChangeOptions {
  readonly dryRun?: boolean;
}

export interface Tokens {
  /** Makes a token, unless another has its name. The answer holds the token itself, which can't be read again. */
  create(grant: TokenGrant, actor: Actor, options?: TokenChangeOptions): Promise<TokenCreation>;
  /** At most `limit` tokens in the order of their ids, those after an id; expired ones too. */
  list(limit: number, after: string | null): Promise<readonly TokenFacts[]>;
  /** Removes a token, and says what it was; null when there is none with this id. */
  revoke(id: string, actor: Actor, options?: TokenChangeOptions): Promise<TokenFacts | null>;
  /** Whose token this is; null when it is unknown, revoked, expired or no token at all. */
  check(token: string): Promise<TokenFacts | null>;
  /** The token with this id; null when it was revoked or has expired. */
  find(id: string): Promise<TokenFacts | null>;
}

interface Dependencies {
  readonly store: Store;
  readonly audit: Audit;
  readonly clock: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

interface TokenDocument extends Document {
  readonly facts: TokenFacts;
  /** SHA-256 of the secret, in base64. The secret is random, so there is nothing to slow guessing down for. */
  readonly secretHash: string;
}

/** Ties a name to the one token that has it. */
interface NameDocument extends Document {
  readonly tokenId: string;
}

/** The name of the token that is set in the environment. */
export const adminTokenName = 'ADMIN_TOKEN';

const idBytes = 8;
const secretBytes = 32;
const tokenPattern = /^rk_([0-9a-f]{16})_([\w-]{43})$/;
const index = { partition: serverPartition, name: 'tokens' };

export function createTokens({ store, audit, clock, randomBytes }: Dependencies): Tokens {
  async function find(id: string): Promise<TokenDocument | null> {
    return (await load(store, tokenPlace(id)))?.value ?? null;
  }

  async function isTaken(name: string): Promise<boolean> {
    return (await load(store, namePlace(name))) !== null || name.toUpperCase() === adminTokenName;
  }

  const isOver = ({ expiresAt }: TokenFacts) => expiresAt !== null && clock() >= expiresAt;

  return {
    async create(grant, actor, { dryRun = false } = {}) {
      if (dryRun) return { outcome: (await isTaken(grant.name)) ? 'name-taken' : 'would-create' };
      const id = Buffer.from(randomBytes(idBytes)).toString('hex');
      const secret = Buffer.from(randomBytes(secretBytes)).toString('base64url');
      const facts: TokenFacts = { ...grant, id, createdAt: clock() };
      for (let tries = 0; tries < mostTries; tries += 1) {
        if (await isTaken(grant.name)) return { outcome: 'name-taken' };
        const changes: Change[] = [
          putOf(tokenPlace(id), null, {
            schemaVersion: 1,
            facts,
            secretHash: digest(secret).toString('base64'),
          }),
          putOf(namePlace(grant.name), null, { schemaVersion: 1, tokenId: id }),
          { type: 'add-member', index, member: id },
          ...(await audit.plan(serverPartition, [eventOf('token.created', facts, actor)])),
        ];
        if ((await store.commit(changes)) === 'committed') {
          return { outcome: 'created', facts, token: `rk_${id}_${secret}` };
        }
      }
      throw new StoreUnavailableError('The tokens kept changing.');
    },

    async list(limit, after) {
      const ids = await store.range(index, { limit, ...(after === null ? {} : { after }) });
      const documents = await Promise.all(ids.map(find));
      return documents.filter((document) => document !== null).map(({ facts }) => facts);
    },

    async revoke(id, actor, { dryRun = false } = {}) {
      if (!/^[0-9a-f]{16}$/.test(id)) return null;
      for (let tries = 0; tries < mostTries; tries += 1) {
        const found = await load(store, tokenPlace(id));
        if (found === null) return null;
        const { facts } = found.value;
        if (dryRun) return facts;
        const name = await load(store, namePlace(facts.name));
        const changes: Change[] = [
          { type: 'delete', key: tokenPlace(id).key, expected: found.version },
          ...(name === null
            ? []
            : [{ type: 'delete' as const, key: namePlace(facts.name).key, expected: name.version }]),
          { type: 'remove-member', index, member: id },
          ...(await audit.plan(serverPartition, [eventOf('token.revoked', facts, actor)])),
        ];
        if ((await store.commit(changes)) === 'committed') return facts;
      }
      throw new StoreUnavailableError('The tokens kept changing.');
    },

    async check(token) {
      const [, id, secret] = tokenPattern.exec(token) ?? [];
      if (id === undefined || secret === undefined) return null;
      const document = await find(id);
      if (document === null) return null;
      const isRight = timingSafeEqual(digest(secret), Buffer.from(document.secretHash, 'base64'));
      return isRight && !isOver(document.facts) ? document.facts : null;
    },

    async find(id) {
      const facts = (await find(id))?.facts ?? null;
      return facts === null || isOver(facts) ? null : facts;
    },
  };
}

function tokenPlace(id: string): Place<TokenDocument> {
  return serverPlace(`token:${id}`);
}

function namePlace(name: string): Place<NameDocument> {
  return serverPlace(`token-name:${name.toLowerCase()}`);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function eventOf(event: 'token.created' | 'token.revoked', facts: TokenFacts, actor: Actor): AuditEvent {
  const { id, name, role, scope, mayIgnoreScope, expiresAt } = facts;
  const details = { id, role, scope, mayIgnoreScope, expiresAt };
  return { event, actor, accountId: null, subject: name, outcome: 'done', details };
}
