/**
 * A caller at a terminal: hears by reading, keys on the keyboard, and waits in real time. Speech takes no time here.
 */
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { CallEvent } from './call.ts';
import { isKey } from './dial.ts';
import type { Caller, Key } from './interpreter.ts';
import type { Printer } from './printer.ts';

export interface Keyboard extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface TerminalCaller extends Caller<CallEvent> {
  hangUp(): void;
  /** Gives the keyboard back. */
  close(): void;
}

/**
 * Keys are 0-9, * and #; on a terminal, Enter is # and Ctrl-C or Ctrl-D hangs up. The end of piped input hangs up once its keys
 * are used. `sleep` waits some milliseconds and may reject when the signal is aborted; default: the system's timer.
 */
export function terminalCaller(
  keyboard: Keyboard,
  printer: Printer,
  sleep: (ms: number, signal: AbortSignal) => Promise<void> = (ms, signal) =>
    setTimeout(ms, undefined, { signal }),
): TerminalCaller {
  const typed: Key[] = [];
  const receiver = new AbortController();
  let inputEnded = false;
  let onKey = () => {};

  function readKeys(chunk: string): void {
    if (chunk.startsWith('\u001b')) return; // an arrow or function key, whose code may hold digits
    for (const character of chunk) {
      if (character === '\u0003' || character === '\u0004') hangUp();
      const key = character === '\r' ? '#' : character;
      if (isKey(key)) typed.push(key);
    }
    onKey();
  }

  function endInput(): void {
    inputEnded = true;
    onKey();
  }

  function hangUp(): void {
    receiver.abort();
    close();
  }

  function close(): void {
    keyboard.off('data', readKeys).off('end', endInput).pause();
    keyboard.setRawMode?.(false);
  }

  /** Waits until the time is over, the caller hangs up, or (if asked to) a key is there. */
  async function rest(ms: number, untilKey: boolean): Promise<void> {
    if (untilKey && (typed.length > 0 || inputEnded)) return;
    const alarm = new AbortController();
    onKey = () => {
      if (untilKey) alarm.abort();
    };
    await sleep(ms, AbortSignal.any([alarm.signal, receiver.signal])).catch(() => {});
  }

  keyboard.setEncoding('utf8');
  keyboard.setRawMode?.(true);
  keyboard.on('data', readKeys).on('end', endInput);

  return {
    hungUp: receiver.signal,
    hangUp,
    close,
    async hear(event) {
      printer.event(event);
      if (event.kind === 'pause') await rest(event.seconds * 1000, event.bargeIn);
    },
    async nextKey(timeoutMs) {
      await rest(timeoutMs, true);
      const key = typed.shift();
      if (key !== undefined) printer.key();
      else if (inputEnded) hangUp();
      return key ?? 'silence';
    },
  };
}
