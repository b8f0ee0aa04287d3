/** Moments that are kept in the store, and the clocks that they are compared with. */

/** The clocks of processes that share a store may differ by so much, in ms. */
export const clockSkewMs = 60_000;

/**
 * Whether something is due that never waits for longer than `longestMs`. What seems to be further off was put off by a clock that was
 * ahead, and is due: otherwise it would wait until that time comes again.
 * @param dueAt Unix ms, as `now` is.
 */
export function isDue(dueAt: number, now: number, longestMs: number): boolean {
  const wait = dueAt - now;
  return wait <= 0 || wait > longestMs;
}
