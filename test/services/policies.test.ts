import { describe, expect, it, onTestFinished } from 'vitest';
import type { PinPolicy } from '../../src/core/pin/policy.ts';
import { createAudit } from '../../src/services/audit.ts';
import type { ServiceEvent } from '../../src/services/events.ts';
import { createPolicies } from '../../src/services/policies.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { fakeClock } from '../support/clock.ts';
import { policyWith } from '../support/rules.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function openPolicies() {
  const clock = fakeClock().now;
  const store = await openEmbeddedStore({ folder: temporaryFolder(), clock });
  onTestFinished(() => store.close());
  const events: ServiceEvent[] = [];
  const audit = createAudit({ store, clock, retentionDays: 0 });
  const policies = createPolicies(store, audit, (event) => void events.push(event));
  const put = (name: string, changes: Partial<PinPolicy>) =>
    policies.put(
      name,
      { policy: policyWith(changes), units: [] },
      { kind: 'rule', name: 'test', from: null },
    );
  return { events, policies, put };
}

describe('policies', () => {
  it('has the presets from the start, and goes by what was stored under their names', async () => {
    const { policies, put } = await openPolicies();
    expect([await policies.has('lync'), await policies.has('other')]).toEqual([true, false]);
    expect((await policies.get('lync')).minLength).toBe(5);
    await put('lync', { minLength: 9 });
    expect((await policies.get('lync')).minLength).toBe(9);
  });

  it('goes by the default policy for nobody in particular and for a name that is gone', async () => {
    const { policies, put } = await openPolicies();
    await put('default', { minLength: 8 });
    expect((await policies.get(null)).minLength).toBe(8);
    expect((await policies.get('gone')).minLength).toBe(8);
  });

  it('refuses what contradicts itself, and keeps what was there', async () => {
    const { policies, put } = await openPolicies();
    expect(await put('default', { minDigitsChanged: 9 })).toEqual({
      outcome: 'refused',
      problems: [expect.stringMatching(/^minDigitsChanged must/)],
    });
    expect((await policies.get(null)).minDigitsChanged).toBe(1);
  });

  it('says once that PINs expire by age from now on', async () => {
    const { events, put } = await openPolicies();
    await put('default', { lifetimeDays: 0 });
    await put('default', { lifetimeDays: 60 });
    await put('default', { lifetimeDays: 90 });
    expect(events).toEqual([{ type: 'expiry-enabled', policy: 'default', lifetimeDays: 60 }]);
  });
});
