/**
 * Writing to owners whose PIN expires soon: once for each PIN, in the days that their policy warns in. Every account is looked at, so
 * it is done a few times a day, by one process of all that share the store.
 */
import { type Account, expiryWarning, pinExpiresAt } from '../core/account.ts';
import { presets } from '../core/pin/policy.ts';
import { findPolicy, type PolicySet, policyFor } from '../core/policy-set.ts';
import type { Store } from '../store/store.ts';
import type { AccountRecords } from './account-records.ts';
import { change, type Document, serverPlace } from './documents.ts';
import { isDue } from './due.ts';
import type { AccountFinder } from './find-accounts.ts';
import { mailNow, recipientOf } from './letters.ts';
import type { Mail } from './outbox.ts';
import type { Policies } from './policies.ts';

export interface ExpiryMail {
  /** Writes to whom it is time to write, if that wasn't done within the last hours; returns how many mails were written. */
  writeIfDue(): Promise<number>;
}

interface Dependencies {
  readonly store: Store;
  readonly finder: AccountFinder;
  readonly records: AccountRecords;
  readonly policies: Policies;
  readonly clock: () => number;
  readonly randomId: () => string;
}

interface RoundDocument extends Document {
  /** Unix ms. */
  readonly nextAt: number;
}

const place = serverPlace<RoundDocument>('expiry-mail');
const pauseMs = 6 * 3_600_000;

export function createExpiryMail(dependencies: Dependencies): ExpiryMail {
  const { store, finder, records, policies, clock, randomId } = dependencies;

  /** Whether this process is to make the round. */
  function takeRound(): Promise<boolean> {
    return change<RoundDocument, boolean>(store, place, (round) => {
      if (!isDue(round?.nextAt ?? 0, clock(), pauseMs)) return { result: false };
      return { put: { schemaVersion: 1, nextAt: clock() + pauseMs }, result: true };
    });
  }

  function writeTo(account: Account): Promise<boolean> {
    return records.change(account.id, async (present) => {
      const mail = present === null ? [] : warningMail(present, await policies.stored(), randomId(), clock());
      if (present === null || present.pin === null || mail.length === 0) return { result: false };
      const put = { ...present, mail: { ...present.mail, toldOfExpiryOf: present.pin.id } };
      return { put, mail, result: true };
    });
  }

  return {
    async writeIfDue() {
      const stored = await policies.stored();
      if (!doesAnyWarn(stored) || !(await takeRound())) return 0;
      let written = 0;
      for await (const { account } of finder.all({ filter: { pinSet: true }, scope: null })) {
        if (warningMail(account, stored, '', clock()).length === 0) continue;
        if (await writeTo(account)) written += 1;
      }
      return written;
    },
  };
}

/** Most services have no PINs that expire; they needn't look at every account. */
function doesAnyWarn(stored: PolicySet): boolean {
  return [...Object.keys(presets), ...Object.keys(stored)].some((name) => {
    const { lifetimeDays = 0, expiryWarningDays = 0 } = findPolicy(stored, name)?.policy ?? {};
    return lifetimeDays > 0 && expiryWarningDays > 0;
  });
}

/** The mail that is due to an account's owner; none where the PIN doesn't expire soon, has expired, or they were told. */
function warningMail(account: Account, stored: PolicySet, id: string, now: number): Mail[] {
  const { pin, profile, mail: memory } = account;
  if (pin === null || !profile.enabled || memory?.toldOfExpiryOf === pin.id) return [];
  const { policy } = policyFor(stored, profile);
  const days = expiryWarning(pin, policy, now);
  const expiresAt = pinExpiresAt(pin, policy);
  if (days === null || expiresAt === null || days <= 0 || pin.changeRequired) return [];
  return mailNow(id, { kind: 'pin-expires', expiresAt, days }, recipientOf(account), now);
}
