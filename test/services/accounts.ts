/**
 * Accounts and the identities that name them, where the door doesn't reach: namesakes by the dozen, processes that stand still or die
 * in the middle of a change. Run on each engine.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPeppers } from '../../src/security/peppers.ts';
import { createAccounts } from '../../src/services/accounts.ts';
import { createAudit } from '../../src/services/audit.ts';
import { change, identityPlace } from '../../src/services/documents.ts';
import type { Change, Store } from '../../src/store/store.ts';
import { accountRecordsOver } from '../support/account-records.ts';
import { fakeClock } from '../support/clock.ts';
import { profileWith } from '../support/profiles.ts';

const actor = { kind: 'token', name: 'test', from: null } as const;
const minuteMs = 60_000;

/** @param openStore opens an empty store. */
export function describeAccounts(engine: string, openStore: (clock: () => number) => Promise<Store>): void {
  /** Two processes on one store. What the first is about to commit can be held back, and what it asks for is counted. */
  async function open() {
    const clock = fakeClock();
    const store = await openStore(clock.now);
    let operations = 0;
    let holdBack: ((changes: readonly Change[]) => Promise<void>) | null = null;
    const first: Store = {
      ...store,
      get(key) {
        operations += 1;
        return store.get(key);
      },
      range(index, range) {
        operations += 1;
        return store.range(index, range);
      },
      async commit(changes) {
        operations += 1;
        if (holdBack !== null) await holdBack(changes);
        return store.commit(changes);
      },
    };
    const accountsOn = (given: Store) => {
      const audit = createAudit({ store: given, clock: clock.now, retentionDays: 0 });
      const records = accountRecordsOver(given, audit, clock.now);
      const peppers = createPeppers([Buffer.alloc(32, 1)]);
      return createAccounts({ store: given, records, peppers, clock: clock.now, randomUuid: randomUUID });
    };

    /** Holds back the next commit of an account; resolves when the first process stands there, with what lets it go on. */
    function untilAccountIsCommitted(): Promise<() => void> {
      return new Promise((standsThere) => {
        holdBack = (changes) => {
          if (!changes.some((one) => one.type === 'put' && one.key.name.startsWith('account:'))) {
            return Promise.resolve();
          }
          holdBack = null;
          return new Promise((goOn) => standsThere(goOn));
        };
      });
    }

    return {
      clock,
      store,
      accounts: accountsOn(first),
      other: accountsOn(store),
      untilAccountIsCommitted,
      costOf: async (work: () => Promise<unknown>) => {
        operations = 0;
        await work();
        return operations;
      },
    };
  }

  async function withAccounts(use: (opened: Awaited<ReturnType<typeof open>>) => Promise<void>) {
    const opened = await open();
    try {
      await use(opened);
    } finally {
      await opened.store.close();
    }
  }

  const idOf = async (creation: ReturnType<ReturnType<typeof createAccounts>['create']>) => {
    const created = await creation;
    if (created.outcome !== 'created') throw new Error(created.outcome);
    return created.account.id;
  };

  describe(`namesakes on ${engine}`, () => {
    const smith = (n: number) =>
      profileWith({ extension: String(2000 + n), displayName: 'John Smith', phoneNumbers: ['+14155550100'] });

    it('cost the hundredth as much as the second, and a caller from their number as well', () =>
      withAccounts(async ({ accounts, clock, costOf }) => {
        const create = (n: number) => costOf(() => accounts.create(smith(n), actor));
        const recognise = () => costOf(() => accounts.recognise('+14155550100'));
        await create(1);
        const second = await create(2);
        const call = await recognise();
        clock.advance(2 * minuteMs);
        for (let n = 3; n < 100; n += 1) await create(n);
        expect(await create(100)).toBe(second);
        expect(await recognise()).toBe(call);
        expect(await accounts.recognise('+14155550100')).toBeNull();
      }));

    it('are told of with the first twenty, and each is found among those that a caller may see', () =>
      withAccounts(async ({ accounts }) => {
        for (let n = 1; n <= 45; n += 1) await accounts.create(smith(n), actor);
        const found = await accounts.resolve('john smith');
        expect(found.outcome === 'ambiguous' && found.candidates.length).toBe(20);
        for (const extension of ['2001', '2045']) {
          const isSeen = ({ profile }: { profile: { extension: string } }) => profile.extension === extension;
          expect(await accounts.resolve('JOHN SMITH', isSeen)).toMatchObject({
            outcome: 'found',
            account: { profile: { extension } },
          });
        }
      }));

    it('go when they are renamed or removed', () =>
      withAccounts(async ({ accounts, store }) => {
        const [one, two, three] = [
          await idOf(accounts.create(smith(1), actor)),
          await idOf(accounts.create(smith(2), actor)),
          await idOf(accounts.create(smith(3), actor)),
        ];
        await accounts.remove(one, null, actor);
        expect(await accounts.resolve('john smith')).toMatchObject({ outcome: 'ambiguous' });
        await accounts.update(two, { displayName: 'Jane Smith', phoneNumbers: [] }, null, actor);
        expect(await accounts.resolve('john smith')).toMatchObject({ account: { id: three } });
        expect(await accounts.resolve('jane smith')).toMatchObject({ account: { id: two } });
        expect(await accounts.recognise('+14155550100')).toMatchObject({ target: { id: three } });
        await accounts.update(three, { displayName: null }, null, actor);
        expect(await accounts.resolve('john smith')).toEqual({ outcome: 'not-found' });
        const { partition } = identityPlace('john smith').key;
        expect(await store.range({ partition, name: 'claims' }, { limit: 10 })).toEqual([]);
      }));

    it('are found by claims of an earlier version too, which go as well', () =>
      withAccounts(async ({ accounts, store, clock }) => {
        const one = await idOf(accounts.create(smith(1), actor));
        const two = await idOf(accounts.create(smith(2), actor));
        // An earlier version kept the claims of names in the document.
        const { partition } = identityPlace('john smith').key;
        const index = { partition, name: 'claims' };
        const members = await store.range(index, { limit: 10 });
        await store.commit(members.map((member) => ({ type: 'remove-member', index, member })));
        await change(store, identityPlace('john smith'), () => {
          const claims = [one, two].map((accountId) => ({
            accountId,
            kind: 'displayName',
            claimedAt: clock.now(),
          }));
          return { put: { schemaVersion: 1, claims }, result: null };
        });
        expect(await accounts.resolve('john smith')).toMatchObject({ outcome: 'ambiguous' });
        await accounts.remove(one, null, actor);
        expect(await accounts.resolve('john smith')).toMatchObject({ account: { id: two } });
        expect((await store.get(identityPlace('john smith').key))?.value).toMatchObject({
          claims: [{ accountId: two }],
        });
      }));
  });

  describe(`a directory name on ${engine}`, () => {
    it('that an earlier version claimed as it was written is found by that', () =>
      withAccounts(async ({ accounts, store }) => {
        const dn = 'CN=Ada, OU=Sales';
        const id = await idOf(accounts.create(profileWith({ extension: '2001', dn }), actor));
        const claimed = await store.get(identityPlace('cn=ada,ou=sales').key);
        if (claimed === null) throw new Error('The name is not claimed.');
        const { version: expected, value } = claimed;
        await store.commit([{ type: 'delete', key: identityPlace('cn=ada,ou=sales').key, expected }]);
        const key = identityPlace('cn=ada, ou=sales').key;
        await store.commit([{ type: 'put', key, expected: null, value }]);
        expect(await accounts.resolve('cn=ADA, ou=Sales')).toMatchObject({ account: { id } });
      }));
  });

  describe(`a process that stands still between its claims and its account, on ${engine}`, () => {
    const profile = profileWith({ extension: '2001', email: 'ada@example.com' });

    it('keeps its identities for a minute', () =>
      withAccounts(async ({ accounts, other, clock, untilAccountIsCommitted }) => {
        const standing = untilAccountIsCommitted();
        const creation = accounts.create(profile, actor);
        const goOn = await standing;
        clock.advance(minuteMs - 1);
        expect(await other.create(profile, actor)).toMatchObject({ outcome: 'taken' });
        goOn();
        expect(await creation).toMatchObject({ outcome: 'created' });
        clock.advance(minuteMs);
        expect(await other.create(profile, actor)).toMatchObject({ outcome: 'taken' });
      }));

    it('stores no account whose identities another has by then', () =>
      withAccounts(async ({ accounts, other, clock, untilAccountIsCommitted }) => {
        const standing = untilAccountIsCommitted();
        const creation = accounts.create(profile, actor);
        const goOn = await standing;
        clock.advance(minuteMs);
        const id = await idOf(other.create(profileWith({ extension: '2001' }), actor));
        goOn();
        expect(await creation).toEqual({ outcome: 'taken', kind: 'extension' });
        expect(await other.resolve('2001')).toMatchObject({ account: { id } });
        expect(await other.resolve('ada@example.com')).toEqual({ outcome: 'not-found' });
        expect(
          await other.create(profileWith({ extension: '2002', email: 'ada@example.com' }), actor),
        ).toMatchObject({ outcome: 'created' });
      }));

    it('tries again when whoever took an identity from it has none of it any more', () =>
      withAccounts(async ({ accounts, other, clock, untilAccountIsCommitted }) => {
        const standing = untilAccountIsCommitted();
        const creation = accounts.create(profile, actor);
        const goOn = await standing;
        clock.advance(minuteMs);
        const id = await idOf(other.create(profileWith({ extension: '2001' }), actor));
        await other.remove(id, null, actor);
        goOn();
        const created = await idOf(creation);
        for (const identity of ['2001', 'ada@example.com']) {
          expect(await other.resolve(identity)).toMatchObject({ account: { id: created } });
        }
      }));

    it('changes no profile to an identity that another has by then', () =>
      withAccounts(async ({ accounts, other, clock, untilAccountIsCommitted }) => {
        const id = await idOf(accounts.create(profileWith({ extension: '2000' }), actor));
        const standing = untilAccountIsCommitted();
        const update = accounts.update(id, { extension: '2001' }, null, actor);
        const goOn = await standing;
        clock.advance(minuteMs);
        const taker = await idOf(other.create(profileWith({ extension: '2001' }), actor));
        goOn();
        expect(await update).toEqual({ outcome: 'taken', kind: 'extension' });
        expect(await other.resolve('2000')).toMatchObject({ account: { id } });
        expect(await other.resolve('2001')).toMatchObject({ account: { id: taker } });
      }));
  });
}
