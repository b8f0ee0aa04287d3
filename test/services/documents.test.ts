import { describe, expect, it, onTestFinished } from 'vitest';
import { change, ForeignDocumentError, load, serverPlace } from '../../src/services/documents.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import { type Store, StoreUnavailableError } from '../../src/store/store.ts';
import { fakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Count {
  readonly schemaVersion: 1;
  readonly count: number;
}

const place = serverPlace<Count>('count');

async function openStore(): Promise<Store> {
  const folder = temporaryFolder();
  const store = await openEmbeddedStore({ folder, clock: fakeClock().now });
  onTestFinished(() => store.close());
  return store;
}

const increment = (found: Count | null) => {
  const count = (found?.count ?? 0) + 1;
  return { put: { schemaVersion: 1, count } as const, result: count };
};

describe('change', () => {
  it('decides again over what is there by then, so that nothing is lost', async () => {
    const store = await openStore();
    const results = await Promise.all(Array.from({ length: 20 }, () => change(store, place, increment)));
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect((await load(store, place))?.value.count).toBe(20);
  });

  it('gives up, which is a denial, when it is overtaken again and again', async () => {
    const store = await openStore();
    let decisions = 0;
    const overtaken = change(store, place, async (found) => {
      decisions += 1;
      await change(store, place, increment);
      return increment(found);
    });
    await expect(overtaken).rejects.toThrow(StoreUnavailableError);
    expect(decisions).toBe(64);
    expect((await load(store, place))?.value.count).toBe(64);
  });

  it('writes nothing when the decision is to keep what is there', async () => {
    const store = await openStore();
    expect(await change(store, place, () => ({ result: 'kept' }))).toBe('kept');
    expect(await load(store, place)).toBeNull();
  });
});

describe('load', () => {
  it('refuses a document that no version of Ringkey wrote', async () => {
    const store = await openStore();
    await store.commit([
      { type: 'put', key: place.key, expected: null, value: { schemaVersion: 3, count: 'many' } },
    ]);
    await expect(load(store, place)).rejects.toThrow(ForeignDocumentError);
  });
});
