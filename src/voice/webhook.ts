/**
 * Parses a provider's webhook into a type. The signature scheme has no delimiters, so a signed request can be re-cut into other
 * parameters with the same signature; what passes here can't have been.
 */

import { isUtf8 } from 'node:buffer';

/** The parameters as they were signed: single strings by name, without a prototype. */
export type Params = Readonly<Record<string, string>>;

export type ParamsResult =
  | { readonly ok: true; readonly params: Params }
  | { readonly ok: false; readonly problem: string };

/**
 * Names as the provider writes them. No digits: `Digits=1234` can be re-cut into `Digits1=234` and verifies. SIP headers that a
 * trunk passes on have names of their own.
 */
const namePattern = /^(?:[A-Za-z][A-Za-z_]*|SipHeader_[A-Za-z0-9_-]+)$/;

/** Parses a form body; each parameter once, in valid UTF-8. @param body the raw bytes. */
export function parseParams(body: Buffer): ParamsResult {
  if (!isUtf8(body)) return { ok: false, problem: 'The body is not valid UTF-8.' };
  const params: Record<string, string> = Object.create(null);
  for (const pair of body.toString('utf8').split('&')) {
    if (pair === '') continue;
    const [rawName = '', ...rest] = pair.split('=');
    const name = decode(rawName);
    const value = decode(rest.join('='));
    if (name === null || value === null) return { ok: false, problem: 'A parameter is not valid UTF-8.' };
    if (!namePattern.test(name))
      return { ok: false, problem: 'A parameter has a name that the provider does not use.' };
    if (name in params) return { ok: false, problem: 'A parameter is there twice.' };
    params[name] = value;
  }
  return { ok: true, params };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** What a webhook says of its call. `from` is E.164, or a SIP or client address in lower case; null when withheld. */
export interface Webhook {
  readonly callSid: string;
  readonly from: string | null;
  readonly callStatus: string | null;
  readonly digits: string | null;
}

/** Twilio's, SignalWire's and Telnyx's forms of a call's id. */
const callSidPattern =
  /^(?:CA[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|v3:[A-Za-z0-9_-]{10,120})$/;

/** Reads the parameters that Ringkey uses; null when they aren't of the provider's form. */
export function readWebhook(params: Params): Webhook | null {
  const {
    CallSid: callSid = '',
    From: from = '',
    CallStatus: callStatus = null,
    Digits: digits = null,
  } = params;
  if (!callSidPattern.test(callSid)) return null;
  if (digits !== null && !/^[0-9*#]{0,200}$/.test(digits)) return null;
  return { callSid, from: readCaller(from), callStatus, digits };
}

/**
 * Numbers that Twilio sends for a caller who withholds theirs: RESTRICTED, BLOCKED, UNKNOWN, ANONYMOUS and UNAVAILABLE, keyed as
 * letters on the telephone.
 */
const withheldNumbers = new Set(['+7378742833', '+2562533', '+8656696', '+266696687', '+86282452253']);

function readCaller(from: string): string | null {
  if (withheldNumbers.has(from)) return null;
  if (/^\+[1-9]\d{1,14}$/.test(from)) return from;
  return /^(?:sip|client):[\x21-\x7e]{1,200}$/i.test(from) ? from.toLowerCase() : null;
}
