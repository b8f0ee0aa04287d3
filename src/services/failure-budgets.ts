/**
 * Failure budgets by the hour: for each caller, for all callers who withhold their number together, and for the service as a
 * whole. They end the trying of one PIN on a thousand extensions, which no lock of an account notices.
 */
import type { Peppers } from '../security/peppers.ts';
import type { CounterKey, Store } from '../store/store.ts';
import type { BudgetScope, Report } from './events.ts';

/** Failures allowed an hour. */
export interface FailureLimits {
  readonly caller: number;
  readonly anonymousCallers: number;
  readonly service: number;
}

/** What is left before a try. `service` spent turns away everybody but the owner calling from a number of their own. */
export interface BudgetState {
  readonly callerSpent: boolean;
  readonly serviceSpent: boolean;
}

export interface FailureBudgets {
  /**
   * Charges a try before it is made; what it answers holds with this try counted. A caller whose budget is spent is charged nothing,
   * nor is the service for them, so that they can't spend everybody's.
   * @param from the caller's number, E.164; null when it is withheld.
   */
  charge(from: string | null): Promise<BudgetState>;
  /** Gives a charge back: after a success, or when the try wasn't made after all. */
  refund(from: string | null): Promise<void>;
}

const hourMs = 3_600_000;

/** The counter of the service is touched by each try anyway, so that those of callers may as well stand beside it. */
const group = 'failures';

export function createFailureBudgets(
  store: Store,
  limits: FailureLimits,
  peppers: Peppers,
  report: Report,
): FailureBudgets {
  const service: CounterKey = { name: 'failures:service', windowMs: hourMs, group };

  function callerCounter(from: string | null): CounterKey {
    const name = from === null ? 'failures:anonymous' : `failures:caller:${peppers.blind('caller', from)}`;
    return { name, windowMs: hourMs, group };
  }

  const callerLimit = (from: string | null) => (from === null ? limits.anonymousCallers : limits.caller);

  /** Once a window, when the last of the budget is charged. */
  function alertAt(count: number, limit: number, scope: BudgetScope, caller: string | null): void {
    if (count === limit) report({ type: 'alert', alert: 'failure-budget-spent', scope, caller });
  }

  return {
    async charge(from) {
      const [ofCaller, ofService] = await store.addToCounters([
        { counter: callerCounter(from), by: 1, limit: callerLimit(from) },
        { counter: service, by: 1 },
      ]);
      if (ofCaller === undefined || ofService === undefined) {
        return { callerSpent: true, serviceSpent: false };
      }
      const scope = from === null ? 'anonymous-callers' : 'caller';
      alertAt(ofCaller, callerLimit(from), scope, from === null ? null : peppers.blind('caller', from));
      alertAt(ofService, limits.service, 'service', null);
      return { callerSpent: false, serviceSpent: ofService > limits.service };
    },
    async refund(from) {
      await store.addToCounters([
        { counter: callerCounter(from), by: -1 },
        { counter: service, by: -1 },
      ]);
    },
  };
}
