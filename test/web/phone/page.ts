/**
 * The page of the telephone without a browser: its requests, and what it is told, line by line.
 */
import type { PhoneMessage } from '../../../src/web/phone/messages.ts';

type MessageOf<Kind extends PhoneMessage['kind']> = Extract<PhoneMessage, { kind: Kind }>;

export interface PhonePage {
  /** Everything that the page was told. */
  readonly told: readonly PhoneMessage[];
  /** The secret of the call. */
  readonly call: string;
  readonly callSid: string;
  /** What was said since the last time it listened, once it listens or is over. */
  listens(): Promise<string>;
  /** The next message of a kind that wasn't waited for yet. Throws when the call is over without one. */
  next<Kind extends PhoneMessage['kind']>(kind: Kind): Promise<MessageOf<Kind>>;
  /** Sends what the caller does; the status of the answer. */
  act(action: Readonly<Record<string, unknown>>): Promise<number>;
  /** Leaves the page. */
  leave(): void;
}

export interface PageOptions {
  readonly from?: string | null;
  readonly locale?: string | null;
  readonly isPatient?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the page says at once that a sound is through. Default: yes. */
  readonly plays?: boolean;
}

export function post(
  url: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/phone${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Makes a call from the page. Throws when it isn't taken. */
export async function openPhone(url: string, options: PageOptions = {}): Promise<PhonePage> {
  const { from = '+15551230001', locale = null, isPatient = true, headers = {}, plays = true } = options;
  const gone = new AbortController();
  const response = await post(url, '/calls', { from, locale, isPatient }, headers, gone.signal);
  if (response.status !== 200 || response.body === null) throw new Error(await response.text());

  const told: PhoneMessage[] = [];
  let isOver = false;
  let look = () => {};
  const act = async (action: Readonly<Record<string, unknown>>) => {
    const answer = await post(url, '/actions', { call: first.call, ...action }, headers);
    await answer.text();
    return answer.status;
  };

  const reading = readLines(response.body, (message) => {
    told.push(message);
    if (message.kind === 'say' && plays) void act({ do: 'played', sound: message.sound }).catch(() => {});
    look();
  });
  reading
    .catch(() => {})
    .finally(() => {
      isOver = true;
      look();
    });

  /** The first message from an index on that fits; the index after it. */
  async function find<T extends PhoneMessage>(
    start: number,
    fits: (message: PhoneMessage) => message is T,
  ): Promise<{ readonly message: T; readonly after: number }> {
    for (;;) {
      for (let index = start; index < told.length; index += 1) {
        const message = told[index];
        if (message !== undefined && fits(message)) return { message, after: index + 1 };
      }
      if (isOver) throw new Error(`the call is over: ${JSON.stringify(told.at(-1))}`);
      await new Promise<void>((resolve) => {
        look = resolve;
      });
    }
  }

  const isCall = (message: PhoneMessage): message is MessageOf<'call'> => message.kind === 'call';
  const { message: first } = await find(0, isCall);
  const from0 = new Map<PhoneMessage['kind'], number>();
  let heardTo = 0;
  return {
    told,
    call: first.call,
    callSid: first.callSid,
    async listens() {
      const isPause = (message: PhoneMessage): message is MessageOf<'listen' | 'end'> =>
        message.kind === 'listen' || message.kind === 'end';
      const { after } = await find(heardTo, isPause);
      const said = told.slice(heardTo, after).flatMap((one) => (one.kind === 'say' ? [one.text] : []));
      heardTo = after;
      return said.join(' ');
    },
    async next(kind) {
      const isKind = (message: PhoneMessage): message is MessageOf<typeof kind> => message.kind === kind;
      const { message, after } = await find(from0.get(kind) ?? 0, isKind);
      from0.set(kind, after);
      return message;
    },
    act,
    leave: () => gone.abort(),
  };
}

async function readLines(
  body: ReadableStream<Uint8Array>,
  told: (message: PhoneMessage) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') told(JSON.parse(line));
  }
}
