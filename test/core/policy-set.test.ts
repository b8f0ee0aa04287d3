import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy, presets } from '../../src/core/pin/policy.ts';
import { findPolicy, type PolicySet, policyFor } from '../../src/core/policy-set.ts';

const entry = (minLength: number, ...units: string[]) => ({
  policy: { ...defaultPolicy, minLength },
  units,
});
const unit = (depth: number) =>
  [...Array.from({ length: depth }, (_, n) => `OU=u${depth - n}`), 'DC=example'].join(',');

describe('the policy that holds for an account', () => {
  it('is its own, then that of its unit, then default', () => {
    const stored: PolicySet = { own: entry(7), sales: entry(8, 'OU=Sales,DC=example') };
    const dn = 'CN=Ada,ou=sales, dc=example';
    const standard = { name: 'default', policy: defaultPolicy, mailText: null };
    expect(policyFor(stored, { policy: 'own', dn })).toMatchObject({ name: 'own', policy: { minLength: 7 } });
    expect(policyFor(stored, { policy: null, dn })).toMatchObject({
      name: 'sales',
      policy: { minLength: 8 },
    });
    expect(policyFor(stored, { policy: null, dn: null })).toEqual(standard);
    expect(policyFor(stored, { policy: 'gone', dn })).toEqual(standard);
    expect(policyFor(stored, { policy: null, dn: 'CN=Eve,OU=Other,DC=example' })).toEqual(standard);
  });

  it('is default as it was stored, with its text, also for a name that is gone', () => {
    const stored: PolicySet = { default: { ...entry(9), mailText: 'Call us.' } };
    for (const policy of [null, 'gone']) {
      const found = policyFor(stored, { policy, dn: null });
      expect(found).toEqual({ name: 'default', policy: entry(9).policy, mailText: 'Call us.' });
    }
  });

  it('is that of the deepest unit, in whatever order they were stored', () => {
    const depths = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 1 });
    fc.assert(
      fc.property(depths, (stored) => {
        const set = Object.fromEntries(stored.map((depth) => [`p${depth}`, entry(6, unit(depth))]));
        const { name } = policyFor(set, { policy: null, dn: `CN=Ada,${unit(5)}` });
        expect(name).toBe(`p${Math.max(...stored)}`);
      }),
    );
  });
});

describe('a policy by its name', () => {
  it('is the stored one before the preset, and nothing that every object has', () => {
    expect(findPolicy({}, 'lync')).toEqual({ policy: presets.lync, units: [] });
    expect(findPolicy({ lync: entry(9) }, 'lync')?.policy.minLength).toBe(9);
    for (const name of ['constructor', '__proto__', 'toString']) expect(findPolicy({}, name)).toBeNull();
  });
});
