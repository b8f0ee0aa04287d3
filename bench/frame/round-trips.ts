/**
 * Round trips to Redis that a webhook waits for, one after the other. They are counted and not timed, so they are the same on every machine:
 * `test/calls/store-commands.redis.test.ts` holds the service to each of these figures.
 */
import type { Result } from './results.ts';
import type { Goal } from './suite.ts';

interface RoundTrips {
  readonly reads: number;
  /** With a script that reads and writes in one stroke, whatever is read beside it. */
  readonly writes: number;
}

export const roundTrips = {
  listening: { reads: 1, writes: 1 },
  incoming: { reads: 1, writes: 1 },
  incomingFromOwner: { reads: 2, writes: 1 },
  wrongPin: { reads: 2, writes: 3 },
  rightPin: { reads: 2, writes: 5 },
} as const satisfies Record<string, RoundTrips>;

const because = 'Why some steps take more than two round trips';
const isLeast = ({ reads, writes }: RoundTrips) => reads <= 1 && writes <= 1;
const inWords = ({ reads, writes }: RoundTrips) => `${reads} and ${writes}`;

const goals: readonly Goal[] = [
  {
    text: 'redis: one round trip to read and one to write, when an extension is keyed or nothing is',
    met: isLeast(roundTrips.listening),
    measured: inWords(roundTrips.listening),
    because,
  },
  {
    text: 'redis: one round trip to read and one to write, when a call comes in',
    met: isLeast(roundTrips.incoming) && isLeast(roundTrips.incomingFromOwner),
    measured: `${inWords(roundTrips.incoming)}; ${inWords(roundTrips.incomingFromOwner)} from a number that is some user's`,
    because,
  },
  {
    text: 'redis: one round trip to read and one to write, when a PIN is keyed',
    met: isLeast(roundTrips.wrongPin) && isLeast(roundTrips.rightPin),
    measured: `${inWords(roundTrips.wrongPin)} when it is wrong, ${inWords(roundTrips.rightPin)} when it is right`,
    because,
  },
];

/** The results of the suite `steps` with these goals behind those of its last table; any other suite's as they are. */
export function withRoundTrips(result: Result): Result {
  if (result.suite !== 'steps') return result;
  const last = result.sections.length - 1;
  const sections = result.sections.map((section, index) =>
    index === last ? { ...section, goals: [...section.goals, ...goals] } : section,
  );
  return { ...result, sections };
}
