/** Policies and rules for tests: the defaults with what a test is about changed. */
import type { Rules } from '../../src/core/call/step.ts';
import { defaultPolicy, type PinPolicy } from '../../src/core/pin/policy.ts';

export function policyWith(changes: Partial<PinPolicy>): PinPolicy {
  return { ...defaultPolicy, ...changes };
}

export function rulesWith(
  changes: Partial<PinPolicy> = {},
  rules: Partial<Omit<Rules, 'policy'>> = {},
): Rules {
  return { policy: policyWith(changes), handsOver: false, now: 1_700_000_000_000, ...rules };
}
