/**
 * Figures for Prometheus. Labels are names from a fixed set: no PIN, number, extension or account is ever one.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HasherStats } from '../security/hasher.ts';
import type { ServiceEvent } from '../services/events.ts';

export interface Metrics {
  /** Counts what a service reported. */
  count(event: ServiceEvent): void;
  /** A PIN was hashed in so many ms. */
  observeHash(ms: number): void;
  /** A store operation took so many ms. */
  observeStore(operation: string, outcome: 'ok' | 'failed', ms: number): void;
  /** Shows the hash queue as it is whenever the figures are read. */
  showHashQueue(stats: () => HasherStats): void;
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
        case 'alert':
          alerts.inc({ scope: event.scope });
          break;
      }
    },
    observeHash: (ms) => hashes.observe(ms / 1000),
    observeStore: (operation, outcome, ms) => store.observe({ operation, outcome }, ms / 1000),
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
    read: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
