/**
 * A store that tells how long each operation took.
 */
import { performance } from 'node:perf_hooks';
import type { Store, storeOperations } from './store.ts';

type Observe = (operation: (typeof storeOperations)[number], outcome: 'ok' | 'failed', ms: number) => void;

export function timeStore(store: Store, observe: Observe): Store {
  async function timed<T>(operation: Parameters<Observe>[0], work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const done = (outcome: 'ok' | 'failed') => observe(operation, outcome, performance.now() - began);
    try {
      const result = await work();
      done('ok');
      return result;
    } catch (error) {
      done('failed');
      throw error;
    }
  }
  return {
    get: (key) => timed('get', () => store.get(key)),
    commit: (changes) => timed('commit', () => store.commit(changes)),
    range: (index, range) => timed('range', () => store.range(index, range)),
    // A chunk takes as long as whoever reads it.
    keys: (nameBegins) => store.keys(nameBegins),
    addToCounter: (counter, by) => timed('counter', () => store.addToCounter(counter, by)),
    addToCounters: (additions) => timed('counter', () => store.addToCounters(additions)),
    readCounter: (counter) => timed('counter', () => store.readCounter(counter)),
    ping: () => timed('ping', () => store.ping()),
    close: () => store.close(),
  };
}
