/**
 * What happened in the last days, by the hour, for the overview. Reported events are counted in memory and added to counters of the
 * store every few seconds, so that no webhook waits for it. A crash loses the last few seconds of figures, and nothing else.
 */
import type { CounterKey, Store } from '../store/store.ts';
import type { ServiceEvent } from './events.ts';

/** What is counted. */
const statisticKinds = [
  'signIns',
  'failedTries',
  'locks',
  'refusedPins',
  'pinChanges',
  'mailsGivenUp',
  'alerts',
] as const;

export type StatisticKind = (typeof statisticKinds)[number];

/** The counts of an hour. `at`: its beginning, Unix ms. */
export type StatisticHour = { readonly at: number } & Readonly<Record<StatisticKind, number>>;

export interface Statistics {
  /** Counts an event, if it is one that is counted. */
  record(event: ServiceEvent): void;
  /** Counts an alert that no event of a service tells of. */
  recordAlert(): void;
  /** Adds what was counted to the store. What can't be added now is kept for the next time. */
  flush(): Promise<void>;
  /** The last seven days, hour by hour, the present hour last. */
  read(): Promise<readonly StatisticHour[]>;
}

const hourMs = 3_600_000;
const hoursShown = 7 * 24;

/** Longer than what is shown, and counted from an hour's first event, so that no hour is lost before its time. */
const windowMs = 8 * 24 * hourMs;

/** So many counters are read at once, at most. */
const readsAtOnce = 128;

export function createStatistics(store: Store, clock: () => number): Statistics {
  /** What waits to be added, by the name of its counter. */
  let waiting = new Map<string, number>();
  let flushing: Promise<void> = Promise.resolve();

  function add(kind: StatisticKind): void {
    const name = counterName(kind, Math.floor(clock() / hourMs));
    waiting.set(name, (waiting.get(name) ?? 0) + 1);
  }

  async function flushWaiting(): Promise<void> {
    const counts = waiting;
    waiting = new Map();
    for (const [name, count] of counts) {
      try {
        await store.addToCounter(counterOf(name), count);
        counts.delete(name);
      } catch (error) {
        for (const [left, more] of counts) waiting.set(left, (waiting.get(left) ?? 0) + more);
        throw error;
      }
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.catch(() => {}).then(flushWaiting);
    return flushing;
  }

  return {
    record(event) {
      const kind = kindOf(event);
      if (kind !== null) add(kind);
    },
    recordAlert: () => add('alerts'),
    flush,

    async read() {
      await flush();
      const last = Math.floor(clock() / hourMs);
      const hours = Array.from({ length: hoursShown }, (_, index) => last - hoursShown + 1 + index);
      const names = hours.flatMap((hour) => statisticKinds.map((kind) => counterName(kind, hour)));
      const counts = new Map<string, number>();
      for (let at = 0; at < names.length; at += readsAtOnce) {
        await Promise.all(
          names
            .slice(at, at + readsAtOnce)
            .map(async (name) => counts.set(name, await store.readCounter(counterOf(name)))),
        );
      }
      const countsOf = (hour: number) =>
        statisticKinds.map((kind) => [kind, counts.get(counterName(kind, hour)) ?? 0] as const);
      return hours.map((hour) => ({ at: hour * hourMs, ...toRecord(countsOf(hour)) }));
    },
  };
}

function kindOf(event: ServiceEvent): StatisticKind | null {
  switch (event.type) {
    case 'signed-in':
      return 'signIns';
    case 'pin-attempt':
      return event.outcome === 'wrong' ? 'failedTries' : null;
    case 'account-locked':
      return 'locks';
    case 'pin-refused':
      return 'refusedPins';
    case 'mail-given-up':
      return 'mailsGivenUp';
    case 'pin-changed':
      return 'pinChanges';
    case 'alert':
      return 'alerts';
    default:
      return null;
  }
}

function toRecord(counts: readonly (readonly [StatisticKind, number])[]): Record<StatisticKind, number> {
  const none = {
    signIns: 0,
    failedTries: 0,
    locks: 0,
    refusedPins: 0,
    pinChanges: 0,
    mailsGivenUp: 0,
    alerts: 0,
  };
  return { ...none, ...Object.fromEntries(counts) };
}

function counterName(kind: StatisticKind, hour: number): string {
  return `statistics:${kind}:${hour}`;
}

function counterOf(name: string): CounterKey {
  return { name, windowMs };
}
