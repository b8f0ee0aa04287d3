/**
 * Brings what an older version stored to the schema of this one, before any door opens.
 *
 * | schema | since | what changed |
 * |---|---|---|
 * | 1 | 0.1.0 | |
 * | 2 | 0.2.0 | Accounts are in the indexes of their partition, and claimed by every name they have, distinguished names in one spelling. |
 *
 * An account says by its `schemaVersion` whether it was brought up, and the document `schema` that all were. So an upgrade that was cut
 * short goes on, and two processes may do it at once. An older version can't read an account that was brought up, and grants nothing
 * by it.
 */
import type { IdentityKind } from '../core/identity.ts';
import type { Store } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import { createClaims } from './claims.ts';
import { accountNameBegins, change, type Document, load, newestSchema, serverPlace } from './documents.ts';

interface SchemaDocument extends Document {
  /** The schema that all documents are of by now. */
  readonly all: number;
}

/** What an upgrade did. Null: there was nothing to do. */
export interface StoreUpgrade {
  readonly accounts: number;
  /** Accounts that lack a name because another account has it; 0.1.0 let two spellings of a distinguished name be two. */
  readonly nameless: readonly { readonly accountId: string; readonly kinds: readonly IdentityKind[] }[];
}

/** The data is of a newer schema than this version knows. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';
}

interface Dependencies {
  readonly store: Store;
  readonly records: AccountRecords;
  readonly clock: () => number;
  /** A UUID. */
  readonly randomUuid: () => string;
  /** No service has used the store before, so that there is nothing to look for. */
  readonly isNew: boolean;
}

const place = serverPlace<SchemaDocument>('schema');

/** So many accounts are brought up at once. */
const atOnce = 32;

/**
 * Brings all accounts up to the newest schema, if they aren't known to be.
 * @throws NewerSchemaError when a newer version has used the data; nothing was changed then.
 */
export async function upgradeStore({
  store,
  records,
  clock,
  randomUuid,
  isNew,
}: Dependencies): Promise<StoreUpgrade | null> {
  const reached = (await load(store, place))?.value.all ?? 1;
  if (reached > newestSchema) {
    throw new NewerSchemaError(
      `A newer version of Ringkey has used this data: its schema is ${reached}, and this version knows none above ${newestSchema}. Start the newer version, or restore a backup that is older than it.`,
    );
  }
  if (reached === newestSchema) return null;

  const claims = createClaims({ store, records, clock, randomUuid });
  const nameless: { accountId: string; kinds: readonly IdentityKind[] }[] = [];
  let accounts = 0;

  async function bringUp(accountId: string): Promise<void> {
    const account = await records.load(accountId);
    if (account === null || account.schemaVersion === newestSchema) return;
    const kinds = await claims.claimMissing(account);
    if (kinds.length > 0) nameless.push({ accountId, kinds });
    await records.change(accountId, (present) => {
      const isOld = present !== null && present.schemaVersion !== newestSchema;
      return isOld ? { put: present, result: null } : { result: null };
    });
    accounts += 1;
  }

  for await (const keys of isNew ? [] : store.keys(accountNameBegins)) {
    const ids = keys.map(({ name }) => name.slice(accountNameBegins.length));
    for (let at = 0; at < ids.length; at += atOnce) {
      await Promise.all(ids.slice(at, at + atOnce).map(bringUp));
    }
  }
  await change<SchemaDocument, null>(store, place, (present) =>
    (present?.all ?? 1) >= newestSchema
      ? { result: null }
      : { put: { schemaVersion: 1, all: newestSchema }, result: null },
  );
  return accounts === 0 ? null : { accounts, nameless };
}
