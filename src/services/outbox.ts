/**
 * The outbox: mails that are committed in the same stroke as what they tell, and wait in the account's partition until a mail server
 * has accepted them. What a mail says is sealed, since it may hold a PIN.
 */
import type { Letter, LetterKind, Recipient } from '../core/letter.ts';
import { pepperOfBox, type SealedBox } from '../security/sealed-box.ts';
import type { Change, Key, Store } from '../store/store.ts';
import { accountPartitions, type Document, load, type Place, partitionOf, putOf } from './documents.ts';
import { isDue } from './due.ts';
import { indexPages } from './index-pages.ts';

/** Something to be mailed to an account's owner. Times are Unix ms. */
export type Mail = { readonly id: string /** Not sent before. */; readonly notBefore: number } & (
  | { readonly type: 'letter'; readonly letter: Letter; readonly recipient: Recipient }
  /** A new PIN is to be made, because of failed tries, and mailed. It is made when the order is carried out. */
  | { readonly type: 'automatic-reset' }
);

export type MailKind = LetterKind | 'automatic-reset';

/** A mail as it waits. `sealed` null: an automatic reset, which holds nothing yet. */
interface MailDocument extends Document {
  readonly accountId: string;
  readonly kind: MailKind;
  readonly sealed: string | null;
  readonly writtenAt: number;
  readonly dueAt: number;
  readonly tries: number;
}

/** A mail that was taken to be sent: nobody else takes it before `lease` has passed. */
export interface TakenMail extends MailDocument {
  readonly id: string;
  readonly version: string;
  /** What is to be sent; null for an automatic reset, and for what can't be unsealed. */
  readonly content: { readonly letter: Letter; readonly recipient: Recipient } | null;
}

export interface Outbox {
  /** The changes that put mails into the outbox, to be committed with what they tell. */
  plan(accountId: string, mails: readonly Mail[]): readonly Change[];
  /** The changes that take a mail back that wasn't sent yet; none when it is gone. */
  planWithdrawal(accountId: string, id: string): Promise<readonly Change[]>;
  /** The changes that take a mail out when it was sent, given up or isn't needed; null: another has taken it since. */
  planEnd(mail: TakenMail): Promise<readonly Change[] | null>;
  /** Takes what is due in a partition, one after the other, for as long as the lease; by then it has to be ended or put off. */
  takeDue(partition: string, leaseMs: number): AsyncGenerator<TakenMail, void, undefined>;
  /** Puts a mail off, unless its lease has passed and another took it. */
  putOff(mail: TakenMail, dueAt: number): Promise<void>;
  /** How many mails wait, of all accounts. */
  countWaiting(): Promise<number>;
  /** Says that mails were committed, so that they are sent at once. */
  committed(accountId: string): void;
  /** Whoever sends mails is told in which partition some were committed. */
  onCommitted(listener: (partition: string) => void): void;
}

interface Dependencies {
  readonly store: Store;
  readonly box: SealedBox;
  readonly clock: () => number;
}

/** No mail is put off for longer. */
const longestWaitMs = 2 * 3_600_000;

export function createOutbox({ store, box, clock }: Dependencies): Outbox {
  const listeners: ((partition: string) => void)[] = [];

  /** What waits in a partition after a member, in the order in which it is due. */
  async function* members(partition: string, first?: string): AsyncGenerator<string> {
    for await (const page of indexPages(store, outboxIndex(partition), first)) yield* page;
  }

  async function take(accountPartition: string, id: string, leaseMs: number): Promise<TakenMail | null> {
    const place = mailPlace(accountPartition, id);
    const found = await load(store, place);
    if (found === null || !isDue(found.value.dueAt, clock(), longestWaitMs)) return null;
    const leased = { ...found.value, dueAt: clock() + leaseMs, tries: found.value.tries + 1 };
    const moved = moveMember(accountPartition, id, found.value.dueAt, leased.dueAt);
    if ((await store.commit([putOf(place, found.version, leased), ...moved])) === 'conflict') return null;
    const present = await load(store, place);
    return present === null ? null : { ...leased, id, version: present.version, content: unseal(leased, id) };
  }

  function unseal({ sealed }: MailDocument, id: string): TakenMail['content'] {
    const text = sealed === null ? null : box.open(sealed, mailName(id));
    return text === null ? null : JSON.parse(text);
  }

  return {
    plan(accountId, mails) {
      const partition = partitionOf(accountId);
      return mails.flatMap((mail) => {
        const { id, notBefore: dueAt } = mail;
        const content = mail.type === 'letter' ? { letter: mail.letter, recipient: mail.recipient } : null;
        const document: MailDocument = {
          schemaVersion: 1,
          accountId,
          kind: mail.type === 'letter' ? mail.letter.kind : mail.type,
          sealed: content === null ? null : box.seal(JSON.stringify(content), mailName(id)),
          writtenAt: clock(),
          dueAt,
          tries: 0,
        };
        const member = memberOf(dueAt, id);
        return [
          putOf(mailPlace(partition, id), null, document),
          { type: 'add-member', index: outboxIndex(partition), member } as const,
        ];
      });
    },

    async planWithdrawal(accountId, id) {
      const partition = partitionOf(accountId);
      const found = await load(store, mailPlace(partition, id));
      return found === null ? [] : removal(partition, id, found.version, found.value.dueAt);
    },

    async planEnd({ id, accountId, version, dueAt }) {
      const partition = partitionOf(accountId);
      const present = await load(store, mailPlace(partition, id));
      return present?.version === version ? removal(partition, id, version, dueAt) : null;
    },

    async *takeDue(partition, leaseMs) {
      const tooFarOff = memberOf(clock() + longestWaitMs, '');
      for (const first of [undefined, tooFarOff]) {
        for await (const member of members(partition, first)) {
          const { dueAt, id } = parseMember(member);
          if (!isDue(dueAt, clock(), longestWaitMs)) break;
          const taken = await take(partition, id, leaseMs);
          if (taken !== null) yield taken;
        }
      }
    },

    async putOff({ id, version, content: _content, ...mail }, dueAt) {
      const partition = partitionOf(mail.accountId);
      const moved = moveMember(partition, id, mail.dueAt, dueAt);
      await store.commit([putOf(mailPlace(partition, id), version, { ...mail, dueAt }), ...moved]);
    },

    async countWaiting() {
      let count = 0;
      for (const partition of accountPartitions) {
        for await (const _mail of members(partition)) count += 1;
      }
      return count;
    },

    committed(accountId) {
      for (const listener of listeners) listener(partitionOf(accountId));
    },
    onCommitted: (listener) => void listeners.push(listener),
  };
}

function mailName(id: string): string {
  return `mail:${id}`;
}

function mailPlace(partition: string, id: string): Place<MailDocument> {
  return { key: { partition, name: mailName(id) } };
}

/** What waits in a partition. Its members sort by when they are due. */
export function outboxIndex(partition: string): Key {
  return { partition, name: 'outbox' };
}

/** The id of the pepper that a waiting mail was sealed with; null for one that holds nothing, or is gone. */
export async function sealedWith(store: Store, partition: string, member: string): Promise<string | null> {
  const found = await load(store, mailPlace(partition, parseMember(member).id));
  return found === null || found.value.sealed === null ? null : pepperOfBox(found.value.sealed);
}

function memberOf(dueAt: number, id: string): string {
  return `${String(dueAt).padStart(15, '0')}|${id}`;
}

function parseMember(member: string): { readonly dueAt: number; readonly id: string } {
  const [dueAt = '', id = ''] = member.split('|');
  return { dueAt: Number(dueAt), id };
}

function moveMember(partition: string, id: string, from: number, to: number): Change[] {
  const index = outboxIndex(partition);
  return [
    { type: 'remove-member', index, member: memberOf(from, id) },
    { type: 'add-member', index, member: memberOf(to, id) },
  ];
}

function removal(partition: string, id: string, version: string, dueAt: number): Change[] {
  return [
    { type: 'delete', key: mailPlace(partition, id).key, expected: version },
    { type: 'remove-member', index: outboxIndex(partition), member: memberOf(dueAt, id) },
  ];
}
