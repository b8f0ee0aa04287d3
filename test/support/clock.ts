/**
 * A clock that goes only when it is told to.
 */

/** @param start Unix ms. */
export function fakeClock(start = Date.UTC(2026, 0, 5, 9)) {
  let time = start;
  return {
    now: (): number => time,
    advance(ms: number): void {
      time += ms;
    },
  };
}
