/**
 * What every store engine promises: each sentence of the port (`src/store/store.ts`) is a test here, run against each engine.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Addition, Change, CounterKey, Json, Key, Store } from '../../src/store/store.ts';
import { fakeClock } from '../support/clock.ts';

/** @param open opens a store that goes by this clock. It is closed after the tests. */
export function describeStore(engine: string, open: (clock: () => number) => Promise<Store>): void {
  describe(`${engine} keeps the contract of a store`, () => {
    const clock = fakeClock();
    let store: Store;
    beforeAll(async () => {
      store = await open(clock.now);
    });
    afterAll(() => store.close());

    describe('documents', () => {
      test('what was never put is absent', async () => {
        expect(await store.get(newKey())).toBeNull();
      });

      test('what was put is read with a version', async () => {
        const key = newKey();
        expect(await store.commit([put(key, null, { name: 'Ada' })])).toBe('committed');
        expect(await store.get(key)).toEqual({ value: { name: 'Ada' }, version: expect.any(String) });
      });

      test('a put over the version that was read replaces the value and the version', async () => {
        const key = newKey();
        const before = await putNew(key, 1);
        expect(await store.commit([put(key, before, 2)])).toBe('committed');
        const after = await store.get(key);
        expect(after?.value).toBe(2);
        expect(after?.version).not.toBe(before);
      });

      test('a put takes the version that it is given', async () => {
        const key = newKey();
        const version = crypto.randomUUID();
        await store.commit([{ type: 'put', key, expected: null, value: 1, version }]);
        expect(await store.get(key)).toEqual({ value: 1, version });
        expect(await store.commit([put(key, version, 2)])).toBe('committed');
      });

      test('a put over an older version is a conflict and changes nothing', async () => {
        const key = newKey();
        const first = await putNew(key, 1);
        await store.commit([put(key, first, 2)]);
        expect(await store.commit([put(key, first, 3)])).toBe('conflict');
        expect((await store.get(key))?.value).toBe(2);
      });

      test('a put that expects nothing is a conflict where there is something', async () => {
        const key = newKey();
        await putNew(key, 1);
        expect(await store.commit([put(key, null, 2)])).toBe('conflict');
        expect((await store.get(key))?.value).toBe(1);
      });

      test('a put that expects a version is a conflict where there is nothing', async () => {
        const key = newKey();
        const version = await putNew(newKey(), 1);
        expect(await store.commit([put(key, version, 2)])).toBe('conflict');
        expect(await store.get(key)).toBeNull();
      });

      test('a delete of the version that was read removes it', async () => {
        const key = newKey();
        const version = await putNew(key, 1);
        expect(await store.commit([remove(key, version)])).toBe('committed');
        expect(await store.get(key)).toBeNull();
      });

      test('a delete of an older version, or of nothing, is a conflict', async () => {
        const key = newKey();
        const first = await putNew(key, 1);
        await store.commit([put(key, first, 2)]);
        expect(await store.commit([remove(key, first)])).toBe('conflict');
        expect(await store.commit([remove(newKey(), first)])).toBe('conflict');
        expect((await store.get(key))?.value).toBe(2);
      });

      test('a version never repeats for a key, not even after a delete', async () => {
        const key = newKey();
        const seen = new Set<string>();
        for (let round = 0; round < 20; round += 1) {
          const version = await putNew(key, 'the same each time');
          seen.add(version);
          await store.commit([remove(key, version)]);
        }
        expect(seen.size).toBe(20);
      });

      test('a commit of nothing is committed', async () => {
        expect(await store.commit([])).toBe('committed');
      });

      test('of 200 commits of one version at once, exactly one wins', async () => {
        const key = newKey();
        const version = await putNew(key, 'start');
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, index) => store.commit([put(key, version, index)])),
        );
        expect(results.filter((result) => result === 'committed')).toHaveLength(1);
        expect((await store.get(key))?.value).toBe(results.indexOf('committed'));
      });

      test('of 200 commits that expect nothing at once, exactly one wins', async () => {
        const key = newKey();
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, index) => store.commit([put(key, null, index)])),
        );
        expect(results.filter((result) => result === 'committed')).toHaveLength(1);
        expect((await store.get(key))?.value).toBe(results.indexOf('committed'));
      });
    });

    describe('several changes in one commit', () => {
      test('are all made if every expectation holds', async () => {
        const [made, changed, removed] = newKeys();
        const toChange = await putNew(changed, 1);
        const toRemove = await putNew(removed, 1);
        const changes = [put(made, null, 2), put(changed, toChange, 2), remove(removed, toRemove)];
        expect(await store.commit(changes)).toBe('committed');
        expect((await store.get(made))?.value).toBe(2);
        expect((await store.get(changed))?.value).toBe(2);
        expect(await store.get(removed)).toBeNull();
      });

      test.each([0, 1, 2])('are none of them made if expectation %i does not hold', async (stale) => {
        const keys = newKeys();
        const changes: Change[] = [];
        for (const [index, key] of keys.entries()) {
          const version = await putNew(key, 'before');
          if (index === stale) await store.commit([put(key, version, 'moved on')]);
          changes.push(index === 2 ? remove(key, version) : put(key, version, 'after'));
        }
        expect(await store.commit(changes)).toBe('conflict');
        const values = await Promise.all(keys.map(async (key) => (await store.get(key))?.value));
        expect(values).toEqual(keys.map((_, index) => (index === stale ? 'moved on' : 'before')));
      });

      test('that race over the same keys leave all of one commit', async () => {
        const [one, two, three] = newKeys();
        const versions = [await putNew(one, -1), await putNew(two, -1), await putNew(three, -1)];
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            store.commit([one, two, three].map((key, at) => put(key, versions[at] ?? null, index))),
          ),
        );
        expect(results.filter((result) => result === 'committed')).toHaveLength(1);
        const winner = results.indexOf('committed');
        for (const key of [one, two, three]) expect((await store.get(key))?.value).toBe(winner);
      });

      test('are none of them made if one can not be stored', async () => {
        const [one, two] = newKeys();
        const endless: { [key: string]: Json } = {};
        endless.itself = endless;
        await expect(store.commit([put(one, null, 1), put(two, null, endless)])).rejects.toThrow();
        expect(await store.get(one)).toBeNull();
        expect(await store.get(two)).toBeNull();
      });

      test('must share a partition', async () => {
        const [one, two] = [newKey(), { ...newKey(), name: 'another' }];
        await expect(store.commit([put(one, null, 1), put(two, null, 1)])).rejects.toThrow(RangeError);
        expect(await store.get(one)).toBeNull();
      });

      test('must not name a key twice', async () => {
        const key = newKey();
        await expect(store.commit([put(key, null, 1), put(key, null, 2)])).rejects.toThrow(RangeError);
        expect(await store.get(key)).toBeNull();
      });
    });

    describe('expiry', () => {
      test('a document is there until its time and absent from then on', async () => {
        const key = newKey();
        await store.commit([put(key, null, 1, clock.now() + 1000)]);
        clock.advance(999);
        expect((await store.get(key))?.value).toBe(1);
        clock.advance(1);
        expect(await store.get(key)).toBeNull();
      });

      test.each([1.5, 1e21])('a time in %f ms is kept like a whole and near one', async (wait) => {
        const [one, two] = newKeys();
        const expiresAt = clock.now() + wait;
        expect(await store.commit([put(one, null, 1, expiresAt), put(two, null, 2)])).toBe('committed');
        expect((await store.get(one))?.value).toBe(1);
        expect((await store.get(two))?.value).toBe(2);
        expect(await store.addToCounter(newCounter(wait), 1)).toBe(1);
      });

      test('a document without an expiry stays', async () => {
        const key = newKey();
        await putNew(key, 1);
        clock.advance(100 * 365 * 24 * 3_600_000);
        expect((await store.get(key))?.value).toBe(1);
      });

      test('a put without an expiry takes the former one away, and one with a later expiry moves it', async () => {
        const [kept, moved] = newKeys();
        await store.commit([put(kept, null, 1, clock.now() + 1000), put(moved, null, 1, clock.now() + 1000)]);
        await store.commit([
          put(kept, await versionOf(kept), 2),
          put(moved, await versionOf(moved), 2, clock.now() + 3000),
        ]);
        clock.advance(2000);
        await putNew(newKey(), 'gives the engine an occasion to clear up');
        expect((await store.get(kept))?.value).toBe(2);
        expect((await store.get(moved))?.value).toBe(2);
        clock.advance(1000);
        expect(await store.get(moved)).toBeNull();
      });

      test('an expired document counts as absent for a commit', async () => {
        const [overwritten, changed, removed] = newKeys();
        for (const key of [overwritten, changed, removed]) {
          await store.commit([put(key, null, 'old', clock.now() + 1000)]);
        }
        const toChange = await versionOf(changed);
        const toRemove = await versionOf(removed);
        clock.advance(1000);
        expect(await store.commit([put(changed, toChange, 'new')])).toBe('conflict');
        expect(await store.commit([remove(removed, toRemove)])).toBe('conflict');
        expect(await store.commit([put(overwritten, null, 'new')])).toBe('committed');
        clock.advance(10_000);
        expect((await store.get(overwritten))?.value).toBe('new');
      });

      test('a document that is put with its time already past is absent at once', async () => {
        const key = newKey();
        expect(await store.commit([put(key, null, 1, clock.now() - 1)])).toBe('committed');
        expect(await store.get(key)).toBeNull();
        expect(await store.commit([put(key, null, 2)])).toBe('committed');
        expect((await store.get(key))?.value).toBe(2);
      });

      test('many that expire together are all absent, and what stays is still there', async () => {
        const keys = Array.from({ length: 100 }, newKey);
        const staying = newKey();
        await putNew(staying, 'here');
        await Promise.all(keys.map((key) => store.commit([put(key, null, 1, clock.now() + 1000)])));
        clock.advance(1000);
        for (let round = 0; round < 10; round += 1) await putNew(newKey(), 'an occasion to clear up');
        for (const key of keys) expect(await store.get(key)).toBeNull();
        expect((await store.get(staying))?.value).toBe('here');
      });
    });

    describe('values', () => {
      test('every JSON value comes back as it was put', async () => {
        await fc.assert(
          fc.asyncProperty(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), async (generated) => {
            // What JSON itself loses (minus zero) isn't the store's to keep.
            const value: Json = JSON.parse(JSON.stringify(generated));
            const key = newKey();
            await store.commit([put(key, null, value)]);
            expect((await store.get(key))?.value).toStrictEqual(value);
          }),
          { numRuns: 200 },
        );
      });

      test.each<[string, string]>([
        ['a key named __proto__', '{"__proto__":{"isAdmin":true},"constructor":1}'],
        ['empty objects and arrays', '{"a":{},"b":[],"c":[{}],"d":[[]]}'],
        ['null in arrays and objects', '{"a":[null,1,null],"b":null}'],
        [
          'the largest and smallest numbers',
          '[9007199254740991,-9007199254740991,1.7976931348623157e308,5e-324,0.1]',
        ],
        ['other scripts, emoji and a lone surrogate', '["Łódź","電話","📞","\\ud800","\\u0000","\\u2028"]'],
        ['what looks like markup of an engine', '["{}","[]","\\"","$1","%s","\\r\\n+OK\\r\\n","null"]'],
        ['a top-level false', 'false'],
        ['a top-level zero', '0'],
        ['a top-level empty string', '""'],
        ['a top-level null', 'null'],
      ])('%s comes back as it was put', async (_, text) => {
        const value: Json = JSON.parse(text);
        const key = newKey();
        await store.commit([put(key, null, value)]);
        const found = await store.get(key);
        expect(JSON.stringify(found?.value)).toBe(JSON.stringify(value));
        expect(found).not.toBeNull();
      });

      test('a document of a megabyte comes back as it was put', async () => {
        const key = newKey();
        const value = 'a line of text, '.repeat(65_536);
        await store.commit([put(key, null, value)]);
        expect((await store.get(key))?.value === value).toBe(true);
      });
    });

    describe('keys', () => {
      test('with any character the port allows stay apart', async () => {
        const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
        const forNames = printable.filter((character) => !'{}'.includes(character));
        const forPartitions = forNames.filter((character) => character !== ':');
        const keyOf = fc.record({
          partition: fc.string({ unit: fc.constantFrom(...forPartitions), minLength: 1, maxLength: 40 }),
          name: fc.string({ unit: fc.constantFrom(...forNames), minLength: 1, maxLength: 80 }),
        });
        await fc.assert(
          fc.asyncProperty(keyOf, async ({ partition, name }) => {
            const key = { partition: unique() + partition, name };
            const longer = { ...key, name: `${name}:` };
            await putNew(key, 'this one');
            expect((await store.get(key))?.value).toBe('this one');
            expect(await store.get(longer)).toBeNull();
            expect(await store.get({ ...key, partition: `${key.partition}~` })).toBeNull();
          }),
          { numRuns: 100 },
        );
      });

      test('of one name in two partitions are two documents', async () => {
        const [one, two] = [newKey(), { ...newKey(), name: 'x' }];
        await putNew(one, 1);
        expect(await store.get({ partition: two.partition, name: one.name })).toBeNull();
      });

      test('of a document and a counter may be the same', async () => {
        const key = newKey();
        await putNew(key, 'document');
        expect(await store.addToCounter({ name: key.partition, windowMs: 1000 }, 1)).toBe(1);
        expect(await store.addToCounter({ name: `${key.partition}:${key.name}`, windowMs: 1000 }, 1)).toBe(1);
        expect((await store.get(key))?.value).toBe('document');
      });
    });

    describe('all keys', () => {
      async function keysOf(nameBegins: string): Promise<string[]> {
        const found = new Set<string>();
        for await (const keys of store.keys(nameBegins)) {
          for (const { partition, name } of keys) found.add(`${partition} ${name}`);
        }
        return [...found].sort();
      }

      test('are those of the documents whose names begin so, in every partition', async () => {
        const named = (name: string) =>
          Array.from({ length: 40 }, (_, at) => ({ partition: `all${at}`, name }));
        const wanted = [...named('kind*?[a]:1'), ...named('kind*?[a]:2:3')];
        for (const key of [...wanted, ...named('kindness'), ...named('other:kind*?[a]:1')])
          await putNew(key, 1);
        await store.commit([
          { type: 'add-member', index: { partition: 'all1', name: 'kind*?[a]:index' }, member: 'one' },
        ]);
        await store.addToCounter({ name: 'kind*?[a]:counter', windowMs: 1000 }, 1);
        expect(await keysOf('kind*?[a]:')).toEqual(
          wanted.map(({ partition, name }) => `${partition} ${name}`).sort(),
        );
      });

      test('are found however many there are, and while others are deleted', async () => {
        const keys = Array.from({ length: 1200 }, (_, at) => ({
          partition: `many${at % 7}`,
          name: `many:${at}`,
        }));
        const versions = await Promise.all(keys.map((key) => putNew(key, 1)));
        const found = new Set<string>();
        for await (const chunk of store.keys('many:')) {
          for (const { name } of chunk) found.add(name);
          // One that was given out already, or is gone when its turn comes; either way the others come.
          await store.commit([remove(keys[0] ?? newKey(), versions[0] ?? '')]);
        }
        expect([...found].filter((name) => name !== 'many:0')).toHaveLength(1199);
      });
    });

    describe('indexes', () => {
      const member = (type: 'add-member' | 'remove-member', index: Key, name: string): Change => ({
        type,
        index,
        member: name,
      });
      const add = (index: Key, ...names: string[]) => names.map((name) => member('add-member', index, name));

      test('hold no member before the first is added', async () => {
        expect(await store.range(newKey(), { limit: 10 })).toEqual([]);
      });

      test('give their members in the order of their bytes, each once', async () => {
        const index = newKey();
        const names = ['b', 'a', 'ab', 'é', 'B', '10', '9', '\u{1f600}', '\uffee', 'a b', 'a:b', 'b'];
        expect(await store.commit(add(index, ...names))).toBe('committed');
        const inOrder = [...new Set(names)].sort((one, other) =>
          Buffer.compare(Buffer.from(one), Buffer.from(other)),
        );
        expect(await store.range(index, { limit: 100 })).toEqual(inOrder);
      });

      test('are read in pages, also after a member that is not there', async () => {
        const index = newKey();
        await store.commit(add(index, 'a', 'b', 'c', 'd'));
        expect(await store.range(index, { limit: 2 })).toEqual(['a', 'b']);
        expect(await store.range(index, { after: 'b', limit: 2 })).toEqual(['c', 'd']);
        expect(await store.range(index, { after: 'bb', limit: 1 })).toEqual(['c']);
        expect(await store.range(index, { after: 'd', limit: 2 })).toEqual([]);
      });

      test('lose the members that are taken out, and mind none that were not there', async () => {
        const index = newKey();
        await store.commit(add(index, 'a', 'b'));
        await store.commit([member('remove-member', index, 'a'), member('remove-member', index, 'z')]);
        expect(await store.range(index, { limit: 10 })).toEqual(['b']);
      });

      test('change with the documents of a commit or not at all', async () => {
        const key = newKey();
        const index = { ...key, name: `${key.name}-index` };
        const version = await putNew(key, 1);
        expect(await store.commit([put(key, null, 2), ...add(index, 'a')])).toBe('conflict');
        expect(await store.range(index, { limit: 10 })).toEqual([]);
        expect(await store.commit([put(key, version, 2), ...add(index, 'a'), ...add(key, 'b')])).toBe(
          'committed',
        );
        expect(await store.range(index, { limit: 10 })).toEqual(['a']);
        expect(await store.range(key, { limit: 10 })).toEqual(['b']);
        expect((await store.get(key))?.value).toBe(2);
      });

      test('of other names and partitions are apart', async () => {
        const index = newKey();
        const longer = { ...index, name: `${index.name}x` };
        const elsewhere = { ...index, partition: `${index.partition}x` };
        await store.commit([...add(index, 'a'), ...add(longer, 'b')]);
        await store.commit(add(elsewhere, 'c'));
        expect(await store.range(index, { limit: 10 })).toEqual(['a']);
        expect(await store.range(elsewhere, { limit: 10 })).toEqual(['c']);
      });

      test('must share the partition of what is committed with them', async () => {
        const index = newKey();
        const changes = [...add(index, 'a'), ...add({ ...index, partition: `${index.partition}x` }, 'a')];
        await expect(store.commit(changes)).rejects.toThrow(RangeError);
      });
    });

    describe('counters', () => {
      test('hold 0 before the first add', async () => {
        expect(await store.readCounter(newCounter())).toBe(0);
      });

      test('add up within their window', async () => {
        const counter = newCounter(1000);
        expect(await store.addToCounter(counter, 1)).toBe(1);
        expect(await store.addToCounter(counter, 2)).toBe(3);
        clock.advance(999);
        expect(await store.addToCounter(counter, 1)).toBe(4);
        expect(await store.readCounter(counter)).toBe(4);
      });

      test('begin again when their window has ended, counted from its first add', async () => {
        const counter = newCounter(1000);
        await store.addToCounter(counter, 5);
        clock.advance(600);
        await store.addToCounter(counter, 1);
        clock.advance(400);
        expect(await store.readCounter(counter)).toBe(0);
        expect(await store.addToCounter(counter, 1)).toBe(1);
        clock.advance(999);
        expect(await store.readCounter(counter)).toBe(1);
        clock.advance(1);
        expect(await store.readCounter(counter)).toBe(0);
      });

      test('begin their window with the first add, not with a read', async () => {
        const counter = newCounter(1000);
        await store.readCounter(counter);
        clock.advance(900);
        await store.addToCounter(counter, 1);
        clock.advance(900);
        expect(await store.readCounter(counter)).toBe(1);
      });

      test('can be given back to, but never fall below 0', async () => {
        const counter = newCounter(1000);
        await store.addToCounter(counter, 3);
        expect(await store.addToCounter(counter, -1)).toBe(2);
        expect(await store.addToCounter(counter, -5)).toBe(0);
        expect(await store.readCounter(counter)).toBe(0);
        expect(await store.addToCounter(counter, 1)).toBe(1);
      });

      test('open no window when something is given back and none is open', async () => {
        const counter = newCounter(1000);
        expect(await store.addToCounter(counter, -2)).toBe(0);
        clock.advance(900);
        await store.addToCounter(counter, 1);
        clock.advance(900);
        expect(await store.readCounter(counter)).toBe(1);
      });

      test('keep their window when they fall to 0', async () => {
        const counter = newCounter(1000);
        await store.addToCounter(counter, 1);
        clock.advance(600);
        await store.addToCounter(counter, -1);
        await store.addToCounter(counter, 1);
        clock.advance(400);
        expect(await store.readCounter(counter)).toBe(0);
      });

      test('of a group add up in one stroke', async () => {
        const [first, second] = newGroup();
        expect(await store.addToCounters([adding(first, 2), adding(second, 3)])).toEqual([2, 3]);
        expect(await store.addToCounters([adding(first, 1), adding(second, -1)])).toEqual([3, 2]);
        expect([await store.readCounter(first), await store.readCounter(second)]).toEqual([3, 2]);
      });

      test('of a group are left alone from the first on that holds its limit', async () => {
        const [first, second] = newGroup();
        const charge = () => store.addToCounters([{ ...adding(first, 1), limit: 2 }, adding(second, 1)]);
        expect([await charge(), await charge(), await charge()]).toEqual([[1, 1], [2, 2], []]);
        expect([await store.readCounter(first), await store.readCounter(second)]).toEqual([2, 2]);
        expect(await store.addToCounters([adding(second, 1), { ...adding(first, 1), limit: 2 }])).toEqual([
          3,
        ]);
      });

      test('of a group hold no more than their limit when many add at once', async () => {
        const [first, second] = newGroup();
        const additions = [{ ...adding(first, 1), limit: 5 }, adding(second, 1)];
        await Promise.all(Array.from({ length: 40 }, () => store.addToCounters(additions)));
        expect([await store.readCounter(first), await store.readCounter(second)]).toEqual([5, 5]);
      });

      test('of a group have windows of their own, and a limit begins anew with each', async () => {
        const [first, second] = newGroup(1000);
        const charge = () => store.addToCounters([{ ...adding(first, 1), limit: 1 }, adding(second, 1)]);
        await store.addToCounter(second, 1);
        clock.advance(600);
        await charge();
        clock.advance(400);
        expect([await store.readCounter(first), await store.readCounter(second)]).toEqual([1, 0]);
        clock.advance(600);
        expect(await charge()).toEqual([1, 1]);
      });

      test('that share no group are not added to in one stroke', async () => {
        const [first] = newGroup();
        const [other] = newGroup();
        const { group: _, ...alone } = first;
        for (const counters of [[first, other], [alone], [alone, first]]) {
          const additions = counters.map((counter) => adding(counter, 1));
          await expect(store.addToCounters(additions)).rejects.toThrow(RangeError);
        }
      });

      test('lose nothing when many add at once, and hand each a different count', async () => {
        const counter = newCounter();
        const counts = await Promise.all(Array.from({ length: 200 }, () => store.addToCounter(counter, 1)));
        expect(new Set(counts).size).toBe(200);
        expect(Math.max(...counts)).toBe(200);
        expect(await store.readCounter(counter)).toBe(200);
      });

      test('of different names are apart', async () => {
        const [one, two] = [newCounter(), newCounter()];
        await store.addToCounter(one, 7);
        expect(await store.readCounter(two)).toBe(0);
      });
    });

    test('a ping resolves while the engine works', async () => {
      expect(await store.ping()).toBeUndefined();
    });

    async function versionOf(key: Key): Promise<string> {
      const found = await store.get(key);
      if (found === null) throw new Error(`${key.name} isn't there.`);
      return found.version;
    }

    async function putNew(key: Key, value: Json): Promise<string> {
      expect(await store.commit([put(key, null, value)])).toBe('committed');
      return versionOf(key);
    }
  });
}

/** A document that no test has touched. */
function newKey(): Key {
  return { partition: `p${unique()}`, name: 'document' };
}

/** Three documents that no test has touched, in one partition. */
function newKeys(): [Key, Key, Key] {
  const { partition } = newKey();
  return [
    { partition, name: 'one' },
    { partition, name: 'two' },
    { partition, name: 'three' },
  ];
}

function newCounter(windowMs = 60_000) {
  return { name: `counter-${unique()}`, windowMs };
}

/** Two counters that can be added to in one stroke. */
function newGroup(windowMs = 60_000): [CounterKey & { group: string }, CounterKey & { group: string }] {
  const group = `group-${unique()}`;
  return [
    { ...newCounter(windowMs), group },
    { ...newCounter(windowMs), group },
  ];
}

function adding(counter: CounterKey, by: number): Addition {
  return { counter, by };
}

let lastUnique = 0;
function unique(): string {
  lastUnique += 1;
  return `${process.pid}-${lastUnique}-`;
}

function put(key: Key, expected: string | null, value: Json, expiresAt?: number): Change {
  return expiresAt === undefined
    ? { type: 'put', key, expected, value }
    : { type: 'put', key, expected, value, expiresAt };
}

function remove(key: Key, expected: string): Change {
  return { type: 'delete', key, expected };
}
