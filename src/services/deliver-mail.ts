/**
 * The courier: sends what waits in the outbox, tries again with growing pauses, and gives up in the end. It works for every process
 * that shares the store: whoever takes a mail has it alone for a while, and if it dies meanwhile another one sends it.
 */
import { type Account, withPin } from '../core/account.ts';
import type { Letter } from '../core/letter.ts';
import { type MailEnd, withEnded } from '../core/mail-memory.ts';
import { generatePin } from '../core/pin/generate.ts';
import type { Delivery, Mailer } from '../mail/mailer.ts';
import type { Hasher } from '../security/hasher.ts';
import type { AccountRecords } from './account-records.ts';
import type { Actor, AuditEvent } from './audit.ts';
import { accountPartitions } from './documents.ts';
import type { Report } from './events.ts';
import { mailNow, newPinLetter, recipientOf } from './letters.ts';
import type { Outbox, TakenMail } from './outbox.ts';
import type { Policies } from './policies.ts';

export interface Courier {
  /** Tries everything that is due now, once; resolves when that is done. */
  deliverDue(): Promise<void>;
  /** Tries what is due in one partition. */
  deliverDueIn(partition: string): Promise<void>;
}

interface Dependencies {
  readonly outbox: Outbox;
  readonly records: AccountRecords;
  readonly policies: Policies;
  readonly hasher: Hasher;
  readonly mailer: Mailer;
  readonly clock: () => number;
  readonly randomId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly report: Report;
}

const minuteMs = 60_000;

/** A mail is taken for so long. Well above the longest that sending may take, so that no two processes send the same. */
const leaseMs = 3 * minuteMs;

/** The pauses between tries double from the first to the longest, and a mail is given up after this age. */
const firstPauseMs = minuteMs;
const longestPauseMs = 60 * minuteMs;
const givenUpAfterMs = 72 * 60 * minuteMs;

/** This process wasn't given the pepper that the mail was sealed under. Another one may have been, while peppers are rotated. */
const unsealable: Delivery = { outcome: 'failed', why: 'it can not be unsealed with the peppers here' };

/** So many mails are under way at a time: a slow server holds up few, and a quick one isn't flooded. */
const atOnce = 4;

export function createCourier(dependencies: Dependencies): Courier {
  const { outbox, records, policies, hasher, mailer, clock, randomId, randomBytes, report } = dependencies;

  async function deliver(mail: TakenMail): Promise<void> {
    if (mail.kind === 'automatic-reset') return resetAutomatically(mail);
    const { content } = mail;
    if (content !== null && hasRunOut(content.letter, clock()))
      return end(mail, 'given-up', 'it ran out before it could be sent');
    if ((await records.load(mail.accountId)) === null) return end(mail, 'dropped', null);
    const delivery =
      content === null ? unsealable : await mailer.send(content.letter, content.recipient, mail);
    if (delivery.outcome === 'accepted') return end(mail, 'accepted', null);
    const dueAt = clock() + pauseAfter(mail.tries);
    const isLast = delivery.outcome === 'refused' || dueAt > mail.writtenAt + givenUpAfterMs;
    if (isLast) return end(mail, 'given-up', delivery.why);
    const { accountId, kind, tries } = mail;
    report({ type: 'mail-failed', accountId, kind, tries, why: delivery.why });
    await outbox.putOff(mail, dueAt);
  }

  /** Takes a mail out of the outbox, and notes with the account and in the trail how it ended. */
  async function end(mail: TakenMail, how: MailEnd, why: string | null): Promise<void> {
    const { accountId, kind, tries } = mail;
    const isEnded = await records.change(accountId, async (account) => {
      const also = await outbox.planEnd(mail);
      if (also === null) return { result: false };
      return {
        ...(account === null ? {} : { put: { ...account, mail: withEnded(account.mail, how, clock()) } }),
        audit: how === 'dropped' ? [] : [endOf(mail, how, why)],
        also,
        result: true,
      };
    });
    if (isEnded && how === 'accepted') report({ type: 'mail-sent', accountId, kind });
    if (isEnded && how === 'given-up')
      report({ type: 'mail-given-up', accountId, kind, tries, why: why ?? '' });
  }

  /** Makes the PIN that failed tries have called for, and has it mailed; unless the owner signed in or got another since. */
  async function resetAutomatically(order: TakenMail): Promise<void> {
    const { accountId } = order;
    const account = await records.load(accountId);
    if (account === null || !isResetStillDue(account)) return end(order, 'dropped', null);
    const { policy, mailText } = await policies.forAccount(account.profile);
    const pin = generatePin(randomBytes, policy, account.profile);
    const newPin = { id: randomId(), hash: await hasher.hashInBackground(pin), length: pin.length };
    const isReset = await records.change(accountId, async (present) => {
      const also = await outbox.planEnd(order);
      if (also === null) return { result: false };
      if (present === null) return { also, result: false };
      const now = clock();
      const ended = { ...present, mail: withEnded(present.mail, 'dropped', now) };
      if (present.pin?.id !== account.pin?.id || !isResetStillDue(present)) {
        return { put: ended, also, result: false };
      }
      const put = withPin(ended, newPin, 'generated', true, policy, now);
      const letter = newPinLetter('pin-reset-after-failures', pin, put, mailText);
      return {
        put,
        audit: [automaticReset(order)],
        mail: mailNow(randomId(), letter, recipientOf(put), now),
        also,
        result: true,
      };
    });
    if (isReset) report({ type: 'pin-changed', accountId, by: 'rule' });
  }

  async function deliverDueIn(partition: string): Promise<void> {
    for await (const mail of outbox.takeDue(partition, leaseMs)) await deliver(mail);
  }

  return {
    deliverDueIn,
    async deliverDue() {
      const partitions = accountPartitions.values();
      const work = async () => {
        for (const partition of partitions) await deliverDueIn(partition);
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    },
  };
}

/** The owner still has the PIN that was tried, and hasn't shown to know it. */
function isResetStillDue({ pin, profile, lockout }: Account): boolean {
  return pin !== null && profile.enabled && profile.email !== null && lockout.consecutiveFailures > 0;
}

function hasRunOut(letter: Letter, now: number): boolean {
  if (letter.kind === 'pin-link') return now >= letter.until;
  return 'usableUntil' in letter && letter.usableUntil !== null && now >= letter.usableUntil;
}

function pauseAfter(tries: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1));
}

const outboxActor: Actor = { kind: 'rule', name: 'outbox', from: null };

function endOf(
  { accountId, kind, tries }: TakenMail,
  how: 'accepted' | 'given-up',
  why: string | null,
): AuditEvent {
  const event = how === 'accepted' ? 'mail.sent' : 'mail.given-up';
  const details = { kind, tries, ...(why === null ? {} : { why }) };
  return { event, actor: outboxActor, accountId, subject: null, outcome: 'done', details };
}

function automaticReset({ accountId }: TakenMail): AuditEvent {
  const actor = { kind: 'rule', name: 'logonFailuresBeforePinReset', from: null } as const;
  const details = { origin: 'generated', pinExpired: true };
  return { event: 'pin.reset', actor, accountId, subject: null, outcome: 'done', details };
}
