/**
 * While a pepper is being rotated: counts every hour what still needs which one, so that an operator sees when the old one may go.
 * One process of all that share the store counts, and all of them tell.
 */
import type { Peppers } from '../security/peppers.ts';
import { type Store, StoreUnavailableError } from '../store/store.ts';
import { change, type Document, load, serverPlace } from './documents.ts';
import { isDue } from './due.ts';
import { notedPeppers } from './pepper-check.ts';
import { countPepperUse, type PepperUse } from './pepper-use.ts';

/** What was counted of a pepper. */
export interface CountedPepper extends PepperUse {
  /** Its id. */
  readonly pepper: string;
  /**
   * What it is to this process. `previous`: the database was used with it before, and it can be dropped once nothing needs it. `next`:
   * it is known here and not yet used, as when a rotation is announced, so that it must not be dropped. `unknown`: it wasn't given.
   */
  readonly role: 'current' | 'previous' | 'next' | 'unknown';
}

export interface PepperCount {
  /** Unix ms. */
  readonly countedAt: number;
  readonly peppers: readonly CountedPepper[];
}

export interface PepperCounts {
  /** Counts, if that wasn't done within the last hour. */
  countIfDue(): Promise<void>;
  /** What was last counted; null: nothing was, or no pepper is being rotated. */
  last(): Promise<PepperCount | null>;
  /** Begins no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

interface Dependencies {
  readonly store: Store;
  readonly peppers: Peppers;
  /** Whether there is any pepper but the current one to look for. */
  readonly isRotating: boolean;
  readonly clock: () => number;
  /** Resolves after so many ms, or rejects when the signal is aborted. */
  readonly pause: (ms: number, value: undefined, options: { signal: AbortSignal }) => Promise<unknown>;
  /** Told of a count that a fault of ours has ended. */
  readonly failed: (error: unknown) => void;
}

interface CountDocument extends Document {
  /** When the next count is due, Unix ms. */
  readonly nextAt: number;
  /** Null: the first count hasn't ended. */
  readonly countedAt: number | null;
  readonly use: readonly (PepperUse & { readonly pepper: string })[];
}

const place = serverPlace<CountDocument>('pepper-count');
const hourMs = 3_600_000;
const roundMs = 60_000;
const unused: PepperUse = { pins: 0, earlierPins: 0, mails: 0 };

/** Counts at once and whenever it is due, until it is stopped. */
export function startPepperCounts(dependencies: Dependencies): PepperCounts {
  const { store, peppers, isRotating, clock, pause, failed } = dependencies;
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Whether this process is to count. */
  function takeCount(): Promise<boolean> {
    return change<CountDocument, boolean>(store, place, (present) => {
      if (!isDue(present?.nextAt ?? 0, clock(), hourMs)) return { result: false };
      const { countedAt = null, use = [] } = present ?? {};
      return { put: { schemaVersion: 1, nextAt: clock() + hourMs, countedAt, use }, result: true };
    });
  }

  async function countIfDue(): Promise<void> {
    if (!isRotating || !(await takeCount())) return;
    const counted = await countPepperUse(store, signal).catch(async (error: unknown) => {
      // The next round begins anew, and not in an hour.
      await change<CountDocument, null>(store, place, (present) =>
        present === null ? { result: null } : { put: { ...present, nextAt: clock() }, result: null },
      ).catch(() => {});
      throw error;
    });
    const use = [...counted].map(([pepper, its]) => ({ pepper, ...its }));
    await change<CountDocument, null>(store, place, (present) => {
      const nextAt = present?.nextAt ?? clock() + hourMs;
      return { put: { schemaVersion: 1, nextAt, countedAt: clock(), use }, result: null };
    });
  }

  /** @param isOld whether the database was used with it before. */
  function roleOf(pepper: string, isOld: boolean): CountedPepper['role'] {
    if (pepper === peppers.current.id) return 'current';
    if (peppers.find(pepper) === null) return 'unknown';
    return isOld ? 'previous' : 'next';
  }

  async function everyRound(): Promise<void> {
    while (isRotating && !signal.aborted) {
      await countIfDue().catch((error: unknown) => {
        if (!signal.aborted && !(error instanceof StoreUnavailableError)) failed(error);
      });
      await pause(roundMs, undefined, { signal }).catch(() => {});
    }
  }

  const running = everyRound();
  return {
    countIfDue,
    async last() {
      const found = isRotating ? await load(store, place) : null;
      const { countedAt = null, use = [] } = found?.value ?? {};
      if (countedAt === null) return null;
      const noted = await notedPeppers(store);
      const ids = new Set([...peppers.all.map(({ id }) => id), ...use.map(({ pepper }) => pepper)]);
      const counted = [...ids].map((pepper) => {
        const its = use.find((one) => one.pepper === pepper);
        // 0.1.0 noted no earlier ones, and one that was dropped is noted no more; but something may still be hashed with it.
        const isOld = noted.earlier.includes(pepper) || (its !== undefined && pepper !== noted.current);
        return { ...unused, ...its, pepper, role: roleOf(pepper, isOld) };
      });
      return { countedAt, peppers: counted };
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
