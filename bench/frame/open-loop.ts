/** Open loops: so many begin each second, whatever becomes of those before; as callers do, who don't know of one another. */
import { performance } from 'node:perf_hooks';

export interface OpenLoopOptions {
  readonly perSecond: number;
  readonly forMs: number;
  /** Begins one. It must not reject. */
  readonly begin: (index: number) => Promise<void>;
}

/** Those that are due begin together, so often. */
const tickMs = 5;

/** Resolves, with how many were begun, once all of them have ended. */
export async function openLoop({ perSecond, forMs, begin }: OpenLoopOptions): Promise<number> {
  const started = performance.now();
  const inFlight = new Set<Promise<void>>();
  let begun = 0;
  await new Promise<void>((resolve) => {
    const ticking = setInterval(() => {
      const elapsed = Math.min(forMs, performance.now() - started);
      const due = Math.floor((elapsed / 1000) * perSecond);
      while (begun < due) {
        const one: Promise<void> = begin(begun).finally(() => inFlight.delete(one));
        inFlight.add(one);
        begun += 1;
      }
      if (elapsed < forMs) return;
      clearInterval(ticking);
      resolve();
    }, tickMs);
  });
  await Promise.all(inFlight);
  return begun;
}
