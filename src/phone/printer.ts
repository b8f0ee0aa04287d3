/**
 * A call as lines of text: what is said in quotes, everything else in brackets.
 */
import type { CallEnd, CallEvent } from './call.ts';

export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Printer {
  line(text: string): void;
  event(event: CallEvent): void;
  end(end: CallEnd): void;
  /** Shows that a key was pressed, but not which: a PIN must not stand on a screen. */
  key(): void;
}

/** Prints to `output`: with a telephone in front of what is said on a terminal, plain elsewhere. */
export function createPrinter(output: Output): Printer {
  const telephone = output.isTTY ? '☎  ' : '';
  let keysOnLine = 0;

  function line(text: string): void {
    if (keysOnLine > 0) output.write('\n');
    keysOnLine = 0;
    output.write(`${withoutControls(text)}\n`);
  }

  return {
    line,
    event(event) {
      if (event.kind === 'say') line(`${telephone}"${event.text}"`);
      else if (event.kind !== 'request') line(`[${noteOn(event)}]`);
    },
    end(end) {
      line(`[${noteOnEnd(end)}]`);
    },
    key() {
      output.write('•');
      keysOnLine += 1;
    },
  };
}

function noteOn(event: Exclude<CallEvent, { kind: 'say' | 'request' }>): string {
  switch (event.kind) {
    case 'play':
      return `plays ${event.url}`;
    case 'pause':
      return `pause of ${event.seconds} s`;
    case 'dial':
      return `connects to ${event.target}, who answers and hangs up`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'error':
      return `error ${event.code} at ${withoutQuery(event.url)}: ${event.message}`;
  }
}

function noteOnEnd(end: CallEnd): string {
  switch (end.by) {
    case 'caller':
      return 'you hung up';
    case 'document':
      return 'the service hung up';
    case 'reject':
      return `the service rejected the call: ${end.reason}`;
    case 'redirect':
      return `handed over to ${withoutQuery(end.url)}: ${end.note}`;
    case 'error':
      return `the call failed: ${end.message}`;
  }
}

/** A query may hold a statement that signs someone in. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*/s, '');
}

/** What a service says must not steer the terminal. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}
