/** A clock that a test moves by hand. */

export interface FakeClock {
  /** Unix ms. */
  readonly now: () => number;
  advance(ms: number): void;
}

export function fakeClock(start = 1_700_000_000_000): FakeClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}
