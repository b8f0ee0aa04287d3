/**
 * Accounts and the identities that name them. An identity lives in a partition of its own and is claimed there before the account
 * is stored; a claim that its account doesn't bear out is stale, and may be taken over after a while.
 */
import { type Account, createAccount, type Profile, revisionOf, withProfile } from '../core/account.ts';
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
import { type Json, type Store, StoreUnavailableError } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import type { Actor, AuditEvent, AuditEventName } from './audit.ts';
import {
  change,
  type IdentityDocument,
  identityPlace,
  load,
  mostTries,
  unknownExtensionPlace,
} from './documents.ts';

/** What an identity was resolved to. */
export type Resolution =
  | { readonly outcome: 'found'; readonly account: Account }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'ambiguous'; readonly candidates: readonly Account[] };

export type Creation =
  | { readonly outcome: 'created'; readonly account: Account }
  | { readonly outcome: 'taken'; readonly kind: IdentityKind };

/** The fields of a profile that are to change. */
export type ProfileChange = { readonly [K in keyof Profile]?: Profile[K] };

/** `overtaken`: the account isn't of the revision that was expected any more. */
export type Update =
  | { readonly outcome: 'updated'; readonly account: Account }
  | { readonly outcome: 'taken'; readonly kind: IdentityKind }
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'not-found' };

export type Removal = 'removed' | 'overtaken' | 'not-found';

/** `expected`: the account's revision, for whoever wants to change only what they have seen; null: whichever it is. */
export interface Accounts {
  /** Creates an account without a PIN, unless one of its identities names another account already. */
  create(profile: Profile, actor: Actor): Promise<Creation>;
  /** Changes some fields of an account's profile, or nothing of it if another account has one of the new identities. */
  update(id: string, fields: ProfileChange, expected: number | null, actor: Actor): Promise<Update>;
  /** Removes an account and all it had; its identities are free at once. */
  remove(id: string, expected: number | null, actor: Actor): Promise<Removal>;
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

type Claim = IdentityDocument['claims'][number];

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

  /** Claims an identity for an account; null when another account holds it, else the claim, to be withdrawn by. */
  async function claim(identity: Identity, accountId: string): Promise<Claim | null> {
    const own = { accountId, kind: identity.kind, claimedAt: clock(), id: randomUuid() };
    return change<IdentityDocument, Claim | null>(store, identityPlace(identity.value), async (document) => {
      const kept = [];
      for (const existing of document?.claims ?? []) {
        if (!(await isStale(existing, identity.value))) kept.push(existing);
      }
      const isTaken = kept.some((other) => other.kind === identity.kind && other.accountId !== accountId);
      if (isTaken && !isShared(identity.kind)) return { result: null };
      return { put: { schemaVersion: 1, claims: [...kept, own] }, result: own };
    });
  }

  async function isStale(existing: Claim, value: string): Promise<boolean> {
    if (clock() - existing.claimedAt < claimGraceMs) return false;
    const account = await loadAccount(existing.accountId);
    return (
      account === null ||
      !identitiesOf(account.profile).some((own) => own.kind === existing.kind && own.value === value)
    );
  }

  /** Claims all of these identities, or none. */
  async function claimAll(
    identities: readonly Identity[],
    accountId: string,
  ): Promise<{ readonly withdraw: () => Promise<void> } | { readonly taken: IdentityKind }> {
    const claimed: { readonly value: string; readonly claim: Claim }[] = [];
    const withdraw = async () => {
      await Promise.all(claimed.map(({ value, claim }) => release(value, (other) => other.id === claim.id)));
    };
    for (const identity of identities) {
      const own = await claim(identity, accountId);
      if (own === null) {
        await withdraw();
        return { taken: identity.kind };
      }
      claimed.push({ value: identity.value, claim: own });
    }
    return { withdraw };
  }

  async function release(value: string, isReleased: (claim: Claim) => boolean): Promise<void> {
    await change<IdentityDocument, null>(store, identityPlace(value), (document) => {
      if (document === null) return { result: null };
      return {
        put: { ...document, claims: document.claims.filter((claim) => !isReleased(claim)) },
        result: null,
      };
    });
  }

  /** The claims that an account has on these identities now. Later ones belong to a later change. */
  async function claimsOf(identities: readonly Identity[], accountId: string) {
    return Promise.all(
      identities.map(async ({ kind, value }) => {
        const document = await load(store, identityPlace(value));
        const own = (document?.value.claims ?? []).filter(
          (claim) => claim.accountId === accountId && claim.kind === kind,
        );
        return { value, own };
      }),
    );
  }

  /** One try at a change of the profile; null: the account was changed meanwhile. */
  async function tryUpdate(account: Account, fields: ProfileChange, actor: Actor): Promise<Update | null> {
    const { id } = account;
    const profile: Profile = { ...account.profile, ...fields };
    const gained = without(identitiesOf(profile), identitiesOf(account.profile));
    const lost = await claimsOf(without(identitiesOf(account.profile), identitiesOf(profile)), id);
    const claims = await claimAll(gained, id);
    if ('taken' in claims) return { outcome: 'taken', kind: claims.taken };
    const update = await records.change<Update | null>(id, (present) => {
      if (present === null) return { result: { outcome: 'not-found' } };
      if (revisionOf(present) !== revisionOf(account)) return { result: null };
      const put = withProfile(present, profile);
      return {
        put,
        audit: [eventOf('user.changed', id, actor, { fields: Object.keys(fields) })],
        result: { outcome: 'updated', account: put },
      };
    });
    if (update?.outcome === 'updated') {
      await Promise.all(
        lost.map(({ value, own }) => release(value, (claim) => own.some((old) => isSame(old, claim)))),
      );
    } else await claims.withdraw();
    return update;
  }

  return {
    async create(profile, actor) {
      const account = createAccount(randomUuid(), profile, clock());
      const claims = await claimAll(identitiesOf(profile), account.id);
      if ('taken' in claims) return { outcome: 'taken', kind: claims.taken };
      await records.change(account.id, (present) => {
        if (present !== null) throw new Error('A random UUID was given twice.');
        return {
          put: account,
          audit: [eventOf('user.created', account.id, actor, { extension: profile.extension })],
          result: null,
        };
      });
      return { outcome: 'created', account };
    },

    async update(id, fields, expected, actor) {
      for (let tries = 0; tries < mostTries; tries += 1) {
        const account = await loadAccount(id);
        if (account === null) return { outcome: 'not-found' };
        if (expected !== null && revisionOf(account) !== expected) return { outcome: 'overtaken' };
        const update = await tryUpdate(account, fields, actor);
        if (update !== null) return update;
      }
      throw new StoreUnavailableError(`A profile kept changing; gave up after ${mostTries} tries.`);
    },

    async remove(id, expected, actor) {
      const removed = await records.change<Account | Exclude<Removal, 'removed'>>(id, (account) => {
        if (account === null) return { result: 'not-found' };
        if (expected !== null && revisionOf(account) !== expected) return { result: 'overtaken' };
        const { extension } = account.profile;
        return {
          put: null,
          audit: [eventOf('user.removed', id, actor, { extension })],
          result: account,
        };
      });
      if (typeof removed === 'string') return removed;
      await Promise.all(
        identitiesOf(removed.profile).map(({ value }) => release(value, (claim) => claim.accountId === id)),
      );
      return 'removed';
    },

    async resolve(identity) {
      const byId = idPattern.test(identity) ? await loadAccount(identity) : null;
      if (byId !== null) return { outcome: 'found', account: byId };
      const candidates = await holders(normaliseIdentity(identity));
      const [account] = candidates;
      if (account === undefined) {
        // The look-ups of an account that is there, so that one out of a token's scope takes as long as none.
        await loadAccount('nobody');
        return { outcome: 'not-found' };
      }
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

function without(identities: readonly Identity[], others: readonly Identity[]): Identity[] {
  return identities.filter(
    ({ kind, value }) => !others.some((other) => other.kind === kind && other.value === value),
  );
}

function isSame(a: Claim, b: Claim): boolean {
  return a.accountId === b.accountId && a.kind === b.kind && a.claimedAt === b.claimedAt && a.id === b.id;
}

function eventOf(event: AuditEventName, accountId: string, actor: Actor, details: Json): AuditEvent {
  return { event, actor, accountId, subject: null, outcome: 'done', details };
}
