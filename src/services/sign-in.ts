/**
 * Trying a PIN: charge first, verify second, give back only on success. The one place where a PIN is verified to let somebody in.
 */
import {
  type Account,
  changeDue,
  expiryWarning,
  hasRunOut,
  lockOf,
  minutesUntilChangeable,
  type Pin,
  pinExpiresAt,
  verifiedPin,
  withSignIn,
} from '../core/account.ts';
import type { CallEvent, Due } from '../core/call/event.ts';
import { dialogueRules, type SignIn, type Target, type Verified } from '../core/call/state.ts';
import {
  isCharged,
  isPinResetDue,
  type Lock,
  type Lockout,
  lockInForce,
  openLockout,
  type Reservation,
  reserve,
  settleSuccess,
} from '../core/lockout.ts';
import { isLockWorthTelling, withoutToldOfLock } from '../core/mail-memory.ts';
import type { PinPolicy } from '../core/pin/policy.ts';
import { type PolicySet, policyFor } from '../core/policy-set.ts';
import { fingerprintDigits } from '../security/fingerprints.ts';
import type { Hasher, HashTicket } from '../security/hasher.ts';
import type { Peppers } from '../security/peppers.ts';
import { type Store, StoreUnavailableError, type Versioned } from '../store/store.ts';
import type { AccountDecision, AccountRecords } from './account-records.ts';
import type { Tried } from './accounts.ts';
import type { AuditEvent } from './audit.ts';
import { change, type Decision, digest, type UnknownExtension, unknownExtensionPlace } from './documents.ts';
import type { AttemptOutcome, Report } from './events.ts';
import type { BudgetState, FailureBudgets } from './failure-budgets.ts';
import { recipientOf } from './letters.ts';
import type { Policies } from './policies.ts';
import type { Targets } from './targets.ts';

/** One keyed PIN. `attemptId` is the same when the provider delivers the webhook again; `from` is E.164, null when withheld. */
export interface PinTry {
  readonly callSid: string;
  readonly attemptId: string;
  readonly from: string | null;
  readonly pin: string;
}

/** `repeated`: this very try was charged before, so another delivery of the webhook is at it, or was when its process died. */
export type TryResult = CallEvent | 'repeated';

export interface SignIns {
  /** Tries a PIN to sign in. Where nothing else is due, the sign-in is recorded in the same stroke. */
  verify(target: Target, pinTry: PinTry): Promise<TryResult>;
  /** Tries the PIN of a caller who is signed in and wants to change it. */
  verifyCurrent(who: Verified, pinTry: PinTry): Promise<TryResult>;
  /** Records the sign-in of a caller whose PIN was verified earlier in the call. */
  record(who: Verified, callSid: string): Promise<CallEvent>;
}

interface Dependencies {
  readonly store: Store;
  readonly records: AccountRecords;
  readonly targets: Targets;
  readonly hasher: Hasher;
  readonly peppers: Peppers;
  readonly policies: Policies;
  readonly budgets: FailureBudgets;
  readonly clock: () => number;
  readonly report: Report;
}

/** What a charged attempt is verified against. `pin` null: there is none, so that only a decoy is computed. */
interface Charged {
  readonly pin: Pin | null;
  readonly lockout: Lockout;
  /** The account as it was charged; null: there is none. */
  readonly account: Versioned<Account> | null;
}

type Refused = Exclude<Reservation, { outcome: 'admitted' }> | { readonly outcome: 'turned-away' };

type Charge = Refused | Admitted;
type Admitted = Charged & { readonly outcome: 'admitted' };

/** What a right PIN makes of its account, and what the call is told. */
type Accept = (
  account: Account,
  pin: Pin,
  policy: PinPolicy,
  now: number,
) => { readonly account: Account; readonly event: CallEvent };

/** A webhook is answered sooner, so by then a try is settled or its process is dead. */
const settledWithinMs = 15_000;

/** For so long a stranger's failures on an extension that nobody has are remembered. */
const unknownExtensionMs = 30 * 24 * 3_600_000;

export function createSignIns(dependencies: Dependencies): SignIns {
  const { store, records, targets, hasher, peppers, policies, budgets, clock, report } = dependencies;

  async function tryPin(target: Target, pinTry: PinTry, accept: Accept): Promise<TryResult> {
    const tellOf = (tried: Tried | null) => (outcome: AttemptOutcome) =>
      report({
        type: 'pin-attempt',
        callSid: pinTry.callSid,
        accountId: tried?.kind === 'account' ? tried.id : null,
        outcome,
      });

    const ticket = hasher.admit();
    if (ticket === null) {
      const tried = await targets.find(target, pinTry.callSid);
      if (wasCharged(tried, pinTry)) return 'repeated';
      tellOf(tried)('busy');
      return { type: 'turned-away', why: 'busy' };
    }
    try {
      // The budgets first, so that a caller who has spent theirs can't lock an account either.
      const [spent, tried, policySet] = await Promise.all([
        budgets.charge(pinTry.from),
        targets.find(target, pinTry.callSid),
        policies.stored(),
      ]);
      const tell = tellOf(tried);
      if (spent.callerSpent) return wasCharged(tried, pinTry) ? 'repeated' : turnedAway(tell);

      const charged = await charge(tried, pinTry, spent, policySet);
      if (charged.outcome !== 'admitted') {
        await budgets.refund(pinTry.from);
        return notAdmitted(charged, tell);
      }

      /** The charge isn't given back. */
      const kept = (event: CallEvent): CallEvent => {
        budgets.tellEmptied(spent);
        return event;
      };
      const { pin, account } = charged;
      const pepperId = pin?.hash.pepperId;
      if (account !== null && pepperId !== undefined && peppers.find(pepperId) === null) {
        report({ type: 'pepper-missing', accountId: account.value.id, pepperId });
      }
      const right = await ticket.verify(pinTry.pin, pin?.hash ?? null);
      if (!right || pin === null || account === null) return kept(wrong(charged, tell));
      if (hasRunOut(pin, clock())) {
        tell('ran-out');
        return kept({ type: 'temporary-pin-ran-out' });
      }
      const event = await settle({ account, pin }, pinTry, policySet, ticket, accept);
      if (event.type === 'pin-locked') return kept(lockedOut(event.lock, tell));
      if (event.type === 'account-changed') return kept(event);
      tell('right');
      await budgets.refund(pinTry.from).catch(ignoreOutage);
      return event;
    } finally {
      ticket.release();
    }
  }

  /** Whether this very try was charged before. Its repeat must hear what comes of it, not that there are too many by now. */
  function wasCharged({ seen }: Tried, { attemptId }: PinTry): boolean {
    return isCharged(seen?.value.lockout ?? openLockout, attemptId);
  }

  function charge(
    tried: Tried,
    pinTry: PinTry,
    spent: BudgetState,
    policySet: PolicySet,
  ): Charge | Promise<Charge> {
    if (tried.kind === 'unknown') return chargeUnknown(tried, pinTry, spent, policySet);
    // An account that was removed meanwhile.
    if (tried.seen === null) return { outcome: 'admitted', pin: null, lockout: openLockout, account: null };
    return chargeAccount(tried.seen, pinTry, spent, policySet);
  }

  async function chargeAccount(
    seen: Versioned<Account>,
    pinTry: PinTry,
    spent: BudgetState,
    policySet: PolicySet,
  ): Promise<Charge> {
    const { result, present } = await records.changeSeen<
      Refused | Pick<Admitted, 'outcome' | 'pin' | 'lockout'>
    >(seen, (account) => {
      if (account === null) return { result: { outcome: 'admitted', pin: null, lockout: openLockout } };
      const { policy } = policyFor(policySet, account.profile);
      const now = clock();
      const fromOwner = pinTry.from !== null && account.profile.phoneNumbers.includes(pinTry.from);
      const isRepeat = isCharged(account.lockout, pinTry.attemptId);
      if (spent.serviceSpent && !fromOwner && !isRepeat) return { result: { outcome: 'turned-away' } };

      const lock = lockOf(account, policy, now);
      if (lock?.reason === 'inactivity') return { result: { outcome: 'locked', lock } };
      const reservation = reserve(account.lockout, { id: pinTry.attemptId, fromOwner }, policy, now);
      if (reservation.outcome !== 'admitted') {
        const { moved } = reservation;
        return { ...(moved && { put: { ...account, lockout: moved } }), result: reservation };
      }
      const { lockout } = reservation;
      const pin = account.profile.enabled ? account.pin : null;
      return {
        ...chargedAccount({ ...account, lockout }, lock, policy, pinTry, now),
        result: { outcome: 'admitted', pin, lockout },
      };
    });
    return result.outcome === 'admitted' ? { ...result, account: present } : result;
  }

  /** The same charge, lock and hash as an account's, so that an extension that nobody has can't be told from one. */
  function chargeUnknown(
    { id, seen }: Extract<Tried, { kind: 'unknown' }>,
    pinTry: PinTry,
    spent: BudgetState,
    policySet: PolicySet,
  ): Promise<Charge> {
    const { policy } = policyFor(policySet, { policy: null, dn: null });
    const decide = (unknown: UnknownExtension | null): Decision<UnknownExtension, Charge> => {
      const present = unknown?.lockout ?? openLockout;
      const attempt = { id: pinTry.attemptId, fromOwner: false };
      if (spent.serviceSpent && !isCharged(present, attempt.id))
        return { result: { outcome: 'turned-away' } };
      const now = clock();
      const reservation = reserve(present, attempt, policy, now);
      const expiresAt = now + unknownExtensionMs;
      if (reservation.outcome !== 'admitted') {
        const { moved } = reservation;
        return {
          ...(moved && { put: { schemaVersion: 1, lockout: moved }, expiresAt }),
          result: reservation,
        };
      }
      const { lockout } = reservation;
      return {
        put: { schemaVersion: 1, lockout },
        expiresAt,
        result: { outcome: 'admitted', pin: null, lockout, account: null },
      };
    };
    return change(store, unknownExtensionPlace(id), decide, seen);
  }

  function wrong({ account, lockout }: Charged, tell: (outcome: AttemptOutcome) => void): CallEvent {
    tell('wrong');
    const lock = lockInForce(lockout, clock());
    if (account !== null && lock !== null) {
      report({ type: 'account-locked', accountId: account.value.id, reason: lock.reason });
    }
    return lock === null ? { type: 'pin-wrong' } : { type: 'pin-locked', lock };
  }

  /** Gives the charge back and accepts the PIN, if the account is still the one that it was verified for. */
  async function settle(
    charged: { readonly account: Versioned<Account>; readonly pin: Pin },
    pinTry: PinTry,
    policySet: PolicySet,
    ticket: HashTicket,
    accept: Accept,
  ): Promise<CallEvent> {
    const verified = charged.pin;
    const renewed = hasher.isOutdated(verified.hash) ? await ticket.hash(pinTry.pin) : null;
    const { result: event } = await records.changeSeen<CallEvent>(charged.account, (account) => {
      if (account === null || account.pin?.id !== verified.id || !account.profile.enabled) {
        return { result: { type: 'account-changed' } };
      }
      const now = clock();
      const lockout = settleSuccess(account.lockout, pinTry.attemptId, now);
      if (lockout === null) return { result: deniedBy(lockInForce(account.lockout, now)) };
      const { policy } = policyFor(policySet, account.profile);
      const isSameHash = account.pin.hash.hash === verified.hash.hash;
      const pin = renewed !== null && isSameHash ? { ...account.pin, hash: renewed } : account.pin;
      const accepted = accept({ ...account, lockout, pin }, pin, policy, now);
      return { ...chargeGivenBack(account, accepted.account, policy, pinTry), result: accepted.event };
    });
    const isStored = event.type === 'pin-verified' || event.type === 'current-pin-verified';
    if (renewed !== null && isStored) report({ type: 'pin-rehashed', accountId: charged.account.value.id });
    return event;
  }

  function verifiedCaller(
    account: Account,
    pin: Pin,
    policy: PinPolicy,
    pinTry: PinTry,
    now: number,
  ): Verified {
    return {
      accountId: account.id,
      extension: account.profile.extension,
      name: account.profile.displayName,
      rules: dialogueRules(policy),
      locale: account.profile.locale,
      pinId: pin.id,
      verifiedAt: now,
      fingerprints:
        policy.minDigitsChanged > 1 ? fingerprintDigits(peppers, pinTry.callSid, pinTry.pin) : null,
    };
  }

  return {
    async verify(target, pinTry) {
      const result = await tryPin(target, pinTry, (account, pin, policy, now) => {
        const who = verifiedCaller(account, pin, policy, pinTry, now);
        const due = dueBeforeSignIn(account, pin, policy, now);
        return {
          account: due.kind === 'nothing' ? withSignIn(account, now) : account,
          event: { type: 'pin-verified', who, due },
        };
      });
      if (result !== 'repeated' && result.type === 'pin-verified' && result.due.kind === 'nothing') {
        report({ type: 'signed-in', callSid: pinTry.callSid, accountId: result.who.accountId });
      }
      return result;
    },

    verifyCurrent(who, pinTry) {
      return tryPin({ kind: 'account', id: who.accountId }, pinTry, (account, pin, policy, now) => ({
        account,
        event: {
          type: 'current-pin-verified',
          who: verifiedCaller(account, pin, policy, pinTry, now),
          changeableInMinutes: minutesUntilChangeable(pin, policy, now),
        },
      }));
    },

    async record(who, callSid) {
      const event = await records.change<CallEvent>(who.accountId, async (account) => {
        const now = clock();
        const { policy } = await policies.forAccount(account?.profile ?? null);
        const pin = verifiedPin(account, who.pinId, policy, now);
        if (account === null || pin === null || changeDue(account, pin, policy, now) !== null) {
          return { result: { type: 'account-changed' } };
        }
        return {
          put: withSignIn(account, now),
          result: { type: 'signed-in', signIn: signInFacts(account, pin, policy) },
        };
      });
      if (event.type === 'signed-in') report({ type: 'signed-in', callSid, accountId: who.accountId });
      return event;
    },
  };
}

/**
 * What a charge makes of an account besides the count: a lock is recorded where it is set, with the charge that reaches the limit, and
 * told to the owner; at each multiple of `logonFailuresBeforePinReset` a new PIN is ordered. Both mails wait until the try is settled,
 * since a right PIN takes them back. The PIN isn't made here: an extension that nobody has would be answered sooner.
 */
function chargedAccount(
  charged: Account,
  lockBefore: Lock | null,
  policy: PinPolicy,
  pinTry: PinTry,
  now: number,
): Pick<AccountDecision<unknown>, 'put' | 'audit' | 'mail'> {
  const { id, lockout, profile, pin } = charged;
  const mailId = mailOfTry(pinTry);
  const notBefore = now + settledWithinMs;
  const recipient = recipientOf(charged);
  if (lockout.lock !== null && lockBefore === null) {
    const audit = [lockedByFailures(id, lockout.lock, pinTry)];
    if (recipient === null || !isLockWorthTelling(charged.mail, now)) return { put: charged, audit };
    const letter = { kind: 'locked-out', until: lockout.lock.until } as const;
    return {
      put: { ...charged, mail: { ...charged.mail, toldOfLockAt: now } },
      audit,
      mail: [{ type: 'letter', id: mailId, notBefore, letter, recipient }],
    };
  }
  const isReset =
    recipient !== null &&
    profile.enabled &&
    pin !== null &&
    lockBefore === null &&
    isPinResetDue(lockout, policy);
  return { put: charged, mail: isReset ? [{ type: 'automatic-reset', id: mailId, notBefore }] : [] };
}

/** A right PIN takes back what its charge has set going. */
function chargeGivenBack(
  charged: Account,
  accepted: Account,
  policy: PinPolicy,
  pinTry: PinTry,
): Pick<AccountDecision<unknown>, 'put' | 'audit' | 'withdrawMail'> {
  const withdrawMail = mailOfTry(pinTry);
  if (charged.lockout.lock !== null && accepted.lockout.lock === null) {
    const put = { ...accepted, mail: withoutToldOfLock(accepted.mail) };
    return { put, audit: [lockGivenBack(charged.id, charged.lockout.lock, pinTry)], withdrawMail };
  }
  const every = policy.logonFailuresBeforePinReset;
  const mayBeOrdered = every > 0 && charged.lockout.consecutiveFailures >= every;
  return { put: accepted, ...(mayBeOrdered ? { withdrawMail } : {}) };
}

function lockedByFailures(accountId: string, { reason }: Lock, { callSid }: PinTry): AuditEvent {
  const actor = { kind: 'rule', name: reason, from: callSid } as const;
  return { event: 'pin.locked', actor, accountId, subject: null, outcome: 'done', details: { reason } };
}

/** The lock that this very try had caused, and recorded, is gone with its charge: the trail must not end in a lock. */
function lockGivenBack(accountId: string, { reason }: Lock, { callSid }: PinTry): AuditEvent {
  const actor = { kind: 'rule', name: reason, from: callSid } as const;
  return { event: 'pin.unlocked', actor, accountId, subject: null, outcome: 'done', details: { reason } };
}

/** The mail that a try may set going: never more than one, and the same id however often it is decided. */
function mailOfTry({ attemptId }: PinTry): string {
  return digest(`try:${attemptId}`);
}

function dueBeforeSignIn(account: Account, pin: Pin, policy: PinPolicy, now: number): Due {
  const reason = changeDue(account, pin, policy, now);
  if (reason !== null) return { kind: 'change', reason };
  // A caller who may not change the PIN yet isn't asked whether they want to.
  const days = minutesUntilChangeable(pin, policy, now) > 0 ? null : expiryWarning(pin, policy, now);
  return days === null
    ? { kind: 'nothing', signIn: signInFacts(account, pin, policy) }
    : { kind: 'warning', days };
}

function signInFacts(account: Account, pin: Pin, policy: PinPolicy): SignIn {
  return {
    previousSignInAt: account.lastSignInAt,
    failedTries: account.lockout.failuresSinceSignIn,
    pinSetAt: pin.setAt,
    pinExpiresAt: pinExpiresAt(pin, policy),
  };
}

function notAdmitted(charged: Refused, tell: (outcome: AttemptOutcome) => void): TryResult {
  switch (charged.outcome) {
    case 'repeated':
      return 'repeated';
    case 'turned-away':
      return turnedAway(tell);
    case 'locked':
      return lockedOut(charged.lock, tell);
  }
}

function turnedAway(tell: (outcome: AttemptOutcome) => void): CallEvent {
  tell('too-many-tries');
  return { type: 'turned-away', why: 'too-many-tries' };
}

function lockedOut(lock: Lock, tell: (outcome: AttemptOutcome) => void): CallEvent {
  tell('locked');
  return { type: 'pin-locked', lock };
}

/** The account was locked, or unlocked, while the hash was computed. */
function deniedBy(lock: Lock | null): CallEvent {
  return lock === null ? { type: 'account-changed' } : { type: 'pin-locked', lock };
}

/** A charge that can't be given back stays spent; the sign-in stands. */
function ignoreOutage(error: unknown): void {
  if (!(error instanceof StoreUnavailableError)) throw error;
}
