/**
 * Bringing many users in from a file. Every row is checked before the first is written, so a file is read twice; of what was checked
 * only digests stay in memory.
 */
import type { NewPin, Profile } from '../core/account.ts';
import type { RefusalCode } from '../core/codes.ts';
import { isWithin } from '../core/directory-name.ts';
import { type IdentityKind, identitiesOf, isShared } from '../core/identity.ts';
import { refusals } from '../core/pin/refusals.ts';
import { findPolicy, type PolicySet, policyFor } from '../core/policy-set.ts';
import type { Hasher } from '../security/hasher.ts';
import type { Accounts, ProfileChange } from './accounts.ts';
import type { Actor, Audit } from './audit.ts';
import { digest } from './documents.ts';
import type { Report } from './events.ts';
import type { Policies } from './policies.ts';

/** A row that can be understood. */
export interface ImportRow {
  readonly line: number;
  /** The file's own names of the columns, for whoever is told of a problem. */
  readonly columnOf: Readonly<Partial<Record<string, string>>>;
  /** The user, where it is a new one. */
  readonly profile: Profile;
  /** What the file says of a user who is there already; what it has no column for stays. */
  readonly changes: ProfileChange;
  readonly pin: string | null;
  /** Whether the PIN must be changed at the first sign-in. */
  readonly pinExpired: boolean;
}

/** Why a row isn't taken. */
export const rowProblems = [
  'invalid',
  'duplicate',
  'identity_taken',
  'unknown_policy',
  'pin_refused',
  'out_of_scope',
  'not_found',
] as const;

/** What is wrong with a row. It never holds what stands in a cell, which may be a PIN. */
export interface RowRefusal {
  readonly line: number;
  /** The column by the file's own name; null: the row as a whole. */
  readonly column: string | null;
  readonly code: (typeof rowProblems)[number];
  /** What is wrong with it, in words, where the code doesn't say. */
  readonly problem?: string;
  /** With `pin_refused`. */
  readonly codes?: readonly RefusalCode[];
  /** With `duplicate`: the line that says the same. */
  readonly sameAs?: number;
}

/** A row as it is read. `broken`: it can't be told where it ends, so nothing after it can be read. */
export type ReadRow =
  | { readonly type: 'row'; readonly row: ImportRow }
  | { readonly type: 'refused'; readonly line: number; readonly refusals: readonly RowRefusal[] }
  | { readonly type: 'broken'; readonly line: number; readonly problem: string };

/** What becomes of a row whose extension a user has already. */
export const existingChoices = ['refuse', 'skip', 'update'] as const;

export interface ImportOptions {
  readonly existing: (typeof existingChoices)[number];
  /** Whether the good rows are written although others are refused. */
  readonly skipBad: boolean;
  readonly dryRun: boolean;
  /** The unit that every user must live in, as a DN; null: any. */
  readonly scope: string | null;
  readonly actor: Actor;
  /** What the file is, for the audit trail; null: our own format. */
  readonly preset: string | null;
  /** Ends the import between two users. */
  readonly signal: AbortSignal;
}

/** Counts of rows. Where nothing is written, what would have come of them. */
export interface ImportSummary {
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly refused: number;
  readonly written: boolean;
  /** Whether it was ended, or the store failed, before all was written. */
  readonly interrupted: boolean;
}

export type ImportEvent =
  | { readonly type: 'refused'; readonly refusal: RowRefusal }
  | { readonly type: 'progress'; readonly phase: 'checking' | 'writing'; readonly done: number }
  | { readonly type: 'summary'; readonly summary: ImportSummary };

export interface UserImport {
  /** @param read Goes through the file from its beginning, each time it is called. */
  run(
    read: () => AsyncIterable<ReadRow>,
    options: ImportOptions,
  ): AsyncGenerator<ImportEvent, void, undefined>;
}

interface Dependencies {
  readonly accounts: Accounts;
  readonly policies: Policies;
  readonly audit: Audit;
  readonly hasher: Hasher;
  readonly randomId: () => string;
  readonly report: Report;
  /** Told why the store or anything else that nothing was wrong with ended an import. */
  readonly failed: (error: unknown) => void;
}

/** What is to be done with a good row. */
type Plan =
  | { readonly type: 'create' }
  | { readonly type: 'skip' }
  | { readonly type: 'update'; readonly id: string };

const rowsAtOnce = 32;
/** Between two lines of progress lies the work of so many rows; a PIN to hash counts for many. */
const rowsPerProgress = 640;
const rowsPerHash = 20;

export function createUserImport(dependencies: Dependencies): UserImport {
  const { accounts, policies, audit, hasher, randomId, report, failed } = dependencies;

  /** What is wrong with a row, or what is to be done with it. Duplicates within the file are another matter. */
  async function planOf(
    { line, columnOf, profile, changes, pin }: ImportRow,
    stored: PolicySet,
    { existing, scope }: ImportOptions,
  ): Promise<Plan | readonly RowRefusal[]> {
    const refusal = (field: string, code: RowRefusal['code']) => ({
      line,
      column: columnOf[field] ?? field,
      code,
    });
    const found = await accounts.holderOf({ kind: 'extension', value: profile.extension });
    const present = found !== null && isInScope(scope, found.profile.dn) ? found : null;
    if (found !== null && (present === null || existing === 'refuse'))
      return [refusal('extension', 'identity_taken')];
    if (present !== null && existing === 'skip') return { type: 'skip' };

    const after: Profile = present === null ? profile : { ...present.profile, ...changes };
    const problems: RowRefusal[] = [];
    if (!isInScope(scope, after.dn)) problems.push(refusal('dn', 'out_of_scope'));
    for (const identity of identitiesOf(after)) {
      if (isShared(identity.kind) || identity.kind === 'extension') continue;
      const holder = await accounts.holderOf(identity);
      if (holder !== null && holder.id !== present?.id)
        problems.push(refusal(identity.kind, 'identity_taken'));
    }
    if (after.policy !== null && findPolicy(stored, after.policy) === null) {
      problems.push(refusal('policy', 'unknown_policy'));
    } else if (pin !== null) {
      const codes = refusals(pin, policyFor(stored, after).policy, after);
      if (codes.length > 0) problems.push({ ...refusal('pin', 'pin_refused'), codes });
    }
    if (problems.length > 0) return problems;
    return present === null ? { type: 'create' } : { type: 'update', id: present.id };
  }

  /** The PIN to set; null: none, or it is ended before it was hashed. */
  async function newPinOf(pin: string | null, plan: Plan, signal: AbortSignal): Promise<NewPin | null> {
    if (pin === null || plan.type === 'skip' || signal.aborted) return null;
    return { id: randomId(), hash: await hasher.hashInBackground(pin, signal), length: pin.length };
  }

  /** Writes one row; null: it is done. */
  async function write(
    { line, columnOf, profile, changes, pinExpired }: ImportRow,
    plan: Plan,
    newPin: NewPin | null,
    stored: PolicySet,
    actor: Actor,
  ): Promise<RowRefusal | null> {
    const policyOf = (after: Profile) => policyFor(stored, after).policy;
    const pin = newPin === null ? {} : { pin: { newPin, pinExpired, policyOf } };
    const told = (accountId: string) => {
      if (newPin !== null) report({ type: 'pin-changed', accountId, by: 'administrator' });
      return null;
    };
    const taken = (kind: IdentityKind): RowRefusal => ({
      line,
      column: columnOf[kind] ?? kind,
      code: 'identity_taken',
    });
    if (plan.type === 'create') {
      const creation = await accounts.create(profile, actor, pin);
      return creation.outcome === 'taken' ? taken(creation.kind) : told(creation.account.id);
    }
    if (plan.type === 'skip') return null;
    const update = await accounts.update(plan.id, changes, null, actor, pin);
    if (update.outcome === 'taken') return taken(update.kind);
    return update.outcome === 'updated' ? told(plan.id) : { line, column: null, code: 'not_found' };
  }

  return {
    async *run(read, options) {
      const { skipBad, dryRun, actor, preset, signal, existing } = options;
      const stored = await policies.stored();
      const seen = new Map<string, number>();
      /** The plan of each good row, by its line. */
      const plans = new Map<number, Plan>();
      const planned = { create: 0, skip: 0, update: 0 };
      let rows = 0;
      let refused = 0;
      let broken = false;

      const summaryOf = (counts: typeof planned, written: boolean, interrupted: boolean): ImportSummary => ({
        rows,
        created: counts.create,
        updated: counts.update,
        skipped: counts.skip,
        refused,
        written,
        interrupted,
      });

      let sinceProgress = 0;
      for await (const chunk of chunksOf(read())) {
        if (signal.aborted) return;
        const duplicates = chunk.map((one) => (one.type === 'row' ? duplicatesOf(one.row, seen) : []));
        const outcomes = await Promise.all(
          chunk.map((one) => (one.type === 'row' ? planOf(one.row, stored, options) : refusalsOf(one))),
        );
        for (const [index, one] of chunk.entries()) {
          rows += 1;
          broken ||= one.type === 'broken';
          const outcome = outcomes[index] ?? [];
          const problems = [...(duplicates[index] ?? []), ...(isPlan(outcome) ? [] : outcome)];
          for (const refusal of problems) yield { type: 'refused', refusal };
          if (problems.length > 0) refused += 1;
          else if (isPlan(outcome) && one.type === 'row') {
            plans.set(one.row.line, outcome);
            planned[outcome.type] += 1;
          }
        }
        sinceProgress += chunk.length;
        if (sinceProgress < rowsPerProgress) continue;
        sinceProgress = 0;
        yield { type: 'progress', phase: 'checking', done: rows };
      }

      if (dryRun || broken || (refused > 0 && !skipBad)) {
        yield { type: 'summary', summary: summaryOf(planned, false, false) };
        return;
      }

      const counts = { create: 0, skip: 0, update: 0 };
      let ended = false;
      const record = async () => {
        const details = { ...summaryOf(counts, true, !ended), existing, preset };
        const event = { event: 'users.imported', actor, accountId: null, subject: preset } as const;
        await audit.append({ ...event, outcome: 'done', details });
      };
      try {
        let done = 0;
        for await (const chunk of chunksOf(read())) {
          const good = chunk.flatMap((one) => {
            const plan = one.type === 'row' ? plans.get(one.row.line) : undefined;
            return one.type === 'row' && plan !== undefined ? [{ row: one.row, plan }] : [];
          });
          const hashed = await Promise.all(good.map(({ row, plan }) => newPinOf(row.pin, plan, signal)));
          sinceProgress += hashed.filter((pin) => pin !== null).length * rowsPerHash;
          if (signal.aborted) return;
          const results = await Promise.all(
            good.map(({ row, plan }, index) => write(row, plan, hashed[index] ?? null, stored, actor)),
          );
          for (const [index, { plan }] of good.entries()) {
            const refusal = results[index] ?? null;
            if (refusal === null) counts[plan.type] += 1;
            else {
              refused += 1;
              yield { type: 'refused', refusal };
            }
          }
          done += chunk.length;
          sinceProgress += chunk.length;
          if (sinceProgress < rowsPerProgress) continue;
          sinceProgress = 0;
          yield { type: 'progress', phase: 'writing', done };
        }
        ended = true;
      } catch (error) {
        if (signal.aborted) return;
        failed(error);
      } finally {
        // However it ends, even because nobody asks for more.
        await record().catch(failed);
      }
      yield { type: 'summary', summary: summaryOf(counts, true, !ended) };
    },
  };
}

function isInScope(scope: string | null, dn: string | null): boolean {
  return scope === null || (dn !== null && isWithin(dn, scope));
}

function isPlan(outcome: Plan | readonly RowRefusal[]): outcome is Plan {
  return 'type' in outcome;
}

function refusalsOf(one: Exclude<ReadRow, { readonly type: 'row' }>): readonly RowRefusal[] {
  if (one.type === 'refused') return one.refusals;
  return [{ line: one.line, column: null, code: 'invalid', problem: one.problem }];
}

/** Notes the names that a row claims for its user alone, and tells those that an earlier row has claimed. */
function duplicatesOf({ line, columnOf, profile }: ImportRow, seen: Map<string, number>): RowRefusal[] {
  return identitiesOf(profile).flatMap(({ kind, value }) => {
    if (isShared(kind)) return [];
    const claimed = digest(`${kind}:${value}`);
    const sameAs = seen.get(claimed);
    if (sameAs !== undefined) return [{ line, column: columnOf[kind] ?? kind, code: 'duplicate', sameAs }];
    seen.set(claimed, line);
    return [];
  });
}

async function* chunksOf<T>(items: AsyncIterable<T>): AsyncGenerator<T[], void, undefined> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < rowsAtOnce) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
