/**
 * What a change of a policy would do to the accounts, before it is made.
 */
import { pinStatusOf } from '../core/pin-status.ts';
import { type PolicyEntry, policyFor } from '../core/policy-set.ts';
import type { AccountFinder } from './find-accounts.ts';
import type { Policies } from './policies.ts';

/** How many accounts the policy would hold for, and how many of those it would newly put to something. */
export interface PolicyImpact {
  readonly users: number;
  /** They would have to change their PIN at the next sign-in. */
  readonly mustChange: number;
  /** They would be locked, because nobody used them for too long. */
  readonly locked: number;
}

/** Looks at every account, one after the other, and changes nothing. */
export type MeasurePolicy = (name: string, entry: PolicyEntry) => Promise<PolicyImpact>;

export function createPolicyImpact(
  finder: AccountFinder,
  policies: Policies,
  clock: () => number,
): MeasurePolicy {
  return async (name, entry) => {
    const changed = { ...(await policies.stored()), [name]: entry };
    const impact = { users: 0, mustChange: 0, locked: 0 };
    for await (const { account, status } of finder.all({ filter: {}, scope: null })) {
      const held = policyFor(changed, account.profile);
      if (held.name !== name) continue;
      const after = pinStatusOf(account, held, clock());
      impact.users += 1;
      if (after.pinExpired && !status.pinExpired) impact.mustChange += 1;
      if (after.lockedOut && !status.lockedOut) impact.locked += 1;
    }
    return impact;
  };
}
