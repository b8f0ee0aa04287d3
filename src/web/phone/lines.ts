/**
 * The calls of the telephone in the browser. They are kept in this process, because a call lasts as long as the connection that
 * carries it; each plays the provider towards our own voice door, over HTTP, as the provider does.
 */
import type { Locale } from '../../core/locale.ts';
import { placeCall } from '../../phone/call.ts';
import type { CallGlimpse } from '../../services/run-call.ts';
import { type BrowserCaller, createBrowserCaller, type Sleep } from './browser-caller.ts';
import type { PhoneMessage, ShownEnd } from './messages.ts';
import { showEnd, showStep, withoutStatement } from './show-step.ts';

export interface LineRequest {
  /** `CA` and 32 hexadecimal digits. */
  readonly callSid: string;
  /** Whose call it is: nobody else can act on it. */
  readonly owner: string;
  /** The caller's number, E.164; null: withheld. */
  readonly from: string | null;
  /** The language that the call begins in; null: the service's. */
  readonly locale: Locale | null;
  /** Whether the caller has all the time in the world to key something. */
  readonly isPatient: boolean;
}

export interface Line {
  /** The end is told, and reported to the service. */
  readonly over: Promise<void>;
  hangUp(): void;
}

export interface PhoneLines {
  /** Makes a call, and tells everything that happens in it; null: all lines are busy. */
  call(request: LineRequest, tell: (message: PhoneMessage) => void): Line | null;
  /** The caller of a call; null: there is none of this name, it is over, or it is someone else's. */
  callerOf(call: string, owner: string): BrowserCaller | null;
  /** Ends all calls; none can be made from then on. */
  close(): Promise<void>;
}

interface Dependencies {
  /** Where this service listens. */
  readonly url: string;
  /** What it calls itself. */
  readonly publicUrl: URL;
  /** Where it hands calls over to; null: nowhere. */
  readonly appUrl: URL | null;
  readonly authToken: string;
  /** The language that a call begins in, by `CallSid`, for whoever answers it. */
  readonly firstLocales: Map<string, Locale>;
  readonly look: (callSid: string) => Promise<CallGlimpse | null>;
  readonly clock: () => number;
  readonly sleep: Sleep;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly onFailure: (error: unknown) => void;
}

/** So many people try their service at once, at most. */
export const mostLines = 20;

const longestMinutes = 15;

/** ANONYMOUS on the keys of a telephone: what the provider sends for a withheld number. */
const withheldNumber = '+266696687';

export function createPhoneLines(dependencies: Dependencies): PhoneLines {
  const { url, publicUrl, appUrl, authToken, firstLocales, look, clock, sleep, randomBytes } = dependencies;
  const open = new Map<
    string,
    { readonly owner: string; readonly caller: BrowserCaller; readonly line: Line }
  >();
  let isClosed = false;

  async function run({ callSid, from, locale }: LineRequest, caller: BrowserCaller): Promise<ShownEnd> {
    const timeIsUp = new AbortController();
    const ended = new AbortController();
    sleep(longestMinutes * 60_000, ended.signal).then(
      () => {
        if (ended.signal.aborted) return;
        timeIsUp.abort();
        caller.hangUp();
      },
      () => {},
    );
    if (locale !== null) firstLocales.set(callSid, locale);
    try {
      const end = await placeCall(
        {
          url,
          publicUrl: publicUrl.origin,
          authToken,
          callSid,
          from: from ?? withheldNumber,
          followElsewhere: false,
          ...(appUrl === null ? {} : { applicationUrl: appUrl.href }),
          now: clock,
        },
        caller,
      );
      return timeIsUp.signal.aborted ? { by: 'limit', minutes: longestMinutes } : showEnd(end);
    } catch (error) {
      dependencies.onFailure(error);
      return { by: 'error', message: 'The telephone broke. The log of the service says more.' };
    } finally {
      ended.abort();
      firstLocales.delete(callSid);
    }
  }

  return {
    call(request, tell) {
      if (isClosed || open.size >= mostLines) return null;
      const { callSid } = request;
      const call = Buffer.from(randomBytes(32)).toString('base64url');
      const caller = createBrowserCaller({
        tell: (message) =>
          tell(message.kind === 'error' ? { ...message, url: withoutStatement(message.url) } : message),
        async onRequest(exchange) {
          tell(showStep(exchange, publicUrl, await look(callSid)));
        },
        sleep,
        isPatient: request.isPatient,
      });
      tell({ kind: 'call', call, callSid });
      const over = run(request, caller).then((end) => {
        open.delete(call);
        tell({ kind: 'end', end });
      });
      const line: Line = { over, hangUp: caller.hangUp };
      open.set(call, { owner: request.owner, caller, line });
      return line;
    },

    callerOf(call, owner) {
      const found = open.get(call);
      return found !== undefined && found.owner === owner ? found.caller : null;
    },

    async close() {
      isClosed = true;
      const lines = [...open.values()].map(({ line }) => line);
      for (const line of lines) line.hangUp();
      await Promise.all(lines.map(({ over }) => over));
    },
  };
}
