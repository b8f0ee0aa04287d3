/**
 * A time limit for many things at once. A timer and a signal for each command cost about as much as the command itself, so that those
 * which begin within one moment share theirs.
 */

import { setMaxListeners } from 'node:events';

/** What wasn't done in time. */
export class LateError extends Error {
  override readonly name = 'LateError';
}

export interface Deadlines {
  /**
   * Runs work that has `ms`, or up to a moment more.
   * @param work gets a signal that aborts when the time is over, so that it can take back what it hasn't begun.
   * @throws LateError when it isn't done by then.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** What began within one moment. */
interface Moment {
  /** When it is over, by `performance.now()`: a timer comes late when the event loop is blocked. */
  readonly end: number;
  readonly signal: AbortSignal;
  readonly late: Set<(error: LateError) => void>;
}

/** @param momentMs so much longer than `ms` some of the work has at most. */
export function createDeadlines(ms: number, momentMs: number): Deadlines {
  let present: Moment | null = null;

  function begin(): Moment {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const moment: Moment = {
      end: performance.now() + momentMs,
      signal: controller.signal,
      late: new Set(),
    };
    setTimeout(() => {
      const error = new LateError(`no answer within ${ms} ms`);
      for (const reject of moment.late) reject(error);
      controller.abort();
    }, ms + momentMs).unref();
    return moment;
  }

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        if (present === null || performance.now() >= present.end) present = begin();
        const { signal, late } = present;
        late.add(reject);
        work(signal)
          .then(resolve, reject)
          .finally(() => late.delete(reject));
      }),
  };
}
