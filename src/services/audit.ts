/**
 * The audit trail: who did what to whom, when, from where, and how it came out. A record is committed in the same stroke as what it
 * records, and carries a hash over the one before it in its partition, so that a removed or altered record shows.
 */
import { createHash } from 'node:crypto';
import type { Change, Json, Key, Store } from '../store/store.ts';
import { StoreUnavailableError } from '../store/store.ts';
import {
  accountPartitions,
  type Document,
  load,
  type Place,
  partitionOf,
  putOf,
  serverPartition,
} from './documents.ts';

/** Everything that is recorded. */
export const auditEvents = [
  'user.created',
  'user.changed',
  'user.removed',
  'users.imported',
  'pin.status-read',
  'pin.reset',
  'pin.locked',
  'pin.unlocked',
  'pin.change-required',
  'pin.change-waived',
  'pin.changed',
  'pin.link-sent',
  'mail.sent',
  'mail.given-up',
  'policy.stored',
  'policy.removed',
  'token.created',
  'token.revoked',
  'data.exported',

  'session.started',
  'session.ended',
  'phone.called',
] as const;

export type AuditEventName = (typeof auditEvents)[number];

/** Who did it: a token of the API by its name, a caller by the account that was called for, a visitor of `/me` by
 * the account that was asked for, or Ringkey by a rule. */
export interface Actor {
  readonly kind: 'token' | 'caller' | 'visitor' | 'rule';
  readonly name: string;
  /** From where: an address of the network, or a call's id. */
  readonly from: string | null;
}

/** What is to be recorded. No PIN, token or keyed digit is ever among the details. */
export interface AuditEvent {
  readonly event: AuditEventName;
  readonly actor: Actor;
  /** The account it was done to; null when it wasn't done to one. */
  readonly accountId: string | null;
  /** What else it was done to, such as a policy's name. */
  readonly subject: string | null;
  readonly outcome: 'done' | 'refused';
  readonly details: Json;
}

/** A record as it is stored. `at` is Unix ms; `sequence` counts from 1 within the partition. */
export interface AuditRecord extends AuditEvent {
  readonly sequence: number;
  readonly at: number;
  /** The hash of the record before it in its partition; null for the first. */
  readonly previous: string | null;
  /** Until when the record before it is kept, Unix ms; null: for good, or it is the first. */
  readonly previousKeptUntil: number | null;
  readonly hash: string;
}

export interface AuditFilter {
  readonly accountId?: string;
  readonly actor?: string;
  readonly event?: AuditEventName;
  /** Unix ms, both included. */
  readonly from?: number;
  readonly to?: number;
}

/** A page of records, oldest first. `cursor` continues after it; null: that was all. */
export interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly cursor: string | null;
}

/** What a check of the trail found. `problem` names the first record, by partition, that doesn't fit; null: all do. */
export interface AuditCheck {
  readonly records: number;
  readonly problem: string | null;
}

export interface Audit {
  /** The changes that record these events in a partition, to be committed with what they record. */
  plan(partition: string, events: readonly AuditEvent[]): Promise<readonly Change[]>;
  /** Records events that change nothing themselves. */
  append(event: AuditEvent): Promise<void>;
  query(filter: AuditFilter, limit: number, cursor: string | null): Promise<AuditPage>;
  /** Reads the whole trail and checks every link of every partition's chain. */
  verify(): Promise<AuditCheck>;
}

/** The last record of a partition: what the next one follows. Times are Unix ms; `keptUntil` null: for good. */
interface Head {
  readonly sequence: number;
  readonly at: number;
  readonly hash: string | null;
  readonly keptUntil: number | null;
  /** How far the trail was swept: a member; absent: it never was. */
  readonly sweptTo?: string;
}

interface HeadDocument extends Document, Head {}

const noHead: Head = { sequence: 0, at: 0, hash: null, keptUntil: null };

interface RecordDocument extends Document {
  readonly record: AuditRecord;
}

interface Dependencies {
  readonly store: Store;
  readonly clock: () => number;
  /** For how many days records are kept; 0: for good. */
  readonly retentionDays: number;
}

const dayMs = 86_400_000;
const mostTries = 64;
const chainPage = 500;

/** A commit sweeps so many members, which is more than it adds, so that those of expired records don't pile up. */
const sweptPerCommit = 8;

export function createAudit({ store, clock, retentionDays }: Dependencies): Audit {
  const retentionMs = retentionDays * dayMs;

  async function plan(partition: string, events: readonly AuditEvent[]): Promise<readonly Change[]> {
    if (events.length === 0) return [];
    const head = await load(store, headPlace(partition));
    const now = clock();
    const swept = await sweep(partition, head?.value.sweptTo, now);
    const changes: Change[] = [...swept.changes];
    let last: Head = head?.value ?? noHead;
    for (const event of events) {
      const record = chained(event, last, now);
      const keptUntil = retentionDays === 0 ? null : record.at + retentionMs;
      last = { sequence: record.sequence, at: record.at, hash: record.hash, keptUntil };
      const document: RecordDocument = { schemaVersion: 1, record };
      changes.push(putOf(recordPlace(partition, record.sequence), null, document, keptUntil ?? undefined));
      const member = memberOf(partition, record);
      for (const index of trailsOf(partition, event.accountId)) {
        changes.push({ type: 'add-member', index, member });
      }
    }
    const newHead: HeadDocument = { ...last, ...swept.to, schemaVersion: 1 };
    return [...changes, putOf(headPlace(partition), head?.version ?? null, newHead)];
  }

  /**
   * The changes that take members of expired records out of the indexes, and how far the trail is swept with them. It goes on where
   * the last commit ended: records that are kept for longer, by an earlier setting, are passed over.
   */
  async function sweep(partition: string, sweptTo: string | undefined, now: number) {
    const range = { limit: sweptPerCommit, ...(sweptTo === undefined ? {} : { after: sweptTo }) };
    const changes: Change[] = [];
    let last = sweptTo;
    if (retentionDays > 0) {
      for (const member of await store.range(trailOf(partition), range)) {
        const { at, sequence, accountId } = parseMember(member);
        if (at + retentionMs > now) break;
        last = member;
        if ((await load(store, recordPlace(partition, sequence))) !== null) continue;
        for (const index of trailsOf(partition, accountId)) {
          changes.push({ type: 'remove-member', index, member });
        }
      }
    }
    return { changes, to: last === undefined ? {} : { sweptTo: last } };
  }

  /** The records of these indexes after a member, in the order of time; those that have expired are null. */
  async function readAfter(indexes: readonly Key[], after: string | null, limit: number): Promise<Entry[]> {
    const range = { limit, ...(after === null ? {} : { after }) };
    const members = (await Promise.all(indexes.map((index) => store.range(index, range)))).flat().sort();
    return Promise.all(
      members.slice(0, limit).map(async (member) => {
        const { partition, sequence } = parseMember(member);
        const found = await load(store, recordPlace(partition, sequence));
        return { member, sequence, record: found?.value.record ?? null };
      }),
    );
  }

  /**
   * What is wrong with a partition's chain; null: nothing. `seen` hears of each record that is right. The head is read first, so that
   * what is recorded meanwhile doesn't count as a break.
   */
  async function findBreak(partition: string, seen: () => void): Promise<string | null> {
    const head = (await load(store, headPlace(partition)))?.value ?? null;
    let before: AuditRecord | null = null;
    let after: string | null = null;
    let entries: Entry[];
    do {
      entries = await readAfter([trailOf(partition)], after, chainPage);
      for (const { member, sequence, record } of entries) {
        after = member;
        // Retention takes records away; the next one that is left tells whether it was time.
        if (record === null) continue;
        if (record.hash !== hashOf(record) || record.sequence !== sequence) {
          return `${partition}/${sequence} was altered`;
        }
        const isNext: boolean = before !== null && sequence === before.sequence + 1;
        if (!isNext && mustBeThere(record.previous, record.previousKeptUntil)) {
          return `${partition}/${sequence - 1} is missing`;
        }
        if (isNext && record.previous !== before?.hash) {
          return `${partition}/${sequence} does not follow`;
        }
        if (sequence === head?.sequence && record.hash !== head.hash) {
          return `${partition}/${sequence} was altered`;
        }
        before = record;
        seen();
      }
    } while (entries.length === chainPage);
    if (head === null && before !== null && (await load(store, headPlace(partition))) === null) {
      return `${partition} has records but no head`;
    }
    const isCut = head !== null && (before?.sequence ?? 0) < head.sequence;
    return isCut && mustBeThere(head.hash, head.keptUntil)
      ? `${partition}/${head.sequence} is missing`
      : null;
  }

  /** Whether a record that was once written is still to be kept. */
  function mustBeThere(hash: string | null, keptUntil: number | null): boolean {
    return hash !== null && (keptUntil === null || clock() < keptUntil);
  }

  return {
    plan,

    async append(event) {
      const partition = event.accountId === null ? serverPartition : partitionOf(event.accountId);
      for (let tries = 0; tries < mostTries; tries += 1) {
        if ((await store.commit(await plan(partition, [event]))) === 'committed') return;
      }
      throw new StoreUnavailableError('The audit trail kept changing.');
    },

    async query(filter, limit, cursor) {
      const indexes =
        filter.accountId === undefined ? trailPartitions.map(trailOf) : [accountTrail(filter.accountId)];
      const records: AuditRecord[] = [];
      let after = cursor ?? (filter.from === undefined ? null : timeText(filter.from));
      for (;;) {
        const entries = await readAfter(indexes, after, limit);
        for (const { member, record } of entries) {
          after = member;
          if (record !== null && fits(record, filter)) records.push(record);
          if (records.length === limit) return { records, cursor: member };
        }
        const isPastEnd = filter.to !== undefined && (entries.at(-1)?.record?.at ?? 0) > filter.to;
        if (entries.length < limit || isPastEnd) return { records, cursor: null };
      }
    },

    async verify() {
      let records = 0;
      for (const partition of trailPartitions) {
        const problem = await findBreak(partition, () => {
          records += 1;
        });
        if (problem !== null) return { records, problem };
      }
      return { records, problem: null };
    },
  };
}

interface Entry {
  readonly member: string;
  readonly sequence: number;
  readonly record: AuditRecord | null;
}

const trailPartitions = [...accountPartitions, serverPartition];

function headPlace(partition: string): Place<HeadDocument> {
  return { key: { partition, name: 'audit-head' } };
}

function recordPlace(partition: string, sequence: number): Place<RecordDocument> {
  return { key: { partition, name: `audit:${sequence}` } };
}

/** All records of a partition, in the order of time. */
function trailOf(partition: string): Key {
  return { partition, name: 'audit' };
}

function accountTrail(accountId: string): Key {
  return { partition: partitionOf(accountId), name: `audit-of:${accountId}` };
}

/** Where a record is indexed. */
function trailsOf(partition: string, accountId: string | null): Key[] {
  return [trailOf(partition), ...(accountId === null ? [] : [accountTrail(accountId)])];
}

/** Names a record so that the names of all records sort by time, and so that it is known where it is indexed when it is gone. */
function memberOf(partition: string, { at, sequence, accountId }: AuditRecord): string {
  const parts = [timeText(at), partition, String(sequence).padStart(12, '0')];
  return [...parts, ...(accountId === null ? [] : [accountId])].join('|');
}

function parseMember(member: string) {
  const [at = '', partition = '', sequence = '', accountId = null] = member.split('|');
  return { at: Number(at), partition, sequence: Number(sequence), accountId };
}

function timeText(ms: number): string {
  return String(ms).padStart(15, '0');
}

function fits(record: AuditRecord, { accountId, actor, event, from, to }: AuditFilter): boolean {
  return (
    (accountId === undefined || record.accountId === accountId) &&
    (actor === undefined || record.actor.name === actor) &&
    (event === undefined || record.event === event) &&
    (from === undefined || record.at >= from) &&
    (to === undefined || record.at <= to)
  );
}

function chained(event: AuditEvent, last: Head, now: number): AuditRecord {
  const record = {
    ...event,
    sequence: last.sequence + 1,
    // The clocks of two processes differ, but a trail doesn't go back in time.
    at: Math.max(now, last.at),
    previous: last.hash,
    previousKeptUntil: last.keptUntil,
  };
  return { ...record, hash: hashOf(record) };
}

/** Over every field but the hash itself, in one order. */
function hashOf(record: Omit<AuditRecord, 'hash'>): string {
  const { event, actor, accountId, subject, outcome, details, sequence, at, previous, previousKeptUntil } =
    record;
  const { kind, name, from } = actor;
  const fields = [
    sequence,
    at,
    previous,
    previousKeptUntil,
    event,
    kind,
    name,
    from,
    accountId,
    subject,
    outcome,
    details,
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url');
}
