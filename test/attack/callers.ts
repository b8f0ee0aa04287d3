/** Callers who guess: over the telephone, as fast as it answers. */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { sendWebhook, type WebhookAnswer } from '../../src/phone/webhook-client.ts';
import type { WireRequest } from '../fuzz/wire.ts';
import type { TestService } from '../support/service.ts';

let lastCall = 0;

/** A call that is asked for the PIN of an extension, and what sends the keyed digits: each time to the same step. */
export interface CallAtPin {
  readonly callSid: string;
  /** The address that was given out. */
  readonly action: string;
  key(digits: string, changes?: Readonly<Record<string, string>>): Promise<WebhookAnswer>;
}

/**
 * Calls and keys an extension: two webhooks, with no telephone between.
 * @param extension null when the caller is recognised by number, and so is asked for the PIN at once.
 * @param from E.164.
 */
export async function callAtPin(
  ringkey: TestService,
  extension: string | null,
  from: string,
): Promise<CallAtPin> {
  lastCall += 1;
  const callSid = `CA${lastCall.toString(16).padStart(32, '0')}`;
  const { origin } = ringkey.service.publicUrl;
  const post = (address: string, params: Readonly<Record<string, string>>) =>
    sendWebhook({
      url: ringkey.service.url + new URL(address).pathname,
      signUrl: address,
      authToken: ringkey.secrets.twilioAuthToken,
      params: { CallSid: callSid, CallStatus: 'in-progress', From: from, ...params },
    });
  const start = await post(`${origin}/voice`, {});
  if (extension === null && !/Enter your PIN/.test(start.body))
    throw new Error(`The caller is not recognised: ${start.body}`);
  const asked = extension === null ? start : await post(actionOf(start.body), { Digits: extension });
  const action = actionOf(asked.body);
  return { callSid, action, key: (digits, changes = {}) => post(action, { Digits: digits, ...changes }) };
}

/** Digits of a call, signed, to be sent over a connection that is kept. @param action the address that was given out. */
export function signedKeys(
  ringkey: TestService,
  action: string,
  callSid: string,
  digits: string,
): WireRequest {
  const params = { CallSid: callSid, CallStatus: 'in-progress', From: '+15551300000', Digits: digits };
  const signature = getExpectedTwilioSignature(ringkey.secrets.twilioAuthToken, action, params);
  return {
    method: 'POST',
    path: new URL(action).pathname,
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['X-Twilio-Signature', signature],
    ],
    body: Buffer.from(new URLSearchParams(params).toString()),
  };
}

/** Where keyed digits are to be posted. @throws Error when none are asked for. */
function actionOf(twiml: string): string {
  const action = /action="([^"]+)"/.exec(twiml)?.[1];
  if (action === undefined) throw new Error(`Nothing is asked for: ${twiml}`);
  return action;
}

type GuessOutcome = 'right' | 'wrong' | 'turned away';

/** Tries one PIN at each extension in turn, a call for each, and says what came of each. It needs an APP_URL. */
export async function spray(
  ringkey: TestService,
  pin: string,
  extensions: readonly string[],
  from: (index: number) => string,
): Promise<GuessOutcome[]> {
  const outcomes: GuessOutcome[] = [];
  for (const [index, extension] of extensions.entries()) {
    const { key } = await callAtPin(ringkey, extension, from(index));
    outcomes.push(outcomeOf((await key(pin)).body));
  }
  return outcomes;
}

function outcomeOf(twiml: string): GuessOutcome {
  if (/do not match/i.test(twiml)) return 'wrong';
  if (/too many/i.test(twiml)) return 'turned away';
  if (/assertion=/.test(twiml)) return 'right';
  throw new Error(`Neither right nor wrong: ${twiml}`);
}

/** So many hashes of PINs were computed since the service was started, with the one that it begins with. */
export function hashesOf(ringkey: TestService): Promise<number> {
  return ringkey.figure('ringkey_hash_seconds_count');
}
