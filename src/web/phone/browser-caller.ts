/**
 * A caller at a page in the browser. The page says how long speech takes; silence is measured here.
 */
import type { CallEvent, Exchange } from '../../phone/call.ts';
import type { Caller, Key } from '../../phone/interpreter.ts';
import type { PhoneMessage } from './messages.ts';

/** Waits some milliseconds, or until the signal is aborted; then it may reject. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** What the person at the page can do. None of it takes effect once the call is over. */
export interface BrowserCaller extends Caller<CallEvent> {
  press(keys: readonly Key[]): void;
  /** The sound with this number is through. */
  played(sound: number): void;
  /** Doesn't wait until the time to key something is over. */
  staySilent(): void;
  /** Whether there is all the time in the world to key something. */
  setPatience(isPatient: boolean): void;
  hangUp(): void;
}

interface Options {
  readonly tell: (message: PhoneMessage) => void;
  /** Told of each webhook, in place of `tell`. */
  readonly onRequest: (exchange: Exchange) => Promise<void>;
  readonly sleep: Sleep;
  readonly isPatient: boolean;
}

/** A page that doesn't say that a sound is through, such as one in the background, holds the call up so long at most. */
const longestSoundMs = 120_000;

/** More keys than any entry takes. */
const mostKeysAhead = 200;

export function createBrowserCaller({ tell, onRequest, sleep, ...options }: Options): BrowserCaller {
  const typed: Key[] = [];
  const receiver = new AbortController();
  let isPatient = options.isPatient;
  let isSilent = false;
  let lastSound = 0;
  let isPlaying = false;
  /** Looks again whether what is waited for has come. */
  let look = () => {};

  /** Waits until `hasCome`, or the caller hung up, for some time at most (null: for ever). Says whether the time ran out. */
  async function wait(hasCome: () => boolean, atMostMs: number | null): Promise<boolean> {
    const here = new AbortController();
    const signal = AbortSignal.any([here.signal, receiver.signal]);
    const coming = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    look = () => {
      if (hasCome()) here.abort();
    };
    look();
    if (signal.aborted) return false;
    const sleeping = atMostMs === null ? [] : [sleep(atMostMs, signal).catch(() => {})];
    await Promise.race([coming, ...sleeping]);
    const isLate = !signal.aborted;
    here.abort();
    return isLate;
  }

  async function say(event: Extract<CallEvent, { kind: 'say' }>): Promise<void> {
    lastSound += 1;
    isPlaying = true;
    tell({ ...event, sound: lastSound });
    await wait(() => !isPlaying || (event.bargeIn && typed.length > 0), longestSoundMs);
    isPlaying = false;
    tell({ kind: 'over', sound: lastSound });
  }

  return {
    hungUp: receiver.signal,

    async hear(event) {
      if (event.kind === 'request') return onRequest(event.exchange);
      if (event.kind === 'say') return say(event);
      tell(event);
      if (event.kind === 'pause') await wait(() => event.bargeIn && typed.length > 0, event.seconds * 1000);
    },

    async nextKey(timeoutMs) {
      isSilent = false;
      let isLate = false;
      while (typed.length === 0 && !isSilent && !isLate && !receiver.signal.aborted) {
        const wasPatient = isPatient;
        const atMostMs = wasPatient ? null : timeoutMs;
        tell({ kind: 'listen', timeoutMs: atMostMs });
        isLate = await wait(() => typed.length > 0 || isSilent || isPatient !== wasPatient, atMostMs);
      }
      return typed.shift() ?? 'silence';
    },

    press(keys) {
      if (receiver.signal.aborted) return;
      typed.push(...keys.slice(0, Math.max(0, mostKeysAhead - typed.length)));
      look();
    },
    played(sound) {
      if (sound === lastSound) isPlaying = false;
      look();
    },
    staySilent() {
      isSilent = true;
      look();
    },
    setPatience(wanted) {
      isPatient = wanted;
      look();
    },
    hangUp() {
      typed.length = 0;
      receiver.abort();
    },
  };
}
