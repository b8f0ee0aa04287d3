/**
 * The PIN policies, all in one document: which of them holds for an account takes one look-up, and no two can hold one unit.
 */
import type { Profile } from '../core/account.ts';
import { isDirectoryName, isWithin } from '../core/directory-name.ts';
import { type PinPolicy, policyProblems, presets } from '../core/pin/policy.ts';
import {
  findPolicy,
  isPreset,
  type NamedPolicy,
  type PolicyEntry,
  type PolicySet,
  policyFor,
} from '../core/policy-set.ts';
import { type Store, StoreUnavailableError } from '../store/store.ts';
import { policyIndexKey } from './account-records.ts';
import type { Actor, Audit, AuditEventName } from './audit.ts';
import {
  accountPartitions,
  type Document,
  load,
  mostTries,
  putOf,
  serverPartition,
  serverPlace,
} from './documents.ts';
import type { Report } from './events.ts';

interface PoliciesDocument extends Document {
  /** How often the document was changed; each entry keeps what it was when it was stored. */
  readonly revision: number;
  readonly policies: Readonly<Record<string, PolicyEntry & { readonly revision: number }>>;
}

/** A policy as it is listed. `revision` is another one after each change of it; 0: it is as it came with Ringkey. */
export interface ListedPolicy extends PolicyEntry {
  readonly name: string;
  readonly revision: number;
}

/** `expected`: the revision that is to be replaced; absent: whichever is there. `dryRun`: only say what would happen. */
export interface PolicyChangeOptions {
  readonly expected?: number;
  readonly dryRun?: boolean;
}

export type PolicyChange =
  | { readonly outcome: 'stored'; readonly policy: ListedPolicy }
  | { readonly outcome: 'refused'; readonly problems: readonly string[] }
  | { readonly outcome: 'overtaken' };

export type PolicyRemoval =
  | { readonly outcome: 'removed'; readonly policy: ListedPolicy }
  | { readonly outcome: 'not-found' | 'in-use' | 'overtaken' };

export interface Policies {
  /** The policy with this name; null names `default`, and so does a name that no longer exists. */
  get(name: string | null): Promise<PinPolicy>;
  /** The policy that holds for an account with this profile; null: for no account. */
  forAccount(profile: Pick<Profile, 'policy' | 'dn'> | null): Promise<NamedPolicy>;
  /** Whether there is a policy with this name. */
  has(name: string): Promise<boolean>;
  /** All that were stored, for whoever asks about many accounts. */
  stored(): Promise<PolicySet>;
  /** All, presets too, by name. */
  list(): Promise<readonly ListedPolicy[]>;
  /** Stores a policy; it holds from the next sign-in on. Refused when it is out of range or contradicts itself or another. */
  put(name: string, entry: PolicyEntry, actor: Actor, options?: PolicyChangeOptions): Promise<PolicyChange>;
  /** Removes a policy that no account and no unit uses. A preset is always in use. */
  remove(name: string, actor: Actor, options?: PolicyChangeOptions): Promise<PolicyRemoval>;
}

const place = serverPlace<PoliciesDocument>('policies');

const none: PoliciesDocument = { schemaVersion: 1, revision: 0, policies: {} };

/** What a decision makes of the policies; `policies` absent: nothing is changed. */
interface PoliciesDecision<R> {
  readonly policies?: PoliciesDocument['policies'];
  readonly event: AuditEventName;
  readonly result: R;
}

export function createPolicies(store: Store, audit: Audit, report: Report): Policies {
  const read = async () => (await load(store, place))?.value ?? none;
  const stored = async () => (await read()).policies;

  async function changeAll<R>(
    name: string,
    actor: Actor,
    decide: (document: PoliciesDocument) => PoliciesDecision<R> | Promise<PoliciesDecision<R>>,
  ): Promise<R> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await load(store, place);
      const before = found?.value ?? none;
      const { policies, event, result } = await decide(before);
      if (policies === undefined) return result;
      const put = { ...before, revision: before.revision + 1, policies };
      const record = {
        event,
        actor,
        accountId: null,
        subject: name,
        outcome: 'done',
        details: null,
      } as const;
      const changes = [
        putOf(place, found?.version ?? null, put),
        ...(await audit.plan(serverPartition, [record])),
      ];
      if ((await store.commit(changes)) === 'committed') return result;
    }
    throw new StoreUnavailableError(`The policies kept changing; gave up after ${mostTries} tries.`);
  }

  async function isAssigned(name: string): Promise<boolean> {
    const members = await Promise.all(
      accountPartitions.map((partition) => store.range(policyIndexKey(partition, name), { limit: 1 })),
    );
    return members.flat().length > 0;
  }

  return {
    stored,
    get: async (name) => policyFor(await stored(), { policy: name, dn: null }).policy,
    forAccount: async (profile) => policyFor(await stored(), profile ?? { policy: null, dn: null }),
    has: async (name) => findPolicy(await stored(), name) !== null,

    async list() {
      const { policies } = await read();
      const names = [...new Set([...Object.keys(presets), ...Object.keys(policies)])].sort();
      return names.flatMap((name) => {
        const entry = findPolicy(policies, name);
        return entry === null ? [] : [{ ...entry, name, revision: revisionOf(policies, name) }];
      });
    },

    async put(name, entry, actor, { expected, dryRun = false } = {}) {
      let lifetimeBefore = 0;
      const change = await changeAll<PolicyChange>(name, actor, ({ revision, policies }) => {
        const event = 'policy.stored';
        if (expected !== undefined && expected !== revisionOf(policies, name)) {
          return { event, result: { outcome: 'overtaken' } };
        }
        const problems = [...policyProblems(entry.policy), ...unitProblems(name, entry.units, policies)];
        if (problems.length > 0) return { event, result: { outcome: 'refused', problems } };
        lifetimeBefore = findPolicy(policies, name)?.policy.lifetimeDays ?? 0;
        const put = { ...entry, revision: revision + 1 };
        const result = { outcome: 'stored', policy: { ...put, name } } as const;
        return { event, result, ...(dryRun ? {} : { policies: { ...policies, [name]: put } }) };
      });
      const { lifetimeDays } = entry.policy;
      if (change.outcome === 'stored' && !dryRun && lifetimeBefore === 0 && lifetimeDays > 0) {
        report({ type: 'expiry-enabled', policy: name, lifetimeDays });
      }
      return change;
    },

    remove(name, actor, { expected, dryRun = false } = {}) {
      return changeAll<PolicyRemoval>(name, actor, async ({ policies }) => {
        const event = 'policy.removed';
        const entry = findPolicy(policies, name);
        if (entry === null) return { event, result: { outcome: 'not-found' } };
        if (expected !== undefined && expected !== revisionOf(policies, name)) {
          return { event, result: { outcome: 'overtaken' } };
        }
        if (isPreset(name) || entry.units.length > 0 || (await isAssigned(name))) {
          return { event, result: { outcome: 'in-use' } };
        }
        const { [name]: _removed, ...others } = policies;
        const policy = { ...entry, name, revision: revisionOf(policies, name) };
        return { event, result: { outcome: 'removed', policy }, ...(dryRun ? {} : { policies: others }) };
      });
    },
  };
}

function revisionOf(policies: PoliciesDocument['policies'], name: string): number {
  return Object.hasOwn(policies, name) ? (policies[name]?.revision ?? 0) : 0;
}

function unitProblems(name: string, units: readonly string[], policies: PolicySet): string[] {
  return units.flatMap((unit) => {
    if (!isDirectoryName(unit)) return [`${unit} is not a distinguished name.`];
    const other = Object.entries(policies).find(
      ([otherName, entry]) => otherName !== name && entry.units.some((taken) => isSameUnit(taken, unit)),
    );
    return other === undefined ? [] : [`${unit} has the policy ${other[0]} already.`];
  });
}

function isSameUnit(a: string, b: string): boolean {
  return isWithin(a, b) && isWithin(b, a);
}
