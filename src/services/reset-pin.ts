/**
 * What an administrator does to a PIN: set it, have one generated, ask for a change, lock and unlock; and read its status.
 */
import { type Account, withChangeRequired, withLock, withPin } from '../core/account.ts';
import type { RefusalCode } from '../core/codes.ts';
import type { Recipient } from '../core/letter.ts';
import { generatePin } from '../core/pin/generate.ts';
import { refusals } from '../core/pin/refusals.ts';
import { type PinStatus, pinStatusOf } from '../core/pin-status.ts';
import type { NamedPolicy } from '../core/policy-set.ts';
import type { Hasher } from '../security/hasher.ts';
import type { AccountRecords } from './account-records.ts';
import type { Actor, Audit, AuditEvent, AuditEventName } from './audit.ts';
import type { Report } from './events.ts';
import { mailNow, newPinLetter, recipientOf } from './letters.ts';
import type { Mail } from './outbox.ts';
import type { Policies } from './policies.ts';

/** `pin` absent: one is generated. `pinExpired`: the caller must choose another at the next sign-in. */
export interface ResetRequest {
  readonly pin?: string;
  readonly pinExpired: boolean;
  /** False clears any lock, true keeps or sets one. */
  readonly lockedOut: boolean;
  /** The same key never sets a second PIN. */
  readonly idempotencyKey?: string;
  /** Only say what would happen. No PIN is generated, and none is hashed. */
  readonly dryRun?: boolean;
  /** Whether to mail the PIN, if there is an address. */
  readonly sendEmail: boolean;
  /** Where to, if not to the owner's own address. */
  readonly notifyEmail: string | null;
  /** Whether whoever asks is shown the PIN. */
  readonly reveal: boolean;
}

/** `repeated`: the PIN was set under the same key before, and is not told again. */
export type Reset =
  | { readonly outcome: 'repeated'; readonly status: PinStatus }
  | {
      readonly outcome: 'reset';
      readonly status: PinStatus;
      readonly pin: string;
      /** The address that it is mailed to; null: to none. */
      readonly mailTo: string | null;
    }
  /** Answered to a dry run: the status as it would be, and where the PIN would be mailed to. */
  | { readonly outcome: 'would-reset'; readonly status: PinStatus; readonly mailTo: string | null }
  /** It would be neither mailed nor shown, nor was it typed: nobody would know it. */
  | { readonly outcome: 'undeliverable' }
  | { readonly outcome: 'refused'; readonly codes: readonly RefusalCode[] }
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'not-found' };

/** Work that leaves callers the first turn. `signal` ends its waiting. */
export interface Background {
  readonly signal?: AbortSignal;
}

/** What is to change without a new PIN; what is absent stays. */
export interface StatusChange {
  readonly lockedOut?: boolean;
  readonly pinExpired?: boolean;
}

export interface PinAdministration {
  /** The PIN's status; null when there is no such account. That it was looked at is recorded. */
  status(accountId: string, actor: Actor): Promise<PinStatus | null>;
  /**
   * Gives the account a new PIN. History binds callers, not administrators.
   * @param background for one of many, or for what nobody waits for: it waits for as long as callers need the hasher, and is never
   *   `busy`. Absent: at once, or not at all.
   * @throws the signal's reason when that says stop while it waits.
   */
  reset(accountId: string, request: ResetRequest, actor: Actor, background?: Background): Promise<Reset>;
  /**
   * Locks, unlocks, or asks for a change, without touching the PIN; null when there is no such account.
   * With `dryRun` it only says what the status would be, and that is recorded as a look at it.
   */
  update(
    accountId: string,
    statusChange: StatusChange,
    actor: Actor,
    options?: { readonly dryRun?: boolean },
  ): Promise<PinStatus | null>;
}

interface Dependencies {
  readonly records: AccountRecords;
  readonly hasher: Hasher;
  readonly audit: Audit;
  readonly policies: Policies;
  readonly clock: () => number;
  readonly randomId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly report: Report;
}

export function createPinAdministration(dependencies: Dependencies): PinAdministration {
  const { records, audit, hasher, policies, clock, randomId, randomBytes, report } = dependencies;

  async function hashNewPin(pin: string, background: Background | undefined) {
    const hash = await (background === undefined
      ? hashAtOnce(pin)
      : hasher.hashInBackground(pin, background.signal));
    return hash && { id: randomId(), hash, length: pin.length };
  }

  async function hashAtOnce(pin: string) {
    const ticket = hasher.admit();
    if (ticket === null) return null;
    try {
      return await ticket.hash(pin);
    } finally {
      ticket.release();
    }
  }

  /** Whoever is mailed a PIN at another address than their own could be anybody; so the owner hears that there is a new one. */
  function tellOwner(account: Account, recipient: Recipient | null, now: number): Mail[] {
    const owner = recipientOf(account);
    if (recipient === null || recipient.address === owner?.address) return [];
    return mailNow(randomId(), { kind: 'pin-changed', by: 'administrator', at: now }, owner, now);
  }

  return {
    status(accountId, actor) {
      return records.change<PinStatus | null>(accountId, async (account) => {
        if (account === null) return { result: null };
        const status = pinStatusOf(account, await policies.forAccount(account.profile), clock());
        return { audit: [eventOf('pin.status-read', accountId, actor)], result: status };
      });
    },

    async reset(accountId, request, actor, background) {
      const account = await records.load(accountId);
      if (account === null) return { outcome: 'not-found' };
      const held = await policies.forAccount(account.profile);
      const { policy } = held;
      const { idempotencyKey: key } = request;
      const isRepeated = async () => key !== undefined && (await records.isDone(accountId, key));
      const look = async () => {
        if (request.dryRun) await audit.append(eventOf('pin.status-read', accountId, actor));
      };
      if (await isRepeated()) {
        await look();
        return { outcome: 'repeated', status: pinStatusOf(account, held, clock()) };
      }
      if (!willBeKnown(account, request)) return { outcome: 'undeliverable' };
      const codes = request.pin === undefined ? [] : refusals(request.pin, policy, account.profile);
      if (codes.length > 0) {
        const refused = {
          ...eventOf('pin.reset', accountId, actor),
          outcome: 'refused',
          details: { codes },
        } as const;
        if (!request.dryRun) {
          await audit.append(refused);
          report({ type: 'pin-refused', accountId, by: 'administrator' });
        }
        return { outcome: 'refused', codes };
      }
      if (request.dryRun) {
        await look();
        const mailTo = mailedTo(account, request)?.address ?? null;
        return { outcome: 'would-reset', status: statusAfter(account, request, held, clock()), mailTo };
      }
      const pin = request.pin ?? generatePin(randomBytes, policy, account.profile);
      const newPin = await hashNewPin(pin, background);
      if (newPin === null) return { outcome: 'busy' };

      const origin = request.pin === undefined ? 'generated' : 'administrator';
      const { pinExpired, lockedOut } = request;
      const reset = await records.change<Reset>(accountId, async (present) => {
        if (present === null) return { result: { outcome: 'not-found' } };
        const now = clock();
        if (await isRepeated()) {
          return { result: { outcome: 'repeated', status: pinStatusOf(present, held, now) } };
        }
        if (!willBeKnown(present, request)) return { result: { outcome: 'undeliverable' } };
        const changed = withPin(present, newPin, origin, pinExpired, policy, now);
        const put = withReset(changed, present, request, now);
        const letter = newPinLetter(present.pin === null ? 'welcome' : 'pin-reset', pin, put, held.mailText);
        const recipient = mailedTo(present, request);
        const mailTo = recipient?.address ?? null;
        const event = {
          ...eventOf('pin.reset', accountId, actor),
          details: { origin, pinExpired, lockedOut, mailTo, revealed: request.reveal },
        };
        const mail = [...mailNow(randomId(), letter, recipient, now), ...tellOwner(put, recipient, now)];
        const status = pinStatusOf(put, held, now);
        return {
          put,
          audit: [event],
          mail,
          result: {
            outcome: 'reset',
            status: { ...status, mailsWaiting: status.mailsWaiting + mail.length },
            pin,
            mailTo,
          },
          ...(key === undefined ? {} : { doneUnder: key }),
        };
      });
      if (reset.outcome === 'reset') report({ type: 'pin-changed', accountId, by: 'administrator' });
      return reset;
    },

    async update(accountId, statusChange, actor, { dryRun = false } = {}) {
      const { lockedOut, pinExpired } = statusChange;
      const status = await records.change<PinStatus | null>(accountId, async (account) => {
        if (account === null) return { result: null };
        const now = clock();
        const marked = pinExpired === undefined ? account : withChangeRequired(account, pinExpired);
        const put = lockedOut === undefined ? marked : withLock(marked, lockedOut, now);
        const status = pinStatusOf(put, await policies.forAccount(account.profile), now);
        return dryRun
          ? { audit: [eventOf('pin.status-read', accountId, actor)], result: status }
          : { put, audit: eventsOf(statusChange, accountId, actor), result: status };
      });
      if (dryRun) return status;
      if (status !== null && lockedOut === true) {
        report({ type: 'account-locked', accountId, reason: 'administrator' });
      }
      if (status !== null && lockedOut === false) report({ type: 'account-unlocked', accountId });
      return status;
    },
  };
}

function eventOf(event: AuditEventName, accountId: string, actor: Actor): AuditEvent {
  return { event, actor, accountId, subject: null, outcome: 'done', details: null };
}

function eventsOf({ lockedOut, pinExpired }: StatusChange, accountId: string, actor: Actor): AuditEvent[] {
  const names: AuditEventName[] = [];
  if (lockedOut !== undefined) names.push(lockedOut ? 'pin.locked' : 'pin.unlocked');
  if (pinExpired !== undefined) names.push(pinExpired ? 'pin.change-required' : 'pin.change-waived');
  return names.map((name) => eventOf(name, accountId, actor));
}

/** Stands for a PIN that isn't made: no status tells one PIN from another, but by its length. */
const unmadePin = { id: '', hash: { hash: '', pepperId: '' } };

/** The status that a reset would lead to. */
function statusAfter(account: Account, request: ResetRequest, held: NamedPolicy, now: number): PinStatus {
  const newPin = { ...unmadePin, length: request.pin?.length ?? held.policy.minLength };
  const origin = request.pin === undefined ? 'generated' : 'administrator';
  const changed = withPin(account, newPin, origin, request.pinExpired, held.policy, now);
  return pinStatusOf(withReset(changed, account, request, now), held, now);
}

/** Whom a reset is mailed to; null: to nobody. */
function mailedTo(account: Account, { sendEmail, notifyEmail }: ResetRequest): Recipient | null {
  return sendEmail ? recipientOf(account, notifyEmail ?? account.profile.email) : null;
}

/** Whether anybody would know the PIN: whoever typed it, is shown it, or is mailed it. */
export function willBeKnown(account: Account, request: ResetRequest): boolean {
  return request.pin !== undefined || request.reveal || mailedTo(account, request) !== null;
}

/** `lockedOut: true` keeps a lock that is there and sets one where there is none; otherwise a reset unlocks. */
function withReset(changed: Account, before: Account, { lockedOut }: ResetRequest, now: number): Account {
  if (!lockedOut) return withLock(changed, false, now);
  return before.lockout.lock?.reason === 'administrator' ? changed : withLock(changed, true, now);
}
