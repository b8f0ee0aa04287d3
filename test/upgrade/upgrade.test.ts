import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Account } from '../../src/core/account.ts';
import { accountNameBegins, identityPlace } from '../../src/services/documents.ts';
import { NewerSchemaError } from '../../src/services/upgrade-store.ts';
import { openEmbeddedStore } from '../../src/store/embedded.ts';
import {
  type Change,
  type Json,
  type Key,
  type Store,
  StoreUnavailableError,
} from '../../src/store/store.ts';
import { upgradeOf } from '../support/account-records.ts';
import { runRingkey } from '../support/ringkey-process.ts';
import { startTestService, withTestService } from '../support/service.ts';
import { commonPin, keptSecrets, keptUsers } from './kept-data.ts';
import { callAndKey, restoreFolder } from './restore.ts';
import { describeAdministration, describeUpgrade } from './upgrade.ts';

describeUpgrade('the folder', '0.1.0', restoreFolder);
describeUpgrade('the folder', 'before-schema-2', restoreFolder);
describeAdministration('the folder', restoreFolder);

/** Opens what 0.1.0 left, as a store alone. */
async function openOld() {
  const { options } = restoreFolder('0.1.0');
  const { dataDir: folder = '', clock } = options;
  const store = await openEmbeddedStore({ folder, clock: clock.now });
  onTestFinished(() => store.close());
  return { store, clock };
}

async function accountsIn(store: Store): Promise<Json[]> {
  const found: Key[] = [];
  for await (const keys of store.keys(accountNameBegins)) found.push(...keys);
  const documents = await Promise.all(found.map((key) => store.get(key)));
  return documents.map((document) => document?.value ?? null);
}

/** A store that refuses every commit after so many. */
function failingAfter(store: Store, commits: number): Store {
  let left = commits;
  return {
    ...store,
    async commit(changes: readonly Change[]) {
      left -= 1;
      if (left < 0) throw new StoreUnavailableError('It is over.');
      return store.commit(changes);
    },
  };
}

describe('an upgrade', () => {
  it('that was cut short goes on, wherever it was cut', async () => {
    const { store, clock } = await openOld();
    let cuts = 0;
    for (let commits = 0; ; commits += 3) {
      const result = await upgradeOf(failingAfter(store, commits), clock.now).catch(
        (error: unknown) => error,
      );
      if (!(result instanceof Error)) break;
      expect(result).toBeInstanceOf(StoreUnavailableError);
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(2);
    const accounts = await accountsIn(store);
    expect(accounts).toHaveLength(keptUsers.length);
    for (const account of accounts) expect(account).toMatchObject({ schemaVersion: 2 });
  });

  it('is done once by two processes that begin at once, and then never again', async () => {
    const { store, clock } = await openOld();
    const before = await accountsIn(store);
    const done = await Promise.all([upgradeOf(store, clock.now), upgradeOf(store, clock.now)]);
    expect(done.some((upgrade) => (upgrade?.accounts ?? 0) > 0)).toBe(true);
    expect(await accountsIn(store)).toEqual(
      before.map((account) => ({ ...(account as object), schemaVersion: 2 })),
    );
    const reading: Store = {
      ...store,
      keys: () => {
        throw new Error('It reads everything again.');
      },
    };
    expect(await upgradeOf(reading, clock.now)).toBeNull();
  });

  it('tells of two accounts that have one name in two spellings', async () => {
    const { store, clock } = await openOld();
    const [ada, john] = await Promise.all(['1001', '1008'].map((extension) => findOld(store, extension)));
    if (ada === undefined || john === undefined) throw new Error('They are not there.');
    const dn = 'cn=ada lovelace,ou=sales,dc=example,dc=com';
    const claim = { accountId: john.value.id, kind: 'dn', claimedAt: 0 };
    await store.commit([
      {
        type: 'put',
        key: john.key,
        expected: john.version,
        value: { ...john.value, profile: { ...john.value.profile, dn } } as unknown as Json,
      },
    ]);
    const { key } = identityPlace(dn);
    await store.commit([{ type: 'put', key, expected: null, value: { schemaVersion: 1, claims: [claim] } }]);
    expect(await upgradeOf(store, clock.now)).toMatchObject({
      nameless: [{ accountId: ada.value.id, kinds: ['dn'] }],
    });
  });
});

describe('data of a newer version', () => {
  const newer = async (key: Key, change: (value: Json | null) => Json) => {
    const { options } = restoreFolder('before-schema-2');
    const { dataDir: folder = '', clock } = options;
    const store = await openEmbeddedStore({ folder, clock: clock.now });
    const found = await store.get(key);
    const expected = found?.version ?? null;
    await store.commit([{ type: 'put', key, expected, value: change(found?.value ?? null) }]);
    await store.close();
    return options;
  };

  it('stops the start, and is left as it is', async () => {
    const schema = { schemaVersion: 1, all: 3 };
    const options = await newer({ partition: 'server', name: 'schema' }, () => schema);
    const path = join(options.dataDir ?? '', 'ringkey.mdb');
    const before = readFileSync(path);
    await expect(startTestService(options)).rejects.toThrow(NewerSchemaError);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is told of in a line that says what to do', async () => {
    const schema = { schemaVersion: 1, all: 3 };
    const { dataDir = '' } = await newer({ partition: 'server', name: 'schema' }, () => schema);
    const { code, err } = await runRingkey({ DATA_DIR: dataDir, ...keptSecrets });
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toEqual([
      "Ringkey can't start.",
      expect.stringMatching(/newer version of Ringkey .* schema is 3.*none above 2.*restore a backup/),
    ]);
  });

  it('stops the start when it is the note of the pepper, too', async () => {
    const options = await newer({ partition: 'server', name: 'pepper' }, (value) => ({
      ...(value as object),
      schemaVersion: 3,
    }));
    await expect(startTestService(options)).rejects.toThrow(/pepper .* newer version/);
  });

  it('lets nobody in, and leaves the account as it is', async () => {
    const { options } = restoreFolder('before-schema-2');
    await withTestService(options, async (ringkey) => {
      expect(await callAndKey(ringkey, '1008#', `${commonPin}#`)).toMatch(/signed in/);
    });
    const store = await openEmbeddedStore({ folder: options.dataDir ?? '', clock: options.clock.now });
    const account = await findOld(store, '1008');
    if (account === undefined) throw new Error('The account is not there.');
    const { key, version, value } = account;
    const ofNewer = { ...value, schemaVersion: 3 } as unknown as Json;
    await store.commit([{ type: 'put', key, expected: version, value: ofNewer }]);
    await store.close();
    await withTestService(options, async (ringkey) => {
      expect(await callAndKey(ringkey, '1008#', `${commonPin}#`)).not.toMatch(/signed in/);
      expect((await ringkey.api('PATCH', `/users/${value.id}/pin`, { lockedOut: true })).status).toBe(500);
      expect(ringkey.logged.join()).toMatch(/newer version of Ringkey wrote it/);
    });
  });
});

/** An account by its extension, where it may not be claimed yet. */
async function findOld(store: Store, extension: string) {
  for await (const keys of store.keys(accountNameBegins)) {
    for (const key of keys) {
      const found = await store.get(key);
      if (found === null) continue;
      const value = found.value as unknown as Account;
      if (value.profile.extension === extension) return { key, version: found.version, value };
    }
  }
  return undefined;
}
