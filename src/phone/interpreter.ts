/**
 * Plays one TwiML document to a caller, verb by verb, as the provider's documentation says, and tells what comes next.
 * It knows nothing of HTTP, and has no clock: how long speech and silence take is the caller's affair.
 */
import { elementsOf, type TwimlElement, textOf } from './twiml.ts';

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '*' | '#';

/** What happens on the line while a document is played. With `bargeIn`, a key cuts the sound short. */
export type LineEvent =
  | {
      readonly kind: 'say';
      readonly text: string;
      readonly language: string;
      readonly voice: string | null;
      readonly loop: number;
      readonly bargeIn: boolean;
    }
  | { readonly kind: 'play'; readonly url: string; readonly loop: number; readonly bargeIn: boolean }
  | { readonly kind: 'pause'; readonly seconds: number; readonly bargeIn: boolean }
  | { readonly kind: 'dial'; readonly target: string }
  | { readonly kind: 'warning'; readonly message: string };

/** The person (or script) at the telephone. */
export interface Caller<Event = LineEvent> {
  /** Aborted when the caller hangs up. A pending `hear` then comes back, and `nextKey` is `silence`. */
  readonly hungUp: AbortSignal;
  /** Told everything, in order. The line waits for the answer, so a caller may take the time that speech takes. */
  hear(event: Event): void | Promise<void>;
  /** The next key, or `silence` when none came within `timeoutMs`. */
  nextKey(timeoutMs: number): Promise<Key | 'silence'>;
}

/** How a document can end a call. */
export type DocumentEnd =
  | { readonly by: 'caller' }
  | { readonly by: 'document' }
  | { readonly by: 'reject'; readonly reason: 'busy' | 'rejected' };

/** The next document to fetch. `url` is absolute; `params` are those that belong to this request alone. */
export interface DocumentRequest {
  readonly kind: 'request';
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly params: Readonly<Record<string, string>>;
}

/** What follows a document. */
export type Next<End = DocumentEnd> = DocumentRequest | { readonly kind: 'end'; readonly end: End };

interface Player {
  readonly caller: Caller;
  readonly documentUrl: string;
}

/** Plays a verb. Nothing returned: the document goes on with the verb below. */
type Verb = (element: TwimlElement, player: Player) => Promise<Next | undefined>;

const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['Say', (element, player) => makeSound(element, player, false)],
  ['Play', (element, player) => makeSound(element, player, false)],
  ['Pause', (element, player) => makeSound(element, player, false)],
  ['Gather', gather],
  ['Redirect', redirect],
  ['Dial', dial],
  ['Hangup', async () => ({ kind: 'end', end: { by: 'document' } })],
  ['Reject', reject],
]);

const nestedInGather = ['Say', 'Play', 'Pause'];

/** Documented attributes, and the elements that may stand inside. */
const knownAttributes: ReadonlyMap<string, readonly string[]> = new Map([
  ['Say', ['voice', 'language', 'loop']],
  ['Play', ['loop', 'digits']],
  ['Pause', ['length']],
  [
    'Gather',
    [
      'action',
      'method',
      'timeout',
      'numDigits',
      'finishOnKey',
      'actionOnEmptyResult',
      'bargeIn',
      'input',
      'language',
      'hints',
      'speechTimeout',
      'maxSpeechTime',
      'speechModel',
      'enhanced',
      'profanityFilter',
      'partialResultCallback',
      'partialResultCallbackMethod',
      'debug',
    ],
  ],
  ['Redirect', ['method']],
  ['Hangup', []],
  ['Reject', ['reason']],
]);

/**
 * Plays `response` (the root of a document fetched from `documentUrl`, against which relative URLs are resolved).
 * What the provider would only warn about is passed over and reported as a warning.
 */
export async function playDocument(
  response: TwimlElement,
  documentUrl: string,
  caller: Caller,
): Promise<Next> {
  const player: Player = { caller, documentUrl };
  for (const element of elementsOf(response)) {
    const verb = verbs.get(element.name);
    if (verb === undefined) {
      await warn(player, element, 'is not a verb that this telephone knows; passed over');
      continue;
    }
    await checkAttributes(element, player);
    const next = await verb(element, player);
    if (caller.hungUp.aborted) return { kind: 'end', end: { by: 'caller' } };
    if (next !== undefined) return next;
  }
  return { kind: 'end', end: { by: 'document' } };
}

async function makeSound(element: TwimlElement, player: Player, bargeIn: boolean): Promise<undefined> {
  const { caller, documentUrl } = player;
  const { attributes } = element;
  switch (element.name) {
    case 'Pause':
      await caller.hear({
        kind: 'pause',
        seconds: await wholeNumber(element, 'length', 1, player),
        bargeIn,
      });
      return;
    case 'Play':
      await caller.hear({
        kind: 'play',
        url: attributes.digits === undefined ? resolveUrl(textOf(element), documentUrl) : 'tones',
        loop: await wholeNumber(element, 'loop', 1, player),
        bargeIn,
      });
      return;
    default:
      await caller.hear({
        kind: 'say',
        text: textOf(element),
        language: attributes.language ?? 'en-US',
        voice: attributes.voice ?? null,
        loop: await wholeNumber(element, 'loop', 1, player),
        bargeIn,
      });
  }
}

/**
 * Prompts, then collects keys. An entry ends with `numDigits` keys, with `finishOnKey` (which isn't part of it), or when no
 * further key comes within `timeout`. An empty entry falls through to the next verb unless `actionOnEmptyResult`.
 */
async function gather(element: TwimlElement, player: Player): Promise<Next | undefined> {
  const { caller } = player;
  const { attributes } = element;
  const bargeIn = attributes.bargeIn !== 'false';
  for (const child of elementsOf(element)) {
    if (nestedInGather.includes(child.name)) {
      await checkAttributes(child, player);
      await makeSound(child, player, bargeIn);
    } else {
      await warn(player, child, 'may not stand inside <Gather>; passed over');
    }
    if (caller.hungUp.aborted) return;
  }

  const entry = await collect(element, player);
  if (entry.digits === '' && attributes.actionOnEmptyResult !== 'true') return;
  return {
    kind: 'request',
    url: resolveUrl(attributes.action ?? '', player.documentUrl),
    method: await methodOf(element, player),
    params: { msg: 'Gather End', Digits: entry.digits, FinishedOnKey: entry.finishedOnKey },
  };
}

async function collect(
  element: TwimlElement,
  player: Player,
): Promise<{ digits: string; finishedOnKey: string }> {
  const { caller } = player;
  const { attributes } = element;
  const listensToKeys = (attributes.input ?? 'dtmf').split(/\s+/).includes('dtmf');
  const timeoutMs = 1000 * (await wholeNumber(element, 'timeout', 5, player));
  const numDigits = await wholeNumber(element, 'numDigits', Number.POSITIVE_INFINITY, player);
  const finishOnKey = await finishKey(element, player);

  let digits = '';
  while (digits.length < numDigits) {
    const key = await caller.nextKey(timeoutMs);
    if (key === 'silence') break;
    if (!listensToKeys) continue;
    if (key === finishOnKey) return { digits, finishedOnKey: key };
    digits += key;
  }
  return { digits, finishedOnKey: '' };
}

async function redirect(element: TwimlElement, player: Player): Promise<Next> {
  return {
    kind: 'request',
    url: resolveUrl(textOf(element), player.documentUrl),
    method: await methodOf(element, player),
    params: {},
  };
}

/** Nobody is really called: the other side answers and hangs up at once, and the document goes on. */
async function dial(element: TwimlElement, player: Player): Promise<Next | undefined> {
  await player.caller.hear({ kind: 'dial', target: textOf(element) });
  if (element.attributes.action === undefined) return;
  return {
    kind: 'request',
    url: resolveUrl(element.attributes.action, player.documentUrl),
    method: await methodOf(element, player),
    params: { DialCallStatus: 'completed', DialCallDuration: '0' },
  };
}

async function reject(element: TwimlElement): Promise<Next> {
  const reason = element.attributes.reason === 'busy' ? 'busy' : 'rejected';
  return { kind: 'end', end: { by: 'reject', reason } };
}

async function checkAttributes(element: TwimlElement, player: Player): Promise<void> {
  const known = knownAttributes.get(element.name);
  for (const name of Object.keys(element.attributes)) {
    if (known !== undefined && !known.includes(name)) {
      await warn(player, element, `has no attribute "${name}"; ignored`);
    }
  }
}

async function wholeNumber(
  element: TwimlElement,
  name: string,
  fallback: number,
  player: Player,
): Promise<number> {
  const value = element.attributes[name];
  if (value === undefined) return fallback;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  await warn(player, element, `has ${name}="${value}", which is not a whole number; the default is used`);
  return fallback;
}

async function finishKey(element: TwimlElement, player: Player): Promise<string> {
  const value = element.attributes.finishOnKey ?? '#';
  if (/^[0-9*#]?$/.test(value)) return value;
  await warn(player, element, `has finishOnKey="${value}", which is not one key; # is used`);
  return '#';
}

async function methodOf(element: TwimlElement, player: Player): Promise<'GET' | 'POST'> {
  const value = element.attributes.method ?? 'POST';
  if (value === 'GET' || value === 'POST') return value;
  await warn(player, element, `has method="${value}"; POST is used`);
  return 'POST';
}

async function warn(player: Player, element: TwimlElement, problem: string): Promise<void> {
  await player.caller.hear({
    kind: 'warning',
    message: `line ${element.line}: <${element.name}> ${problem}`,
  });
}

/** A relative URL is resolved against the document's; what is no URL at all is left for the request to fail on. */
function resolveUrl(reference: string, base: string): string {
  return URL.canParse(reference, base) ? new URL(reference, base).href : reference;
}
