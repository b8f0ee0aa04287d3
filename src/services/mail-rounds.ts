/**
 * Keeps the mail going while the process lives: at once when something was committed here, and every half minute for what is to be
 * tried again and for what other processes have left.
 */
import { StoreUnavailableError } from '../store/store.ts';
import type { Courier } from './deliver-mail.ts';
import type { ExpiryMail } from './expiry-mail.ts';
import type { Outbox } from './outbox.ts';

export interface MailRounds {
  /** Writes and sends all that is due, once; resolves when that is done. */
  runOnce(): Promise<void>;
  /** Begins no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

interface Dependencies {
  readonly outbox: Outbox;
  readonly courier: Courier;
  readonly expiryMail: ExpiryMail;
  /** Resolves after so many ms, or rejects when the signal is aborted. */
  readonly pause: (ms: number, value: undefined, options: { signal: AbortSignal }) => Promise<unknown>;
  /** Told after each round how many mails wait. */
  readonly counted: (waiting: number) => void;
  /** Told of a round that a fault of ours has ended. */
  readonly failed: (error: unknown) => void;
}

const roundMs = 30_000;

export function startMailRounds({
  outbox,
  courier,
  expiryMail,
  pause,
  counted,
  failed,
}: Dependencies): MailRounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  const fresh = new Set<string>();
  let wake = () => {};

  outbox.onCommitted((partition) => {
    fresh.add(partition);
    wake();
  });

  async function runOnce(): Promise<void> {
    await expiryMail.writeIfDue();
    await courier.deliverDue();
    counted(await outbox.countWaiting());
  }

  async function runFresh(): Promise<void> {
    for (const partition of fresh) {
      if (signal.aborted) return;
      fresh.delete(partition);
      await courier.deliverDueIn(partition);
    }
  }

  async function everyRound(): Promise<void> {
    while (!signal.aborted) {
      await runOnce().catch(tell);
      await pause(roundMs, undefined, { signal }).catch(() => {});
    }
  }

  async function wheneverCommitted(): Promise<void> {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await runFresh().catch(tell);
      if (fresh.size === 0) await woken;
    }
  }

  /** What waits is tried again in the next round. */
  function tell(error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) failed(error);
  }

  const running = Promise.all([everyRound(), wheneverCommitted()]);
  return {
    runOnce,
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}
