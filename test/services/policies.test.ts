import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServiceEvent } from '../../src/services/events.ts';
import { createPolicies } from '../../src/services/policies.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { fakeClock } from '../support/clock.ts';
import { policyWith } from '../support/rules.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function openPolicies() {
  const store = await openEmbeddedStore({ folder: temporaryFolder(), clock: fakeClock().now });
  onTestFinished(() => store.close());
  const events: ServiceEvent[] = [];
  return { events, policies: createPolicies(store, (event) => events.push(event)) };
}

describe('policies', () => {
  it('has the presets from the start, and goes by what was stored under their names', async () => {
    const { policies } = await openPolicies();
    expect([await policies.has('lync'), await policies.has('other')]).toEqual([true, false]);
    expect((await policies.get('lync')).minLength).toBe(5);
    await policies.put('lync', policyWith({ minLength: 9 }));
    expect((await policies.get('lync')).minLength).toBe(9);
  });

  it('goes by the default policy for nobody in particular and for a name that is gone', async () => {
    const { policies } = await openPolicies();
    await policies.put('default', policyWith({ minLength: 8 }));
    expect((await policies.get(null)).minLength).toBe(8);
    expect((await policies.get('gone')).minLength).toBe(8);
  });

  it('refuses what contradicts itself, and keeps what was there', async () => {
    const { policies } = await openPolicies();
    await expect(policies.put('default', policyWith({ minDigitsChanged: 9 }))).rejects.toThrow(
      /minDigitsChanged must/,
    );
    expect((await policies.get(null)).minDigitsChanged).toBe(1);
  });

  it('says once that PINs expire by age from now on', async () => {
    const { events, policies } = await openPolicies();
    await policies.put('default', policyWith({ lifetimeDays: 0 }));
    await policies.put('default', policyWith({ lifetimeDays: 60 }));
    await policies.put('default', policyWith({ lifetimeDays: 90 }));
    expect(events).toEqual([{ type: 'expiry-enabled', policy: 'default', lifetimeDays: 60 }]);
  });
});
