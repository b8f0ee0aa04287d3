/**
 * Accounts and the identities that name them. An identity lives in a partition of its own and is claimed there before the account
 * is stored; a claim that its account doesn't bear out is stale, and may be taken over after a while.
 */
import { type Account, createAccount, type Profile } from '../core/account.ts';
import type { Recognised } from '../core/call/event.ts';
import type { Target } from '../core/call/state.ts';
import {
  type Identity,
  type IdentityKind,
  identitiesOf,
  isShared,
  normaliseIdentity,
} from '../core/identity.ts';
import type { Peppers } from '../security/peppers.ts';
import type { Store } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import type { Actor, AuditEvent } from './audit.ts';
import { change, type IdentityDocument, identityPlace, load, unknownExtensionPlace } from './documents.ts';

/** What an identity was resolved to. */
export type Resolution =
  | { readonly outcome: 'found'; readonly account: Account }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'ambiguous'; readonly candidates: readonly Account[] };

export type Creation =
  | { readonly outcome: 'created'; readonly account: Account }
  | { readonly outcome: 'taken'; readonly kind: IdentityKind };

export interface Accounts {
  /** Creates an account without a PIN, unless one of its identities names another account already. */
  create(profile: Profile, actor: Actor): Promise<Creation>;
  /** Finds the account that an id or an identity names, whatever its kind. */
  resolve(identity: string): Promise<Resolution>;
  /** Whose PIN to ask for when this extension was keyed. Takes the same look-ups whether or not somebody has it. */
  targetOf(extension: string): Promise<Target>;
  /** The account that a caller's number belongs to, if it is exactly one that can be signed in to. */
  recognise(from: string): Promise<Recognised | null>;
}

interface Dependencies {
  readonly store: Store;
  readonly records: AccountRecords;
  readonly peppers: Peppers;
  readonly clock: () => number;
  /** A UUID. */
  readonly randomUuid: () => string;
}

/** How long a claim without its account is respected: its account may be about to be stored. */
const claimGraceMs = 60_000;

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createAccounts({ store, records, peppers, clock, randomUuid }: Dependencies): Accounts {
  const loadAccount = records.load;

  /** The accounts that carry this identity, in the order of their claims. */
  async function holders(value: string, kind?: IdentityKind): Promise<Account[]> {
    const document = await load(store, identityPlace(value));
    const claims = (document?.value.claims ?? []).filter(
      (claim) => kind === undefined || claim.kind === kind,
    );
    const accounts = await Promise.all(
      [...new Set(claims.map(({ accountId }) => accountId))].map(loadAccount),
    );
    return accounts.filter((account) => account !== null).filter((account) => carries(account, value, kind));
  }

  /** Claims an identity for an account; false when another account holds it. */
  async function claim(identity: Identity, accountId: string): Promise<boolean> {
    return change<IdentityDocument, boolean>(store, identityPlace(identity.value), async (document) => {
      const kept = [];
      for (const existing of document?.claims ?? []) {
        if (!(await isStale(existing, identity.value))) kept.push(existing);
      }
      const isTaken = kept.some((other) => other.kind === identity.kind && other.accountId !== accountId);
      if (isTaken && !isShared(identity.kind)) return { result: false };
      const own = { accountId, kind: identity.kind, claimedAt: clock() };
      return { put: { schemaVersion: 1, claims: [...kept, own] }, result: true };
    });
  }

  async function isStale(existing: IdentityDocument['claims'][number], value: string): Promise<boolean> {
    if (clock() - existing.claimedAt < claimGraceMs) return false;
    const account = await loadAccount(existing.accountId);
    return (
      account === null ||
      !identitiesOf(account.profile).some((own) => own.kind === existing.kind && own.value === value)
    );
  }

  async function release(identity: Identity, accountId: string): Promise<void> {
    await change<IdentityDocument, null>(store, identityPlace(identity.value), (document) => {
      if (document === null) return { result: null };
      const claims = document.claims.filter(
        (other) => other.accountId !== accountId || other.kind !== identity.kind,
      );
      return { put: { ...document, claims }, result: null };
    });
  }

  return {
    async create(profile, actor) {
      const account = createAccount(randomUuid(), profile, clock());
      const claimed: Identity[] = [];
      for (const identity of identitiesOf(profile)) {
        if (!(await claim(identity, account.id))) {
          await Promise.all(claimed.map((own) => release(own, account.id)));
          return { outcome: 'taken', kind: identity.kind };
        }
        claimed.push(identity);
      }
      await records.change(account.id, (present) => {
        if (present !== null) throw new Error('A random UUID was given twice.');
        return { put: account, audit: [createdEvent(account, actor)], result: null };
      });
      return { outcome: 'created', account };
    },

    async resolve(identity) {
      const byId = idPattern.test(identity) ? await loadAccount(identity) : null;
      if (byId !== null) return { outcome: 'found', account: byId };
      const candidates = await holders(normaliseIdentity(identity));
      const [account] = candidates;
      if (account === undefined) return { outcome: 'not-found' };
      return candidates.length === 1 ? { outcome: 'found', account } : { outcome: 'ambiguous', candidates };
    },

    async targetOf(extension) {
      const [account] = await holders(normaliseIdentity(extension), 'extension');
      if (account !== undefined) return { kind: 'account', id: account.id };
      const blinded = peppers.blind('extension', extension);
      await load(store, unknownExtensionPlace(blinded));
      return { kind: 'unknown', id: blinded };
    },

    async recognise(from) {
      const [account, other] = await holders(from, 'phoneNumber');
      if (account === undefined || other !== undefined || !account.profile.enabled) return null;
      const { displayName: name, extension, locale } = account.profile;
      return { target: { kind: 'account', id: account.id }, name, extension, locale };
    },
  };
}

function carries(account: Account, value: string, kind: IdentityKind | undefined): boolean {
  return identitiesOf(account.profile).some(
    (own) => own.value === value && (kind === undefined || own.kind === kind),
  );
}

function createdEvent({ id, profile }: Account, actor: Actor): AuditEvent {
  const { extension } = profile;
  return {
    event: 'user.created',
    actor,
    accountId: id,
    subject: null,
    outcome: 'done',
    details: { extension },
  };
}
