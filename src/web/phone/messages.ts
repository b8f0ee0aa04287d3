/**
 * What the page of the telephone is told, one message a line of JSON (NDJSON), for as long as the call lasts. The page's own code is
 * checked against these types, so nothing is imported here.
 */

/** Where the call is at the service. Nothing of it tells an account from an extension that nobody has, or comes from a PIN. */
export interface ShownState {
  /** The name of the state, as docs/architecture.md draws them; `over` once the service knows that the call is. */
  readonly at: string;
  readonly tally: {
    readonly steps: number;
    readonly wrongPins: number;
    readonly inputFailures: number;
    readonly refusedPins: number;
  } | null;
  /** Why a PIN is to be changed, while one is. */
  readonly reason: string | null;
  /** How the call ended for the service, once it did. */
  readonly outcome: string | null;
  readonly locale: string | null;
}

/** One webhook and what came of it. Keyed digits are masked, and a statement that signs someone in isn't in it. */
export interface ShownStep {
  readonly kind: 'step';
  readonly method: 'GET' | 'POST';
  /** The path at the service, or the whole address elsewhere. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  /** The status of the answer; null: there was none, and `failure` says why. */
  readonly status: number | null;
  readonly failure: string | null;
  /** The answered TwiML, one element a line. */
  readonly document: string;
  /** Null: the service knows no such call. */
  readonly state: ShownState | null;
}

/** Speech that the page plays. It says when it is through, by its number, unless `over` comes first. */
export interface Say {
  readonly kind: 'say';
  readonly sound: number;
  readonly text: string;
  readonly language: string;
  readonly voice: string | null;
  /** How often it is said; 0: until a key is pressed. */
  readonly loop: number;
  /** Whether a key cuts it short. */
  readonly bargeIn: boolean;
}

/** How the call ended. `statement`: what the application would be told of the caller. */
export type ShownEnd =
  | { readonly by: 'caller' | 'document' }
  | { readonly by: 'reject'; readonly reason: 'busy' | 'rejected' }
  | {
      readonly by: 'redirect';
      readonly url: string;
      readonly statement: Readonly<Record<string, unknown>> | null;
    }
  | { readonly by: 'error'; readonly message: string }
  | { readonly by: 'limit'; readonly minutes: number };

export type PhoneMessage =
  /** Comes first. `call` is the secret by which the page acts on its call. */
  | { readonly kind: 'call'; readonly call: string; readonly callSid: string }
  | ShownStep
  | Say
  | { readonly kind: 'over'; readonly sound: number }
  | { readonly kind: 'play'; readonly url: string; readonly loop: number; readonly bargeIn: boolean }
  | { readonly kind: 'pause'; readonly seconds: number; readonly bargeIn: boolean }
  | { readonly kind: 'dial'; readonly target: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'error'; readonly code: number; readonly url: string; readonly message: string }
  /** Keys are waited for; null: for as long as it takes. */
  | { readonly kind: 'listen'; readonly timeoutMs: number | null }
  /** Comes last. */
  | { readonly kind: 'end'; readonly end: ShownEnd };
