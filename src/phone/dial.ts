/**
 * A call that a program makes: a test, or a script. Time doesn't pass in it: the caller keys, or stays silent, at once.
 */
import { type CallEnd, type CallEvent, type CallOptions, type Exchange, placeCall } from './call.ts';
import type { Key } from './interpreter.ts';

export interface Call {
  /** Everything that happened, in order. */
  readonly transcript: readonly CallEvent[];
  /** Every webhook that was sent, with its answer. After the call, the last one is the status callback. */
  readonly requests: readonly Exchange[];
  /** Warnings and errors of the provider, as text. A sound call has none. */
  readonly problems: readonly string[];
  /** How the call ended; `null` while it lasts. */
  readonly ended: CallEnd | null;
  /** What was said since the caller last pressed a key or stayed silent. */
  heard(): string;
  /**
   * Presses `keys` (0-9, * and #) one by one, each when the service listens; keys left over when the call ends are lost.
   * Comes back when the service listens for more, or the call has ended. Throws when the call is over or a key isn't one.
   */
  press(keys: string): Promise<void>;
  /** Stays silent until the service gives up listening. Comes back, and throws, like `press`. */
  wait(): Promise<void>;
  /** Hangs up, and comes back when the service has been told. Does nothing when the call is over. */
  hangUp(): Promise<void>;
}

export interface DialOptions extends CallOptions {
  /** Told each event as it happens. */
  readonly onEvent?: (event: CallEvent) => void;
  /** Told when a key is pressed, but not which. */
  readonly onKey?: () => void;
}

/** Dials a service. Comes back when it first listens for a key, or the call has ended. */
export async function dial(options: DialOptions): Promise<Call> {
  const transcript: CallEvent[] = [];
  const typedAhead: Key[] = [];
  const receiver = new AbortController();
  let heardFrom = 0;
  let ended: CallEnd | null = null;
  let onListening = () => {};
  let give: (action: Key | 'silence') => void = () => {};

  const over = placeCall(options, {
    hungUp: receiver.signal,
    hear(event) {
      transcript.push(event);
      options.onEvent?.(event);
    },
    async nextKey() {
      const action = typedAhead.shift() ?? (await askCaller());
      if (!receiver.signal.aborted) heardFrom = transcript.length;
      if (action !== 'silence') options.onKey?.();
      return action;
    },
  }).then((end) => {
    ended = end;
  });

  function askCaller(): Promise<Key | 'silence'> {
    return new Promise((resolve) => {
      give = resolve;
      onListening();
    });
  }

  /** Does something, then lets the call go on until the service listens again or the call is over. */
  async function goOn(action: () => void): Promise<void> {
    const listening = new Promise<void>((resolve) => {
      onListening = resolve;
    });
    action();
    await Promise.race([listening, over]);
  }

  function mustLast(): void {
    if (ended !== null) throw new Error(`the call is over: ${JSON.stringify(ended)}`);
  }

  await goOn(() => {});
  return {
    transcript,
    get requests() {
      return transcript.flatMap((event) => (event.kind === 'request' ? [event.exchange] : []));
    },
    get problems() {
      return transcript.flatMap((event) =>
        event.kind === 'warning' || event.kind === 'error' ? [event.message] : [],
      );
    },
    get ended() {
      return ended;
    },
    heard() {
      const said = transcript.slice(heardFrom).flatMap((event) => (event.kind === 'say' ? [event.text] : []));
      return said.join(' ');
    },
    async press(text) {
      mustLast();
      const [first, ...rest] = keysIn(text);
      if (first === undefined) throw new Error('no key to press');
      typedAhead.push(...rest);
      await goOn(() => give(first));
    },
    async wait() {
      mustLast();
      await goOn(() => give('silence'));
    },
    async hangUp() {
      receiver.abort();
      give('silence');
      await over;
    },
  };
}

/** The keys in `text`. Throws when there is anything else in it. */
export function keysIn(text: string): Key[] {
  return [...text].map((key) => {
    if (!isKey(key)) throw new Error(`"${key}" is not a key; a telephone has 0-9, * and #`);
    return key;
  });
}

/** Whether `text` is one key of a telephone. */
export function isKey(text: string): text is Key {
  return /^[0-9*#]$/.test(text);
}
