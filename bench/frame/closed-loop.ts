/**
 * Closed loops: so many at a time, each begun when one before it has ended. A round warms up first, counts what ends within its time,
 * and then lets what is in flight run out, so that the next contender has the machine to itself.
 */
import { performance } from 'node:perf_hooks';

/** Figures that only grow, such as seconds of CPU, by name. */
export type Meters = Readonly<Record<string, number>>;

export interface LoopOptions<T> {
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly roundMs: number;
  /** One piece of work; null: there is none left, and the round ends. `slot` is below `inFlight`, and has one piece of work at a time. */
  readonly once: (slot: number) => Promise<T | null>;
  /** For how long a slot stays taken by what came of its work before it begins the next, in ms. Absent: it doesn't. */
  readonly restMs?: (outcome: T) => number;
  /** Read when the round begins to count, and when it ends. */
  readonly meters?: () => Meters;
}

export interface Round<T> {
  /** How long it counted. */
  readonly seconds: number;
  /** What ended within that time, in order. */
  readonly outcomes: readonly T[];
  /** What the meters grew by meanwhile. */
  readonly spent: Meters;
}

/** @throws what `once` throws, once nothing is in flight any more. */
export async function closedLoop<T>(options: LoopOptions<T>): Promise<Round<T>> {
  const { inFlight, warmUpMs, roundMs, once, restMs = () => 0, meters = () => ({}) } = options;
  const countsFrom = performance.now() + warmUpMs;
  const outcomes: T[] = [];
  let began: { readonly at: number; readonly read: Meters } | null = null;
  let ended: { readonly at: number; readonly read: Meters } | null = null;
  const resting = new Set<() => void>();
  const end = () => {
    ended ??= { at: performance.now(), read: meters() };
    for (const wake of resting) wake();
  };

  /** Until the time is over, or the round. */
  function rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        resting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      resting.add(wake);
    });
  }

  function count(outcome: T): void {
    const now = performance.now();
    if (now < countsFrom || ended !== null) return;
    // Time counts from one end to another, so that as many pieces of work lie between as are counted.
    if (began === null) began = { at: now, read: meters() };
    else outcomes.push(outcome);
    if (now >= began.at + roundMs && outcomes.length > 0) end();
  }

  async function slot(index: number): Promise<void> {
    while (ended === null) {
      const outcome = await once(index);
      if (outcome === null) return end();
      count(outcome);
      const ms = restMs(outcome);
      if (ms > 0 && ended === null) await rest(ms);
    }
  }

  const slots = await Promise.allSettled(
    Array.from({ length: inFlight }, (_, index) => slot(index).finally(end)),
  );
  const failed = slots.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return roundOf(began, ended, outcomes);
}

function roundOf<T>(
  began: { readonly at: number; readonly read: Meters } | null,
  ended: { readonly at: number; readonly read: Meters } | null,
  outcomes: readonly T[],
): Round<T> {
  if (began === null || ended === null) return { seconds: 0, outcomes: [], spent: {} };
  const { read: first } = began;
  const spent = Object.entries(ended.read).map(([name, value]) => [name, value - (first[name] ?? 0)]);
  return { seconds: (ended.at - began.at) / 1000, outcomes, spent: Object.fromEntries(spent) };
}

/**
 * Runs rounds of several contenders in turns (A B A B), so that what else the machine does meets all of them.
 * @returns the rounds of each, in order: those at the same place ran beside one another.
 */
export async function inTurns<Name extends string, R>(
  rounds: number,
  contenders: Readonly<Record<Name, () => Promise<R>>>,
): Promise<Readonly<Record<Name, readonly R[]>>> {
  const entries = Object.entries(contenders) as [Name, () => Promise<R>][];
  const results = Object.fromEntries(entries.map(([name]) => [name, [] as R[]])) as Record<Name, R[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of entries) results[name].push(await run());
  }
  return results;
}
