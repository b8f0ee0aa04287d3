/**
 * Figures for Prometheus. Labels are names from a fixed set, and ids of peppers: no PIN, number, extension or account is ever one.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HasherStats } from '../security/hasher.ts';
import type { ServiceEvent } from '../services/events.ts';
import type { PepperCount } from '../services/pepper-count.ts';

export interface Metrics {
  /** Counts what a service reported. */
  count(event: ServiceEvent): void;
  /** A webhook was signed with this token of the provider; null: with none of them. */
  countWebhook(token: 'primary' | 'secondary' | null): void;
  /** A PIN was hashed in so many ms. */
  observeHash(ms: number): void;
  /** A store operation took so many ms. */
  observeStore(operation: string, outcome: 'ok' | 'failed', ms: number): void;
  /** Shows the hash queue as it is whenever the figures are read. */
  showHashQueue(stats: () => HasherStats): void;
  /** Shows what was last counted of peppers whenever the figures are read; null: nothing was. */
  showPepperCount(read: () => Promise<PepperCount | null>): void;
  /** The figures in Prometheus' text format. */
  read(): Promise<string>;
  readonly contentType: string;
}

const hashSeconds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const storeSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 2];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const calls = new Counter({
    name: 'ringkey_calls_total',
    help: 'Calls that ended, by how.',
    labelNames: ['outcome'],
    registers,
  });
  const attempts = new Counter({
    name: 'ringkey_pin_attempts_total',
    help: 'Tries at a PIN, by how they came out.',
    labelNames: ['outcome'],
    registers,
  });
  const locks = new Counter({
    name: 'ringkey_locks_total',
    help: 'Accounts that were locked, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const pinChanges = new Counter({
    name: 'ringkey_pin_changes_total',
    help: 'PINs that were set, by whom.',
    labelNames: ['by'],
    registers,
  });
  const mails = new Counter({
    name: 'ringkey_mails_total',
    help: 'Mails that were sent, failed for now, or were given up.',
    labelNames: ['outcome'],
    registers,
  });
  const alerts = new Counter({
    name: 'ringkey_alerts_total',
    help: 'Failure budgets that were spent, by whose.',
    labelNames: ['scope'],
    registers,
  });
  const missingPeppers = new Counter({
    name: 'ringkey_pepper_missing_total',
    help: "PINs that could not be verified, since this process wasn't given the pepper of their hash.",
    registers,
  });
  const rehashes = new Counter({
    name: 'ringkey_pin_rehashes_total',
    help: 'PINs that were hashed again at a sign-in, with the current pepper and cost.',
    registers,
  });
  const webhooks = new Counter({
    name: 'ringkey_webhooks_total',
    help: 'Webhooks of the provider, by the token that they were signed with. Those that were signed with none are refused.',
    labelNames: ['token'],
    registers,
  });
  const hashes = new Histogram({
    name: 'ringkey_hash_seconds',
    help: 'How long a hash took, without waiting for it.',
    buckets: hashSeconds,
    registers,
  });
  const store = new Histogram({
    name: 'ringkey_store_seconds',
    help: 'How long a store operation took.',
    labelNames: ['operation', 'outcome'],
    buckets: storeSeconds,
    registers,
  });

  const observers = new Map<string, Histogram.Internal<'operation' | 'outcome'>>();

  /** Looking a series up by its labels costs more than counting in it. */
  function observerOf(operation: string, outcome: string) {
    const name = `${operation} ${outcome}`;
    const known = observers.get(name) ?? store.labels(operation, outcome);
    observers.set(name, known);
    return known;
  }

  return {
    count(event) {
      switch (event.type) {
        case 'call-ended':
          calls.inc({ outcome: event.outcome });
          break;
        case 'pin-attempt':
          attempts.inc({ outcome: event.outcome });
          break;
        case 'account-locked':
          locks.inc({ reason: event.reason });
          break;
        case 'pin-changed':
          pinChanges.inc({ by: event.by });
          break;
        case 'mail-sent':
          mails.inc({ outcome: 'sent' });
          break;
        case 'mail-failed':
          mails.inc({ outcome: 'failed' });
          break;
        case 'mail-given-up':
          mails.inc({ outcome: 'given-up' });
          break;
        case 'pin-rehashed':
          rehashes.inc();
          break;
        case 'pepper-missing':
          missingPeppers.inc();
          break;
        case 'alert':
          alerts.inc({ scope: event.scope });
          break;
      }
    },
    countWebhook: (token) => webhooks.inc({ token: token ?? 'none' }),
    observeHash: (ms) => hashes.observe(ms / 1000),
    observeStore: (operation, outcome, ms) => observerOf(operation, outcome).observe(ms / 1000),
    showHashQueue(stats) {
      new Gauge({
        name: 'ringkey_hash_queue',
        help: 'Hashes waiting for a core.',
        registers,
        collect() {
          this.set(stats().waiting);
        },
      });
      new Gauge({
        name: 'ringkey_hash_admitted',
        help: 'Tries at a PIN that were admitted and are hashing or waiting.',
        registers,
        collect() {
          this.set(stats().admitted);
        },
      });
    },
    showPepperCount(read) {
      const countedAt = new Gauge({
        name: 'ringkey_pepper_counted_timestamp_seconds',
        help: 'When it was last counted what needs which pepper, in Unix seconds.',
        registers,
      });
      new Gauge({
        name: 'ringkey_pepper_use',
        help: 'What was hashed or sealed with a pepper, by its id and role.',
        labelNames: ['pepper', 'role', 'kind'],
        registers,
        async collect() {
          const count = await read();
          this.reset();
          countedAt.set(count === null ? 0 : count.countedAt / 1000);
          for (const { pepper, role, pins, earlierPins, mails } of count?.peppers ?? []) {
            this.set({ pepper, role, kind: 'pins' }, pins);
            this.set({ pepper, role, kind: 'earlier-pins' }, earlierPins);
            this.set({ pepper, role, kind: 'mails' }, mails);
          }
        },
      });
    },
    read: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
