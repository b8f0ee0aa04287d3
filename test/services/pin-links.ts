/**
 * What the service does with a request for a link, counted at the store: nothing before the answer, and alike for nobody and somebody.
 * Run on each engine.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createHasher } from '../../src/security/hasher.ts';
import { createPeppers } from '../../src/security/peppers.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import { createPinLinks } from '../../src/services/pin-links.ts';
import { createPolicies } from '../../src/services/policies.ts';
import type { Store } from '../../src/store/store.ts';
import { accountRecordsOver } from '../support/account-records.ts';
import { fakeClock } from '../support/clock.ts';
import { profileWith } from '../support/profiles.ts';

const actor = { kind: 'token', name: 'test', from: null } as const;

/** @param openStore opens an empty store. */
export function describePinLinks(engine: string, openStore: (clock: () => number) => Promise<Store>): void {
  async function open() {
    const clock = fakeClock();
    const store = await openStore(clock.now);
    const done: string[] = [];
    const counted: Store = {
      ...store,
      get: (key) => store.get(key).finally(() => done.push('get')),
      commit: (changes) => store.commit(changes).finally(() => done.push('commit')),
      addToCounter: (counter, by) => store.addToCounter(counter, by).finally(() => done.push('count')),
    };
    const peppers = createPeppers([Buffer.alloc(32, 1)]);
    const audit = createAudit({ store: counted, clock: clock.now, retentionDays: 0 });
    const records = accountRecordsOver(counted, audit, clock.now);
    const failures: unknown[] = [];
    const accounts = createAccounts({
      ...{ store: counted, records, peppers, randomUuid: randomUUID },
      clock: clock.now,
    });
    const links = createPinLinks({
      ...{ store: counted, records, accounts, audit, peppers, randomBytes },
      policies: createPolicies(counted, audit, () => {}),
      hasher: await createHasher({
        peppers,
        cost: { memoryKib: 64, passes: 1, lanes: 1 },
        concurrency: 1,
        longestWaitMs: 1000,
      }),
      page: 'http://localhost/me',
      requestsPerHour: 20,
      clock: clock.now,
      randomId: randomUUID,
      report: () => {},
      failed: (error) => failures.push(error),
    });
    return { store, done, links, accounts, failures };
  }

  const requestFor = (identity: string) => ({ identity, browser: 'b'.repeat(43), from: null });

  describe(`requests for links on ${engine}`, () => {
    it('touch nothing before they are answered, and then count and store, for nobody as for somebody', async () => {
      const { store, done, links, accounts, failures } = await open();
      await accounts.create(profileWith({ email: 'ada@example.com' }), actor);
      await accounts.create(profileWith({ extension: '4712' }), actor);
      await accounts.create(
        profileWith({ extension: '4713', email: 'off@example.com', enabled: false }),
        actor,
      );
      for (const identity of ['4711', 'ada@example.com', '4712', '4713', '9999', 'nobody@example.com']) {
        let answer = () => {};
        const answered = new Promise<void>((resolve) => {
          answer = resolve;
        });
        done.splice(0);
        expect(links.ask(requestFor(identity), answered)).toBe(true);
        // Whatever would be under way in the store is done before this is.
        await store.ping();
        expect(done).toEqual([]);
        answer();
        await links.settled();
        expect(done.filter((one) => one !== 'get')).toEqual(['count', 'commit']);
      }
      expect(failures).toEqual([]);
      await store.close();
    });

    it('are not taken when too many wait', async () => {
      const { store, links } = await open();
      let answer = () => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const taken = Array.from({ length: 501 }, () => links.ask(requestFor('9999'), answered));
      expect(taken.filter((one) => !one)).toHaveLength(1);
      expect(taken.at(-1)).toBe(false);
      answer();
      await links.settled();
      expect(links.ask(requestFor('9999'), Promise.resolve())).toBe(true);
      await links.settled();
      await store.close();
    });
  });
}
