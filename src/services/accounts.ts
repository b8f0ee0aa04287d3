/**
 * Accounts and the identities that name them. An identity lives in a partition of its own and is claimed there before the account
 * is stored; a claim that its account doesn't bear out is stale, and may be taken over after a while.
 */
import {
  type Account,
  createAccount,
  type NewPin,
  type Profile,
  revisionOf,
  withPin,
  withProfile,
} from '../core/account.ts';
import type { Recognised } from '../core/call/event.ts';
import {
  type Identity,
  type IdentityKind,
  identitiesOf,
  normaliseIdentity,
  spelledInText,
} from '../core/identity.ts';
import type { PinPolicy } from '../core/pin/policy.ts';
import type { Peppers } from '../security/peppers.ts';
import { type Json, type Store, StoreUnavailableError, type Versioned } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import type { Actor, AuditEvent, AuditEventName } from './audit.ts';
import { createClaims } from './claims.ts';
import { load, mostTries, type UnknownExtension, unknownExtensionPlace } from './documents.ts';

/** What an identity was resolved to. Of many candidates only the first are told. */
export type Resolution =
  | { readonly outcome: 'found'; readonly account: Account }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'ambiguous'; readonly candidates: readonly Account[] };

/** Whose PIN is tried: an account, or an extension that nobody has, under its blinded name. As it was seen a moment ago. */
export type Tried =
  | { readonly kind: 'account'; readonly id: string; readonly seen: Versioned<Account> | null }
  | { readonly kind: 'unknown'; readonly id: string; readonly seen: Versioned<UnknownExtension> | null };

export type Creation =
  | { readonly outcome: 'created'; readonly account: Account }
  | { readonly outcome: 'taken'; readonly kind: IdentityKind };

/** The fields of a profile that are to change. */
export type ProfileChange = { readonly [K in keyof Profile]?: Profile[K] };

/** A PIN that an administrator gives along with a profile. `pinExpired`: it must be changed at the next sign-in. */
export interface GivenPin {
  readonly newPin: NewPin;
  readonly pinExpired: boolean;
  /** The policy that holds for an account with this profile. */
  readonly policyOf: (profile: Profile) => PinPolicy;
}

/** `overtaken`: the account isn't of the revision that was expected any more. */
export type Update =
  | { readonly outcome: 'updated'; readonly account: Account }
  | { readonly outcome: 'taken'; readonly kind: IdentityKind }
  | { readonly outcome: 'overtaken' }
  | { readonly outcome: 'not-found' };

export type Removal = 'removed' | 'overtaken' | 'not-found';

/** `dryRun`: only say what would happen. The account of a `created` was then never stored, and its id is nobody's. */
export interface AccountChangeOptions {
  readonly dryRun?: boolean;
}

/** `pin` is set in the same stroke as the profile; locks stay as they are. */
export interface WritingOptions extends AccountChangeOptions {
  readonly pin?: GivenPin;
}

/** `expected`: the account's revision, for whoever wants to change only what they have seen; null: whichever it is. */
export interface Accounts {
  /** Creates an account, unless one of its identities names another account already. It has no PIN but one that is given. */
  create(profile: Profile, actor: Actor, options?: WritingOptions): Promise<Creation>;
  /** Changes some fields of an account's profile, or nothing of it if another account has one of the new identities. */
  update(
    id: string,
    fields: ProfileChange,
    expected: number | null,
    actor: Actor,
    options?: WritingOptions,
  ): Promise<Update>;
  /** Removes an account and all it had; its identities are free at once. */
  remove(id: string, expected: number | null, actor: Actor, options?: AccountChangeOptions): Promise<Removal>;
  /** The account that has an identity of a kind that one account alone can have; null: none. */
  holderOf(identity: Identity): Promise<Account | null>;
  /**
   * Finds the account that an id or an identity names, whatever its kind.
   * @param isWanted says which accounts count; absent: all.
   */
  resolve(identity: string, isWanted?: (account: Account) => boolean): Promise<Resolution>;
  /** Whose PIN to ask for when this extension was keyed. Takes the same look-ups whether or not somebody has it. */
  triedBy(extension: string): Promise<Tried>;
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

/** An identity that fits more accounts than this isn't told of with all of them. */
const mostCandidates = 20;

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createAccounts({ store, records, peppers, clock, randomUuid }: Dependencies): Accounts {
  const { holders, claimAll, findTaken, held } = createClaims({ store, records, clock, randomUuid });

  /** The account with the PIN that is given, and what is to be recorded of that. */
  function withGivenPin(account: Account, given: GivenPin | undefined, actor: Actor) {
    if (given === undefined) return { account, events: [] };
    const { newPin, pinExpired, policyOf } = given;
    const details = { origin: 'administrator', pinExpired };
    return {
      account: withPin(account, newPin, 'administrator', pinExpired, policyOf(account.profile), clock()),
      events: [eventOf('pin.reset', account.id, actor, details)],
    };
  }

  /** One try at a change of the profile; null: the account was changed meanwhile. */
  async function tryUpdate(
    account: Account,
    fields: ProfileChange,
    actor: Actor,
    pin: GivenPin | undefined,
  ): Promise<Update | null> {
    const { id } = account;
    const profile: Profile = { ...account.profile, ...fields };
    const gained = without(identitiesOf(profile), identitiesOf(account.profile));
    const lost = await held(without(identitiesOf(account.profile), identitiesOf(profile)), id);
    const claims = await claimAll(gained, id);
    if ('taken' in claims) return { outcome: 'taken', kind: claims.taken };
    const { attempt } = claims;
    const update = await records.change<Update | null>(id, async (present) => {
      if (present === null) return { result: { outcome: 'not-found' } };
      if (revisionOf(present) !== revisionOf(account)) return { result: null };
      if (await records.isAbandoned(id, attempt)) return { result: null };
      const { account: put, events } = withGivenPin(withProfile(present, profile), pin, actor);
      return {
        put,
        attempt,
        audit: [eventOf('user.changed', id, actor, { fields: Object.keys(fields) }), ...events],
        result: { outcome: 'updated', account: put },
      };
    });
    await (update?.outcome === 'updated' ? lost.release() : claims.withdraw());
    return update;
  }

  async function wouldUpdate(account: Account, fields: ProfileChange): Promise<Update> {
    const put = withProfile(account, { ...account.profile, ...fields });
    const gained = without(identitiesOf(put.profile), identitiesOf(account.profile));
    const kind = await findTaken(gained, account.id);
    return kind === null ? { outcome: 'updated', account: put } : { outcome: 'taken', kind };
  }

  return {
    async create(profile, actor, { dryRun = false, pin } = {}) {
      if (dryRun) {
        const account = createAccount(randomUuid(), profile, clock());
        const kind = await findTaken(identitiesOf(profile), account.id);
        return kind === null ? { outcome: 'created', account } : { outcome: 'taken', kind };
      }
      for (let tries = 0; tries < mostTries; tries += 1) {
        const created = createAccount(randomUuid(), profile, clock());
        const { account, events } = withGivenPin(created, pin, actor);
        const claims = await claimAll(identitiesOf(profile), account.id);
        if ('taken' in claims) return { outcome: 'taken', kind: claims.taken };
        const { attempt } = claims;
        const isCreated = await records.change(account.id, async (present) => {
          if (present !== null) throw new Error('A random UUID was given twice.');
          if (await records.isAbandoned(account.id, attempt)) return { result: false };
          return {
            put: account,
            attempt,
            audit: [eventOf('user.created', account.id, actor, { extension: profile.extension }), ...events],
            result: true,
          };
        });
        if (isCreated) return { outcome: 'created', account };
        await claims.withdraw();
      }
      throw new StoreUnavailableError(
        `A new account kept losing its identities; gave up after ${mostTries} tries.`,
      );
    },

    async update(id, fields, expected, actor, { dryRun = false, pin } = {}) {
      for (let tries = 0; tries < mostTries; tries += 1) {
        const account = await records.load(id);
        if (account === null) return { outcome: 'not-found' };
        if (expected !== null && revisionOf(account) !== expected) return { outcome: 'overtaken' };
        if (dryRun) return wouldUpdate(account, fields);
        const update = await tryUpdate(account, fields, actor, pin);
        if (update !== null) return update;
      }
      throw new StoreUnavailableError(`A profile kept changing; gave up after ${mostTries} tries.`);
    },

    async remove(id, expected, actor, { dryRun = false } = {}) {
      const removed = await records.change<Account | Removal>(id, (account) => {
        if (account === null) return { result: 'not-found' };
        if (expected !== null && revisionOf(account) !== expected) return { result: 'overtaken' };
        if (dryRun) return { result: 'removed' };
        const { extension } = account.profile;
        return {
          put: null,
          audit: [eventOf('user.removed', id, actor, { extension })],
          result: account,
        };
      });
      if (typeof removed === 'string') return removed;
      await (await held(identitiesOf(removed.profile), id)).release();
      return 'removed';
    },

    async holderOf({ kind, value }) {
      const [account] = await holders(value, { kind, most: 1 });
      return account?.value ?? null;
    },

    async resolve(identity, isWanted = () => true) {
      const byId = idPattern.test(identity) ? await records.load(identity) : null;
      if (byId !== null && isWanted(byId)) return { outcome: 'found', account: byId };
      let isSomebodys = false;
      const value = normaliseIdentity(identity);
      const search = {
        most: mostCandidates,
        isWanted(account: Account) {
          isSomebodys = true;
          return isWanted(account);
        },
      };
      const found = await holders(value, search);
      // Version 0.1.0 claimed a distinguished name as it was written.
      const claimedAs = spelledInText(identity);
      const candidates =
        found.length > 0 || claimedAs === value ? found : await holders(value, { ...search, claimedAs });
      const accounts = candidates.map((candidate) => candidate.value);
      // The look-ups of an account that is there, so that one out of a token's scope takes as long as none.
      if (!isSomebodys) await records.load('nobody');
      const [account] = accounts;
      if (account === undefined) return { outcome: 'not-found' };
      if (accounts.length === 1) return { outcome: 'found', account };
      return { outcome: 'ambiguous', candidates: accounts.sort(byExtension) };
    },

    async triedBy(extension) {
      const [account] = await holders(normaliseIdentity(extension), { kind: 'extension', most: 1 });
      if (account !== undefined) return { kind: 'account', id: account.value.id, seen: account };
      const blinded = peppers.blind('extension', extension);
      return { kind: 'unknown', id: blinded, seen: await load(store, unknownExtensionPlace(blinded)) };
    },

    async recognise(from) {
      const [account, other] = await holders(from, { kind: 'phoneNumber', most: 2 });
      if (account === undefined || other !== undefined || !account.value.profile.enabled) return null;
      const { id, profile } = account.value;
      const { displayName: name, extension, locale } = profile;
      return { target: { kind: 'account', id }, name, extension, locale };
    },
  };
}

function without(identities: readonly Identity[], others: readonly Identity[]): Identity[] {
  return identities.filter(
    ({ kind, value }) => !others.some((other) => other.kind === kind && other.value === value),
  );
}

function byExtension({ profile: a }: Account, { profile: b }: Account): number {
  return a.extension.localeCompare(b.extension, 'en', { numeric: true });
}

function eventOf(event: AuditEventName, accountId: string, actor: Actor, details: Json): AuditEvent {
  return { event, actor, accountId, subject: null, outcome: 'done', details };
}
