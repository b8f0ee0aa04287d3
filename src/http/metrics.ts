/**
 * Figures for Prometheus. Labels are names from a fixed set, and ids of peppers: no PIN, number, extension or account is ever one.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { lockReasons } from '../core/codes.ts';
import type { HasherStats } from '../security/hasher.ts';
import { attemptOutcomes, budgetScopes, pinSetters, type ServiceEvent } from '../services/events.ts';
import type { PepperCount } from '../services/pepper-count.ts';
import { storeOperations } from '../store/store.ts';

export interface Metrics {
  /** Counts what a service reported. */
  count(event: ServiceEvent): void;
  /** A webhook was signed with this token of the provider; null: with none of them. */
  countWebhook(token: 'primary' | 'secondary' | null): void;
  /** A call was turned away at its first webhook, because too many were calling. */
  countTurnedAway(): void;
  /** A PIN was hashed in so many ms. */
  observeHash(ms: number): void;
  /** A store operation took so many ms. */
  observeStore(operation: string, outcome: 'ok' | 'failed', ms: number): void;
  /** A hash of a caller's waited so many ms for a core. */
  observeHashWait(ms: number): void;
  /** A caller heard an apology, since a webhook failed or its answer took too long. */
  countApology(why: 'failed' | 'late'): void;
  /** Counts an alert that no event of a service tells of. */
  countAlert(scope: 'admin-tokens'): void;
  /** So many mails wait. */
  showMailsWaiting(count: number): void;
  /** Shows whether the service is ready whenever the figures are read. @param isReady rejects when it isn't. */
  showReadiness(isReady: () => Promise<void>): void;
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
  const turnedAway = new Counter({
    name: 'ringkey_calls_turned_away_total',
    help: 'Calls that were turned away at once, because too many were calling.',
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
  const hashWaits = new Histogram({
    name: 'ringkey_hash_wait_seconds',
    help: "How long a caller's hash waited for a core.",
    buckets: hashSeconds,
    registers,
  });
  const apologies = new Counter({
    name: 'ringkey_apologies_total',
    help: 'Webhooks that failed or took too long, so that the caller heard an apology.',
    labelNames: ['why'],
    registers,
  });
  const mailsWaiting = new Gauge({
    name: 'ringkey_mails_waiting',
    help: 'Mails that no mail server has accepted yet, as this process last counted them.',
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

  // What has never happened is 0 and not absent, so that its first time is a rise.
  for (const outcome of attemptOutcomes) attempts.inc({ outcome }, 0);
  for (const reason of lockReasons) locks.inc({ reason }, 0);
  for (const by of pinSetters) pinChanges.inc({ by }, 0);
  for (const outcome of ['sent', 'failed', 'given-up']) mails.inc({ outcome }, 0);
  for (const scope of [...budgetScopes, 'admin-tokens']) alerts.inc({ scope }, 0);
  for (const token of ['primary', 'secondary', 'none']) webhooks.inc({ token }, 0);
  for (const why of ['failed', 'late']) apologies.inc({ why }, 0);
  for (const operation of storeOperations) {
    for (const outcome of ['ok', 'failed']) store.zero({ operation, outcome });
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
    countTurnedAway: () => turnedAway.inc(),
    observeHash: (ms) => hashes.observe(ms / 1000),
    observeStore: (operation, outcome, ms) => observerOf(operation, outcome).observe(ms / 1000),
    observeHashWait: (ms) => hashWaits.observe(ms / 1000),
    countApology: (why) => apologies.inc({ why }),
    countAlert: (scope) => alerts.inc({ scope }),
    showMailsWaiting: (count) => mailsWaiting.set(count),
    showReadiness(isReady) {
      new Gauge({
        name: 'ringkey_ready',
        help: 'Whether the store answers and the pepper fits it: 1 or 0.',
        registers,
        async collect() {
          this.set(
            await isReady().then(
              () => 1,
              () => 0,
            ),
          );
        },
      });
    },
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
      // Each gauge reads by itself: all are collected at once, and one that another fills is a scrape behind.
      new Gauge({
        name: 'ringkey_pepper_counted_timestamp_seconds',
        help: 'When it was last counted what needs which pepper, in Unix seconds.',
        registers,
        async collect() {
          this.set(((await read())?.countedAt ?? 0) / 1000);
        },
      });
      new Gauge({
        name: 'ringkey_pepper_use',
        help: 'What was hashed or sealed with a pepper, by its id and role.',
        labelNames: ['pepper', 'role', 'kind'],
        registers,
        async collect() {
          const count = await read();
          this.reset();
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
