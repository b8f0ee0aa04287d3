/**
 * What the API answers with of accounts and PINs, as schemas and as what fills them. Times are RFC 3339.
 */
import { z } from 'zod';
import type { Account } from '../core/account.ts';
import { lockReasons } from '../core/codes.ts';
import { locales } from '../core/locale.ts';
import type { PinStatus } from '../core/pin-status.ts';
import type { FoundAccount } from '../services/find-accounts.ts';
import { answerSchemas } from './components.ts';
import { toIso } from './input.ts';

/** A time in an answer. */
export const time = z.iso.datetime();

const text = z.string().nullable();

const userFields = {
  id: z.uuid().describe('Given by the service; it never changes.'),
  extension: z.string(),
  displayName: text,
  email: text,
  upn: text,
  alias: text,
  sipAddress: text,
  account: text.describe('domain\\logon'),
  dn: text,
  legacyExchangeDn: text,
  phoneNumbers: z.array(z.string()).describe('E.164'),
  locale: z.enum(locales).nullable(),
  policy: text.describe("The policy that was assigned; null: the unit's, or default."),
  enabled: z.boolean(),
  createdAt: time,
};

const statusFields = {
  userId: z.uuid(),
  extension: z.string(),
  pinSet: z.boolean(),
  pinExpired: z.boolean().describe('Whether it must be changed before the next sign-in, or no longer works.'),
  lockedOut: z.boolean(),
  lockReason: z.enum(lockReasons).nullable(),
  lockedUntil: time.nullable().describe('null: until it is unlocked, or not locked.'),
  firstTimeUser: z.boolean().describe('Whether the user has never signed in.'),
  lastChangedAt: time.nullable(),
  expiresAt: time.nullable().describe('When the PIN expires by age; null: never.'),
  failedAttempts: z.int().describe('Since the last sign-in.'),
  lastFailedAt: time.nullable(),
  lastSignInAt: time.nullable(),
  policy: z.string().describe('The policy that holds.'),
  mailsWaiting: z.int().describe("Mails to the user that the mail server hasn't accepted yet."),
  mailGivenUpAt: time.nullable().describe('When a mail was given up, unless a later one was accepted.'),
};

/** Stands in the answer to a dry run, and in no other. */
export const dryRunMark = z
  .literal(true)
  .exactOptional()
  .describe('Nothing was changed: this is what would be. Absent: it is so.');

export const userAnswer = z.strictObject(userFields).register(answerSchemas, { id: 'User' });

export const changedUserAnswer = z
  .strictObject({ ...userFields, dryRun: dryRunMark })
  .register(answerSchemas, { id: 'ChangedUser' });

/** A user who wasn't made has no id and no time. */
export const newUserTriedAnswer = z
  .strictObject({ ...userFields, id: z.null(), createdAt: z.null(), dryRun: z.literal(true) })
  .register(answerSchemas, { id: 'NewUserTried' });

export const userRemovalTriedAnswer = z
  .strictObject({ ...userFields, dryRun: z.literal(true) })
  .register(answerSchemas, { id: 'UserRemovalTried' });

export const statusAnswer = z.strictObject(statusFields).register(answerSchemas, { id: 'PinStatus' });

export const changedStatusAnswer = z
  .strictObject({ ...statusFields, dryRun: dryRunMark })
  .register(answerSchemas, { id: 'ChangedPinStatus' });

/** A user with the status of the PIN, as lists have them. */
export const listedUserAnswer = z
  .strictObject({ ...userFields, pin: statusAnswer })
  .register(answerSchemas, { id: 'UserWithPin' });

export const userPageAnswer = z
  .strictObject({
    users: z.array(listedUserAnswer),
    cursor: cursorOf('users'),
  })
  .register(answerSchemas, { id: 'UserPage' });

export const resetAnswer = z
  .strictObject({
    ...statusFields,
    pin: z.string().exactOptional().describe('The new PIN, if "reveal" asked for it. It is nowhere else.'),
    mailTo: text.exactOptional().describe('Where the PIN is mailed to; null: nowhere.'),
    repeated: z
      .literal(true)
      .exactOptional()
      .describe('The PIN was set under the same Idempotency-Key before, and is not told again.'),
    dryRun: dryRunMark,
  })
  .register(answerSchemas, { id: 'PinResetDone' });

/** What continues a list; null: there is no more. */
export function cursorOf(what: string) {
  return z.string().nullable().describe(`Continues the list; null: there are no more ${what}.`);
}

/** What marks the answer to a dry run. */
export function dryRunBody({ dryRun }: { readonly dryRun: boolean }): { readonly dryRun?: true } {
  return dryRun ? { dryRun } : {};
}

export function userBody({ id, profile, createdAt }: Account) {
  return { id, ...profile, createdAt: toIso(createdAt) };
}

export function statusBody(status: PinStatus) {
  return {
    ...status,
    lockedUntil: toIso(status.lockedUntil),
    lastChangedAt: toIso(status.lastChangedAt),
    expiresAt: toIso(status.expiresAt),
    lastFailedAt: toIso(status.lastFailedAt),
    lastSignInAt: toIso(status.lastSignInAt),
    mailGivenUpAt: toIso(status.mailGivenUpAt),
  };
}

export function listedUserBody({ account, status }: Pick<FoundAccount, 'account' | 'status'>) {
  return { ...userBody(account), pin: statusBody(status) };
}
