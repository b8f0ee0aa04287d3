/**
 * Which policy holds for an account: its own, else that of the deepest organisational unit it lives in, else `default`.
 */
import type { Profile } from './account.ts';
import { isWithin } from './directory-name.ts';
import { defaultPolicy, type PinPolicy, presets } from './pin/policy.ts';

/** A policy and the organisational units (DNs) that it holds for. `mailText` is its own text for mails that tell a PIN. */
export interface PolicyEntry {
  readonly policy: PinPolicy;
  readonly units: readonly string[];
  readonly mailText?: string | null;
}

/** Policies by name, as they were stored; the presets are there besides, unless one was stored under the same name. */
export type PolicySet = Readonly<Record<string, PolicyEntry>>;

export interface NamedPolicy {
  readonly name: string;
  readonly policy: PinPolicy;
  readonly mailText: string | null;
}

/** Whether a policy comes with Ringkey: it can be changed, but is always there. */
export function isPreset(name: string): name is keyof typeof presets {
  return Object.hasOwn(presets, name);
}

/** The policy with this name; null when there is none. A setting that a stored one lacks has its default. */
export function findPolicy(stored: PolicySet, name: string): PolicyEntry | null {
  const entry = Object.hasOwn(stored, name) ? stored[name] : undefined;
  if (entry !== undefined) return { ...entry, policy: { ...defaultPolicy, ...entry.policy } };
  return isPreset(name) ? { policy: presets[name], units: [] } : null;
}

/** The policy that holds for an account. A name that no longer exists counts as `default`. */
export function policyFor(stored: PolicySet, { policy, dn }: Pick<Profile, 'policy' | 'dn'>): NamedPolicy {
  const name = policy ?? policyOfUnit(stored, dn) ?? 'default';
  const entry = findPolicy(stored, name);
  if (entry !== null) return { name, policy: entry.policy, mailText: entry.mailText ?? null };
  const { policy: standard, mailText = null } = findPolicy(stored, 'default') ?? { policy: defaultPolicy };
  return { name: 'default', policy: standard, mailText };
}

/** Units that hold one name lie within each other, so the deepest is the one within all others. */
function policyOfUnit(stored: PolicySet, dn: string | null): string | null {
  if (dn === null) return null;
  let deepest: { readonly name: string; readonly unit: string } | null = null;
  for (const [name, { units }] of Object.entries(stored)) {
    for (const unit of units) {
      if (isWithin(dn, unit) && (deepest === null || isWithin(unit, deepest.unit))) deepest = { name, unit };
    }
  }
  return deepest?.name ?? null;
}
