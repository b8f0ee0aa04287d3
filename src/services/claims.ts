/**
 * Who claims which identity. An identity lives in a partition of its own and is claimed there before the account is stored, since no
 * commit reaches both. Only claims that their account bears out count.
 *
 * A value that names one account alone has a document with its claims. Values that several may have, such as a name, would make
 * that document grow with every namesake: their claims are members of an index beside it, and never in each other's way.
 */
import type { Account } from '../core/account.ts';
import { type Identity, type IdentityKind, identitiesOf, isShared } from '../core/identity.ts';
import type { Key, Store, Versioned } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import { change, type IdentityDocument, identityPlace, load } from './documents.ts';

/** Claims that were made together, for one change of an account. */
export interface Claimed {
  /** Names the attempt: an account is stored under it, or not at all if it was abandoned. */
  readonly attempt: string;
  withdraw(): Promise<void>;
}

/** Which accounts to look for. */
export interface HolderSearch {
  /** Absent: whatever the kind. */
  readonly kind?: IdentityKind;
  /** No more than this many. */
  readonly most: number;
  readonly isWanted?: (account: Account) => boolean;
  /** The spelling that it may be claimed under; absent: that of the value. */
  readonly claimedAs?: string;
}

export interface Claims {
  /** The accounts that carry an identity. */
  holders(value: string, search: HolderSearch): Promise<readonly Versioned<Account>[]>;
  /** Claims all of these identities for an account, or none: `taken` is one that another account holds. */
  claimAll(
    identities: readonly Identity[],
    accountId: string,
  ): Promise<Claimed | { readonly taken: IdentityKind }>;
  /** The one of these identities that {@link claimAll} would find taken now; null: none. Changes nothing. */
  findTaken(identities: readonly Identity[], accountId: string): Promise<IdentityKind | null>;
  /**
   * Claims those of an account's identities that it doesn't claim yet, for an account that is stored already.
   * @returns the kinds that another account holds, and that therefore stay unclaimed.
   */
  claimMissing(account: Account): Promise<readonly IdentityKind[]>;
  /** The claims that an account has on these identities now, to be released. Later ones belong to a later change. */
  held(identities: readonly Identity[], accountId: string): Promise<{ release(): Promise<void> }>;
}

interface Dependencies {
  readonly store: Store;
  readonly records: AccountRecords;
  readonly clock: () => number;
  /** A UUID. */
  readonly randomUuid: () => string;
}

type Claim = IdentityDocument['claims'][number];

/** How long a claim without its account is respected: its account may be about to be stored. */
const claimGraceMs = 60_000;

/** Accounts that are looked at together. */
const largestPage = 32;

export function createClaims({ store, records, clock, randomUuid }: Dependencies): Claims {
  /** Those who claim an identity, in pages: first by its document, then by its index. */
  async function* claimants(value: string, { kind, most }: HolderSearch) {
    const page = Math.min(most, largestPage);
    const readsIndex = kind === undefined || isShared(kind);
    const read = (after?: string) =>
      store.range(sharedClaims(value), { limit: page, ...(after === undefined ? {} : { after }) });
    const fits = (claim: { readonly kind: string }) => kind === undefined || claim.kind === kind;
    let [document, members] = await Promise.all([
      load(store, identityPlace(value)),
      readsIndex ? read() : [],
    ]);
    yield (document?.value.claims ?? []).filter(fits).map(({ accountId }) => accountId);
    while (members.length > 0) {
      yield members
        .map(parseMember)
        .filter(fits)
        .map(({ accountId }) => accountId);
      members = members.length < page ? [] : await read(members.at(-1));
    }
  }

  /** Claims an identity that several accounts may have. */
  async function share({ kind, value }: Identity, accountId: string, attempt: string): Promise<void> {
    const member = memberOf({ accountId, kind, attempt });
    await store.commit([{ type: 'add-member', index: sharedClaims(value), member }]);
  }

  /** Claims an identity for one account alone, unless another one holds it. */
  async function take({ kind, value }: Identity, accountId: string, attempt: string): Promise<boolean> {
    const own: Claim = { accountId, kind, claimedAt: clock(), id: attempt };
    return change<IdentityDocument, boolean>(store, identityPlace(value), async (document) => {
      const kept = [];
      for (const existing of document?.claims ?? []) {
        if (!(await isVoid(existing, value))) kept.push(existing);
      }
      return kept.some((other) => isInTheWay(other, kind, accountId))
        ? { result: false }
        : { put: { schemaVersion: 1, claims: [...kept, own] }, result: true };
    });
  }

  /**
   * Whether a claim may be taken over: its account doesn't bear it out, and never will. An attempt that only takes long, in a process
   * that stood still, is abandoned first, so that its account can't be stored afterwards.
   */
  async function isVoid(claim: Claim, value: string): Promise<boolean> {
    if (isFresh(claim) || (await isBorneOut(claim, value))) return false;
    if (claim.id !== undefined) await records.abandon(claim.accountId, claim.id);
    return !(await isBorneOut(claim, value));
  }

  function isFresh({ claimedAt }: Claim): boolean {
    // A claim that is much later than now is one by a clock that was ahead.
    return Math.abs(clock() - claimedAt) < claimGraceMs;
  }

  async function isBorneOut({ accountId, kind }: Claim, value: string): Promise<boolean> {
    const account = await records.load(accountId);
    return account !== null && carries(account, value, kind);
  }

  async function removeFrom(value: string, isReleased: (claim: Claim) => boolean): Promise<void> {
    await change<IdentityDocument, null>(store, identityPlace(value), (document) => {
      const kept = document?.claims.filter((claim) => !isReleased(claim)) ?? [];
      if (document === null || kept.length === document.claims.length) return { result: null };
      return { put: { ...document, claims: kept }, result: null };
    });
  }

  async function unshare(value: string, members: readonly string[]): Promise<void> {
    const index = sharedClaims(value);
    await store.commit(members.map((member) => ({ type: 'remove-member', index, member })));
  }

  async function membersOf({ kind, value }: Identity, accountId: string): Promise<readonly string[]> {
    const beginning = memberOf({ accountId, kind, attempt: '' });
    const members = await store.range(sharedClaims(value), { after: beginning, limit: largestPage });
    return members.filter((member) => member.startsWith(beginning));
  }

  async function isClaimed(identity: Identity, accountId: string): Promise<boolean> {
    const document = await load(store, identityPlace(identity.value));
    const isOwn = (claim: Claim) => claim.accountId === accountId && claim.kind === identity.kind;
    if (document?.value.claims.some(isOwn)) return true;
    return isShared(identity.kind) && (await membersOf(identity, accountId)).length > 0;
  }

  return {
    async holders(value, search) {
      const { kind, most, isWanted = () => true } = search;
      const found: Versioned<Account>[] = [];
      const seen = new Set<string>();
      for await (const page of claimants(search.claimedAs ?? value, search)) {
        const ids = [...new Set(page)].filter((id) => !seen.has(id));
        for (const id of ids) seen.add(id);
        const accounts = await Promise.all(ids.map(records.look));
        const holders = accounts.filter((account) => account !== null);
        found.push(
          ...holders.filter((account) => carries(account.value, value, kind) && isWanted(account.value)),
        );
        if (found.length >= most) return found.slice(0, most);
      }
      return found;
    },

    async claimAll(identities, accountId) {
      const attempt = randomUuid();
      const claimed: Identity[] = [];
      const withdraw = async () => {
        await Promise.all(
          claimed.map(({ kind, value }) =>
            isShared(kind)
              ? unshare(value, [memberOf({ accountId, kind, attempt })])
              : removeFrom(value, (claim) => claim.id === attempt),
          ),
        );
      };
      for (const identity of identities) {
        if (isShared(identity.kind)) await share(identity, accountId, attempt);
        else if (!(await take(identity, accountId, attempt))) {
          await withdraw();
          return { taken: identity.kind };
        }
        claimed.push(identity);
      }
      return { attempt, withdraw };
    },

    async claimMissing({ id, profile }) {
      const taken: IdentityKind[] = [];
      for (const identity of identitiesOf(profile)) {
        if (await isClaimed(identity, id)) continue;
        const attempt = randomUuid();
        if (isShared(identity.kind)) await share(identity, id, attempt);
        else if (!(await take(identity, id, attempt))) taken.push(identity.kind);
      }
      return taken;
    },

    async findTaken(identities, accountId) {
      for (const { kind, value } of identities.filter((identity) => !isShared(identity.kind))) {
        const document = await load(store, identityPlace(value));
        const others = document?.value.claims.filter((claim) => isInTheWay(claim, kind, accountId)) ?? [];
        for (const claim of others) {
          if (isFresh(claim) || (await isBorneOut(claim, value))) return kind;
        }
      }
      return null;
    },

    async held(identities, accountId) {
      const held = await Promise.all(
        identities.map(async (identity) => {
          const document = await load(store, identityPlace(identity.value));
          const claims = (document?.value.claims ?? []).filter(
            (claim) => claim.accountId === accountId && claim.kind === identity.kind,
          );
          const members = isShared(identity.kind) ? await membersOf(identity, accountId) : [];
          return { value: identity.value, claims, members };
        }),
      );
      return {
        async release() {
          await Promise.all(
            held.map(async ({ value, claims, members }) => {
              if (claims.length > 0)
                await removeFrom(value, (claim) => claims.some((own) => isSame(own, claim)));
              if (members.length > 0) await unshare(value, members);
            }),
          );
        },
      };
    },
  };
}

/** The claims on a value by accounts that don't mind each other. */
function sharedClaims(value: string): Key {
  return { partition: identityPlace(value).key.partition, name: 'claims' };
}

interface SharedClaim {
  readonly accountId: string;
  readonly kind: string;
  readonly attempt: string;
}

function memberOf({ accountId, kind, attempt }: SharedClaim): string {
  return [accountId, kind, attempt].join('|');
}

function parseMember(member: string): SharedClaim {
  const [accountId = '', kind = '', attempt = ''] = member.split('|');
  return { accountId, kind, attempt };
}

function carries(account: Account, value: string, kind: string | undefined): boolean {
  return identitiesOf(account.profile).some(
    (own) => own.value === value && (kind === undefined || own.kind === kind),
  );
}

function isInTheWay(claim: Claim, kind: IdentityKind, accountId: string): boolean {
  return claim.kind === kind && claim.accountId !== accountId;
}

function isSame(a: Claim, b: Claim): boolean {
  return a.accountId === b.accountId && a.kind === b.kind && a.claimedAt === b.claimedAt && a.id === b.id;
}
