/** Open loops: so many begin each second, whatever becomes of those before; as callers do, who don't know of one another. */
import { performance } from 'node:perf_hooks';

export interface OpenLoopOptions {
  readonly perSecond: number;
  readonly forMs: number;
  /**
   * Begins one. It must not reject. `dueAt` is when it was to begin, on the clock of `performance.now()`: who measures how long
   * somebody waited counts from there, or what a late generator adds would be left out (coordinated omission).
   */
  readonly begin: (index: number, dueAt: number) => Promise<void>;
}

export interface OpenLoopRun {
  readonly begun: number;
  /** From the start until the last had begun. */
  readonly seconds: number;
  /** How much later than due the latest was begun. */
  readonly lateMs: number;
}

/** Those that are due begin together, so often. */
const tickMs = 5;

/** Resolves once all that were begun have ended. */
export async function openLoop({ perSecond, forMs, begin }: OpenLoopOptions): Promise<OpenLoopRun> {
  const started = performance.now();
  const inFlight = new Set<Promise<void>>();
  let begun = 0;
  let lateMs = 0;
  await new Promise<void>((resolve) => {
    const ticking = setInterval(() => {
      const elapsed = Math.min(forMs, performance.now() - started);
      const due = Math.floor((elapsed / 1000) * perSecond);
      while (begun < due) {
        const dueAt = started + ((begun + 1) / perSecond) * 1000;
        lateMs = Math.max(lateMs, performance.now() - dueAt);
        const one: Promise<void> = begin(begun, dueAt).finally(() => inFlight.delete(one));
        inFlight.add(one);
        begun += 1;
      }
      if (elapsed < forMs) return;
      clearInterval(ticking);
      resolve();
    }, tickMs);
  });
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(inFlight);
  return { begun, seconds, lateMs };
}
