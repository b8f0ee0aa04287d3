/**
 * The PIN policies by name. The presets exist from the start; one that was stored under the same name goes before it.
 */
import { defaultPolicy, type PinPolicy, policyProblems, presets } from '../core/pin/policy.ts';
import type { Store } from '../store/store.ts';
import { change, load, serverPlace } from './documents.ts';
import type { Report } from './events.ts';

interface PolicyDocument {
  readonly schemaVersion: 1;
  readonly policy: PinPolicy;
}

export interface Policies {
  /** The policy with this name; null names `default`, and so does a name that no longer exists. */
  get(name: string | null): Promise<PinPolicy>;
  /** Whether there is a policy with this name. */
  has(name: string): Promise<boolean>;
  /**
   * Stores a policy; it holds from the next sign-in on.
   * @throws PolicyError naming everything that is wrong with it.
   */
  put(name: string, policy: PinPolicy): Promise<void>;
}

/** A policy that is out of range or contradicts itself. */
class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join(' '));
    this.problems = problems;
  }
}

export function createPolicies(store: Store, report: Report): Policies {
  const find = async (name: string): Promise<PinPolicy | null> => {
    const stored = await load(store, place(name));
    if (stored !== null) return { ...defaultPolicy, ...stored.value.policy };
    return isPreset(name) ? presets[name] : null;
  };
  return {
    async get(name) {
      return (await find(name ?? 'default')) ?? (await find('default')) ?? defaultPolicy;
    },
    async has(name) {
      return (await find(name)) !== null;
    },
    async put(name, policy) {
      const problems = policyProblems(policy);
      if (problems.length > 0) throw new PolicyError(problems);
      const { lifetimeDays } = policy;
      const before = await change<PolicyDocument, number>(store, place(name), async () => ({
        put: { schemaVersion: 1, policy },
        result: (await find(name))?.lifetimeDays ?? 0,
      }));
      if (before === 0 && lifetimeDays > 0) report({ type: 'expiry-enabled', policy: name, lifetimeDays });
    },
  };
}

function place(name: string) {
  return serverPlace<PolicyDocument>(`policy:${name}`);
}

function isPreset(name: string): name is keyof typeof presets {
  return Object.hasOwn(presets, name);
}
