/**
 * A caller chooses a new PIN: it is checked and hashed when it is keyed, and that very hash is stored when it is keyed again.
 */
import {
  type Account,
  minutesUntilChangeable,
  type NewPin,
  type Pin,
  pinExpiresAt,
  rememberedHashes,
  verifiedPin,
  withPin,
} from '../core/account.ts';
import type { CallEvent } from '../core/call/event.ts';
import type { Verified } from '../core/call/state.ts';
import type { ChangeReason, RefusalCode } from '../core/codes.ts';
import type { PinPolicy } from '../core/pin/policy.ts';
import { refusals } from '../core/pin/refusals.ts';
import { countChangedDigits, fingerprintDigits } from '../security/fingerprints.ts';
import type { Hasher, HashTicket } from '../security/hasher.ts';
import type { Peppers } from '../security/peppers.ts';
import type { AccountRecords } from './account-records.ts';
import type { AuditEvent } from './audit.ts';
import type { Report } from './events.ts';
import { mailNow, recipientOf } from './letters.ts';
import type { Policies } from './policies.ts';

/** A keyed new PIN, and the verified caller who chose it. */
export interface ChosenPin {
  readonly who: Verified;
  readonly callSid: string;
  readonly reason: ChangeReason;
  readonly pin: string;
}

export interface PinChanges {
  /** Whether the PIN may be chosen; accepted, it comes back as the hash that `store` takes. */
  check(chosen: ChosenPin): Promise<CallEvent>;
  /** Stores the PIN that was checked, if it was keyed the same again and the account is still as it was verified. */
  store(chosen: ChosenPin, newPin: NewPin): Promise<CallEvent>;
}

interface Dependencies {
  readonly records: AccountRecords;
  readonly hasher: Hasher;
  readonly peppers: Peppers;
  readonly policies: Policies;
  readonly clock: () => number;
  readonly randomId: () => string;
  readonly report: Report;
}

export function createPinChanges(dependencies: Dependencies): PinChanges {
  const { records, hasher, peppers, policies, clock, randomId, report } = dependencies;

  /** Runs work that needs hashes, or turns the caller away while there are too many. */
  async function withTicket(work: (ticket: HashTicket) => Promise<CallEvent>): Promise<CallEvent> {
    const ticket = hasher.admit();
    if (ticket === null) return { type: 'turned-away', why: 'busy' };
    try {
      return await work(ticket);
    } finally {
      ticket.release();
    }
  }

  /** The first rule that the PIN breaks; the rules that need hashes come last, since each costs one. */
  async function firstRefusal(
    account: Account,
    pin: Pin,
    chosen: ChosenPin,
    policy: PinPolicy,
    ticket: HashTicket,
  ): Promise<RefusalCode | null> {
    if (chosen.reason === 'voluntary' && minutesUntilChangeable(pin, policy, clock()) > 0)
      return 'changed_too_recently';
    const [weakness] = refusals(chosen.pin, policy, account.profile);
    if (weakness !== undefined) return weakness;
    if (changesTooLittle(chosen, policy)) return 'too_similar';
    for (const remembered of rememberedHashes(pin, policy)) {
      if (await ticket.verify(chosen.pin, remembered)) return 'recently_used';
    }
    const isCompared = policy.historyCount > 0;
    return !isCompared && (await ticket.verify(chosen.pin, pin.hash)) ? 'too_similar' : null;
  }

  function changesTooLittle({ who, callSid, pin }: ChosenPin, policy: PinPolicy): boolean {
    if (who.fingerprints === null) return false;
    return (
      countChangedDigits(who.fingerprints, fingerprintDigits(peppers, callSid, pin)) < policy.minDigitsChanged
    );
  }

  return {
    check: (chosen) =>
      withTicket(async (ticket) => {
        const account = await records.load(chosen.who.accountId);
        const { policy } = await policies.forAccount(account?.profile ?? null);
        const pin = verifiedPin(account, chosen.who.pinId, policy, clock());
        if (account === null || pin === null) return { type: 'account-changed' };
        const refusal = await firstRefusal(account, pin, chosen, policy, ticket);
        if (refusal !== null) {
          report({ type: 'pin-refused', accountId: account.id, by: 'caller' });
          return { type: 'new-pin-refused', refusal };
        }
        const hash = await ticket.hash(chosen.pin);
        return { type: 'new-pin-accepted', newPin: { id: randomId(), hash, length: chosen.pin.length } };
      }),

    store: (chosen, newPin) =>
      withTicket(async (ticket) => {
        if (!(await ticket.verify(chosen.pin, newPin.hash))) return { type: 'new-pin-different' };
        const { who, reason } = chosen;
        const event = await records.change<CallEvent>(who.accountId, async (account) => {
          const now = clock();
          const { policy } = await policies.forAccount(account?.profile ?? null);
          if (account?.pin?.id === newPin.id) return { result: storedEvent(account.pin, who, policy) };
          const pin = verifiedPin(account, who.pinId, policy, now);
          if (account === null || pin === null) return { result: { type: 'account-changed' } };
          if (newPin.length < policy.minLength)
            return { result: { type: 'new-pin-refused', refusal: 'too_short' } };
          if (reason === 'voluntary' && minutesUntilChangeable(pin, policy, now) > 0) {
            return { result: { type: 'new-pin-refused', refusal: 'changed_too_recently' } };
          }
          const changed = withPin(account, newPin, 'owner', false, policy, now);
          return {
            put: changed,
            audit: [changedByCaller(chosen)],
            mail: mailNow(
              randomId(),
              { kind: 'pin-changed', by: 'owner', at: now },
              recipientOf(account),
              now,
            ),
            result: storedEvent({ ...newPin, setAt: now }, who, policy),
          };
        });
        if (event.type === 'new-pin-stored')
          report({ type: 'pin-changed', accountId: who.accountId, by: 'caller' });
        return event;
      }),
  };
}

function storedEvent(pin: NewPin & { readonly setAt: number }, who: Verified, policy: PinPolicy): CallEvent {
  return {
    type: 'new-pin-stored',
    who: { ...who, pinId: pin.id, fingerprints: null },
    pinSetAt: pin.setAt,
    pinExpiresAt: pinExpiresAt({ setAt: pin.setAt }, policy),
  };
}

function changedByCaller({ who, callSid, reason }: ChosenPin): AuditEvent {
  const actor = { kind: 'caller', name: who.accountId, from: callSid } as const;
  return {
    event: 'pin.changed',
    actor,
    accountId: who.accountId,
    subject: null,
    outcome: 'done',
    details: { reason },
  };
}
