/**
 * One change of the PINs of many accounts: one account after the other, with hashes in the background so that they never crowd out
 * a caller's, and no failing account stops the others.
 */
import type { RefusalCode } from '../core/codes.ts';
import type { Store } from '../store/store.ts';
import { keyRememberedMs } from './account-records.ts';
import type { Actor } from './audit.ts';
import { change, type Document, digest, load, serverPlace } from './documents.ts';
import type { AccountFinder, AccountSearch, FoundAccount } from './find-accounts.ts';
import { type PinAdministration, type ResetRequest, type StatusChange, willBeKnown } from './reset-pin.ts';

/** What is done to each account. A reset generates a PIN for each: no two people are given the same one. */
export type PinAction =
  | { readonly type: 'reset'; readonly request: Omit<ResetRequest, 'pin'> }
  | { readonly type: 'update'; readonly change: StatusChange };

/** What came of one account. `repeated`: it was done under the same idempotency key before. `pin`: the one that was generated. */
export interface PinActionResult {
  readonly userId: string;
  readonly extension: string;
  readonly outcome: 'done' | 'repeated' | 'would-change' | 'failed';
  readonly code:
    | RefusalCode
    | 'pin_not_set'
    | 'pin_not_deliverable'
    | 'busy'
    | 'not_found'
    | 'internal_error'
    | null;
  readonly pin: string | null;
}

export interface ManyPins {
  /** Whether a change has begun under this idempotency key; `other`: the key was for another one, by its description. */
  recall(key: string, description: string): Promise<'new' | 'begun' | 'other'>;
  /** Notes that a change begins under this key, so that after a cut it may go on although the count is another by then. */
  begin(key: string, description: string): Promise<void>;
  /** How many accounts fit. */
  count(search: AccountSearch): Promise<number>;
  /**
   * Does it to each account that fits, but to no more than `most`: to those that were agreed upon.
   * Stops when whoever asks for the results stops asking, or the signal says so.
   */
  run(
    search: AccountSearch,
    action: PinAction,
    most: number,
    dryRun: boolean,
    actor: Actor,
    signal: AbortSignal,
  ): AsyncGenerator<PinActionResult, void, undefined>;
}

interface BegunDocument extends Document {
  readonly description: string;
}

interface Dependencies {
  readonly store: Store;
  readonly clock: () => number;
  readonly finder: AccountFinder;
  readonly pins: PinAdministration;
  /** Told why an account failed that nothing was wrong with. */
  readonly failed: (error: unknown) => void;
}

type Outcome = Pick<PinActionResult, 'outcome' | 'code' | 'pin'>;

const done: Outcome = { outcome: 'done', code: null, pin: null };

export function createManyPins({ store, clock, finder, pins, failed }: Dependencies): ManyPins {
  async function reset(
    accountId: string,
    request: ResetRequest,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const result = await pins.reset(accountId, request, actor, { signal });
    switch (result.outcome) {
      case 'reset':
        return { ...done, pin: result.pin };
      case 'would-reset':
        return { ...done, outcome: 'would-change' };
      case 'repeated':
        return { ...done, outcome: 'repeated' };
      case 'not-found':
        return failure('not_found');
      case 'busy':
        return failure('busy');
      case 'undeliverable':
        return failure('pin_not_deliverable');
      case 'refused':
        return failure(result.codes[0] ?? 'internal_error');
    }
  }

  async function act(
    found: FoundAccount,
    action: PinAction,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { account } = found;
    if (action.type === 'reset') return reset(account.id, action.request, actor, signal);
    if (lacksPin(found, action)) return failure('pin_not_set');
    const updated = await pins.update(account.id, action.change, actor);
    return updated === null ? failure('not_found') : done;
  }

  return {
    async recall(key, description) {
      const begun = await load(store, begunPlace(key));
      if (begun === null) return 'new';
      return begun.value.description === digest(description) ? 'begun' : 'other';
    },

    async begin(key, description) {
      const put = { schemaVersion: 1, description: digest(description) } as const;
      const expiresAt = clock() + keyRememberedMs;
      await change<BegunDocument, null>(store, begunPlace(key), () => ({ put, expiresAt, result: null }));
    },

    async count(search) {
      let count = 0;
      for await (const _one of finder.all(search)) count += 1;
      return count;
    },

    async *run(search, action, most, dryRun, actor, signal) {
      let left = most;
      if (left === 0) return;
      for await (const found of finder.all(search)) {
        if (signal.aborted) return;
        const outcome = dryRun
          ? tried(found, action)
          : await act(found, action, actor, signal).catch((error: unknown) => {
              if (signal.aborted) return null;
              failed(error);
              return failure('internal_error');
            });
        if (outcome === null) return;
        yield { userId: found.account.id, extension: found.account.profile.extension, ...outcome };
        left -= 1;
        if (left === 0) return;
      }
    },
  };
}

function begunPlace(key: string) {
  return serverPlace<BegunDocument>(`begun:${digest(key)}`);
}

/** Whether an account has no PIN that the action could do anything to. */
function lacksPin({ status }: FoundAccount, action: PinAction): boolean {
  return action.type === 'update' && action.change.pinExpired !== undefined && !status.pinSet;
}

/** What would come of one account. */
function tried(found: FoundAccount, action: PinAction): Outcome {
  if (lacksPin(found, action)) return failure('pin_not_set');
  const isUnknown = action.type === 'reset' && !willBeKnown(found.account, action.request);
  return isUnknown ? failure('pin_not_deliverable') : { ...done, outcome: 'would-change' };
}

function failure(code: PinActionResult['code']): Outcome {
  return { outcome: 'failed', code, pin: null };
}
