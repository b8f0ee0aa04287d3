/**
 * Whether what a store holds fits together: documents, indexes, claims, the outbox and the audit trail. It reads through the port only, so
 * it is the same for both engines. Nobody may write meanwhile.
 */
import type { Account } from '../../src/core/account.ts';
import { identitiesOf, isShared } from '../../src/core/identity.ts';
import { type AccountIndex, accountIndexKey } from '../../src/services/account-records.ts';
import { createAudit } from '../../src/services/audit.ts';
import {
  accountPartitions,
  accountPlace,
  identityPlace,
  load,
  partitionOf,
} from '../../src/services/documents.ts';
import type { Key, Store } from '../../src/store/store.ts';

/** Policies that are looked for in the indexes. */
const policies = ['exchange-um', 'lync'];

export interface Consistency {
  readonly accounts: number;
  readonly mailsWaiting: number;
  readonly auditRecords: number;
  /** What doesn't fit, in sentences; empty: all does. */
  readonly problems: readonly string[];
}

/** @param auditDays as the service was set to. */
export async function checkConsistency(
  store: Store,
  clock: () => number,
  auditDays = 365,
): Promise<Consistency> {
  const problems: string[] = [];
  const accounts: Account[] = [];
  let mailsWaiting = 0;
  for (const partition of accountPartitions) {
    const indexed = async (index: AccountIndex) =>
      new Set(await membersOf(store, accountIndexKey(partition, index)));
    const ids = await indexed('accounts');
    const here: Account[] = [];
    for (const id of ids) {
      const account = (await load(store, accountPlace(id)))?.value ?? null;
      if (account === null) problems.push(`${partition} lists the account ${id}, which isn't there.`);
      else if (!isWhole(account) || partitionOf(account.id) !== partition)
        problems.push(`Account ${id} isn't whole.`);
      else here.push(account);
    }
    const expectedIn = {
      locked: (account: Account) => account.lockout.lock !== null,
      'without-pin': (account: Account) => account.pin === null,
      ...Object.fromEntries(
        policies.map((name) => [`policy:${name}`, (account: Account) => account.profile.policy === name]),
      ),
    };
    for (const [index, isIn] of Object.entries(expectedIn)) {
      const found = await indexed(index as AccountIndex);
      const expected = here.filter(isIn).map(({ id }) => id);
      if (expected.length !== found.size || !expected.every((id) => found.has(id)))
        problems.push(`The index ${index} of ${partition} doesn't agree with the accounts.`);
    }
    const waiting = await checkOutbox(store, partition, problems);
    for (const account of here) {
      const count = waiting.filter((id) => id === account.id).length;
      if ((account.mail?.waiting ?? 0) !== count)
        problems.push(`Account ${account.id} counts ${account.mail?.waiting ?? 0} mails, but ${count} wait.`);
    }
    mailsWaiting += waiting.length;
    accounts.push(...here);
  }
  await checkClaims(store, accounts, problems);
  const trail = await createAudit({ store, clock, retentionDays: auditDays }).verify();
  if (trail.problem !== null) problems.push(`The audit trail: ${trail.problem}.`);
  return { accounts: accounts.length, mailsWaiting, auditRecords: trail.records, problems };
}

function isWhole({ id, schemaVersion, profile, lockout, createdAt, pin }: Account): boolean {
  const isPinWhole = pin === null || (pin?.hash?.hash ?? '').startsWith('$argon2id$');
  const isLockoutWhole = Number.isInteger(lockout?.failuresSinceSuccess);
  return (
    schemaVersion >= 1 &&
    id !== '' &&
    /^\d+$/.test(profile?.extension) &&
    createdAt > 0 &&
    isPinWhole &&
    isLockoutWhole
  );
}

/** Each member names a mail that is there and due then. Returns whose mails wait. */
async function checkOutbox(store: Store, partition: string, problems: string[]): Promise<string[]> {
  const owners: string[] = [];
  for (const member of await membersOf(store, { partition, name: 'outbox' })) {
    const [dueAt = '', id = ''] = member.split('|');
    const found = await store.get({ partition, name: `mail:${id}` });
    const mail = found?.value as { readonly dueAt: number; readonly accountId: string } | undefined;
    if (mail?.dueAt === Number(dueAt)) owners.push(mail.accountId);
    else problems.push(`${partition} lists a mail due at ${dueAt} that isn't there.`);
  }
  return owners;
}

/** Each identity of each account is claimed for it, and no two accounts carry one that one alone may have. */
async function checkClaims(store: Store, accounts: readonly Account[], problems: string[]): Promise<void> {
  const carriers = new Map<string, string>();
  for (const { id, profile } of accounts) {
    for (const { kind, value } of identitiesOf(profile)) {
      const { key } = identityPlace(value);
      const claims = isShared(kind)
        ? (await membersOf(store, { ...key, name: 'claims' })).map((member) => member.split('|'))
        : ((await load(store, identityPlace(value)))?.value.claims ?? []).map((claim) => [
            claim.accountId,
            claim.kind,
          ]);
      if (!claims.some(([accountId, claimedKind]) => accountId === id && claimedKind === kind))
        problems.push(`The ${kind} of account ${id} isn't claimed for it.`);
      const carrier = carriers.get(`${kind}:${value}`);
      if (!isShared(kind) && carrier !== undefined)
        problems.push(`Accounts ${carrier} and ${id} share their ${kind}.`);
      carriers.set(`${kind}:${value}`, id);
    }
  }
}

async function membersOf(store: Store, index: Key): Promise<readonly string[]> {
  return store.range(index, { limit: 100_000 });
}
