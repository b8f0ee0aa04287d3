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

/** A budget that has nothing left. `caller`: blinded; null for the service, and for all who withhold their number. */
export interface SpentBudget {
  readonly scope: BudgetScope;
  readonly caller: string | null;
}

/** What is left before a try. `service` spent turns away everybody but the owner calling from a number of their own. */
export interface BudgetState {
  readonly callerSpent: boolean;
  readonly serviceSpent: boolean;
  /** The budgets of which this try takes the last, unless it is given back. */
  readonly emptied: readonly SpentBudget[];
}

export interface FailureBudgets {
  /**
   * Charges a try before it is made; what it answers holds with this try counted. A caller whose budget is spent is charged nothing,
   * nor is the service for them, so that they can't spend everybody's.
   * @param from the caller's number, E.164; null when it is withheld.
   */
  charge(from: string | null): Promise<BudgetState>;
  /** Raises the alert for what a try has emptied, once it is known that its charge stays. */
  tellEmptied(state: BudgetState): void;
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

  return {
    async charge(from) {
      const [ofCaller, ofService] = await store.addToCounters([
        { counter: callerCounter(from), by: 1, limit: callerLimit(from) },
        { counter: service, by: 1 },
      ]);
      if (ofCaller === undefined || ofService === undefined) {
        return { callerSpent: true, serviceSpent: false, emptied: [] };
      }
      const emptied: SpentBudget[] = [];
      if (ofCaller === callerLimit(from)) {
        const caller = from === null ? null : peppers.blind('caller', from);
        emptied.push({ scope: from === null ? 'anonymous-callers' : 'caller', caller });
      }
      if (ofService === limits.service) emptied.push({ scope: 'service', caller: null });
      return { callerSpent: false, serviceSpent: ofService > limits.service, emptied };
    },
    tellEmptied({ emptied }) {
      for (const budget of emptied) report({ type: 'alert', alert: 'failure-budget-spent', ...budget });
    },
    async refund(from) {
      await store.addToCounters([
        { counter: callerCounter(from), by: -1 },
        { counter: service, by: -1 },
      ]);
    },
  };
}
