/**
 * Webhooks as the provider sends them, with all the parameters of a call between two numbers in the US, signed. What stays the same is
 * put together once.
 */
import { createHmac } from 'node:crypto';

export interface WebhookFacts {
  /** As it stands in the request, such as `/voice`. */
  readonly path: string;
  readonly callSid: string;
  /** E.164. */
  readonly from: string;
  /** Absent: a call comes in. */
  readonly digits?: string;
  /** Whether the call has ended. */
  readonly ended?: true;
}

export interface WebhookSender {
  /** Scheme, host and port that the service expects signatures for. */
  readonly publicUrl: string;
  readonly authToken: string;
}

const to = '+14155550100';

/** What a provider sends besides; `null` is put in for each call. */
const parameters: Readonly<Record<string, string | null>> = {
  AccountSid: `AC${'0123456789abcdef'.repeat(2)}`,
  ApiVersion: '2010-04-01',
  CallSid: null,
  CallStatus: null,
  Called: to,
  CalledCity: 'SAN FRANCISCO',
  CalledCountry: 'US',
  CalledState: 'CA',
  CalledZip: '94105',
  Caller: null,
  CallerCity: 'OAKLAND',
  CallerCountry: 'US',
  CallerState: 'CA',
  CallerZip: '94601',
  Digits: null,
  Direction: 'inbound',
  FinishedOnKey: '#',
  From: null,
  FromCity: 'OAKLAND',
  FromCountry: 'US',
  FromState: 'CA',
  FromZip: '94601',
  To: to,
  ToCity: 'SAN FRANCISCO',
  ToCountry: 'US',
  ToState: 'CA',
  ToZip: '94105',
};

const onlyWithDigits = ['Digits', 'FinishedOnKey'];

/** Runs of parameters that are the same in every call, between those that aren't: as they are signed, and as they are posted. */
interface Piece {
  readonly signed: string;
  readonly posted: string;
  readonly variable: string | null;
}

/** Makes requests as they stand on the wire. */
export function createWebhookRequests({
  publicUrl,
  authToken,
}: WebhookSender): (facts: WebhookFacts) => string {
  const host = new URL(publicUrl).host;
  const keyed = piecesOf(Object.keys(parameters));
  const incoming = piecesOf(Object.keys(parameters).filter((name) => !onlyWithDigits.includes(name)));

  return ({ path, callSid, from, digits, ended }) => {
    const values: Readonly<Record<string, string>> = {
      CallSid: callSid,
      CallStatus: ended ? 'completed' : 'in-progress',
      Caller: from,
      From: from,
      Digits: digits ?? '',
    };
    let signed = publicUrl + path;
    let posted = '';
    for (const { signed: fixed, posted: fixedForm, variable } of digits === undefined ? incoming : keyed) {
      const value = variable === null ? '' : (values[variable] ?? '');
      signed += fixed + value;
      posted += fixedForm + encodeURIComponent(value);
    }
    const signature = createHmac('sha1', authToken).update(signed).digest('base64');
    return (
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: TwilioProxy/1.1\r\n` +
      'Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nAccept: */*\r\n' +
      `X-Twilio-Signature: ${signature}\r\nContent-Length: ${posted.length}\r\n\r\n${posted}`
    );
  };
}

function piecesOf(names: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let signed = '';
  let posted = '';
  for (const name of [...names].sort()) {
    const value = parameters[name] ?? null;
    signed += name + (value ?? '');
    posted += `${posted === '' && pieces.length === 0 ? '' : '&'}${name}=${encodeURIComponent(value ?? '')}`;
    if (value !== null) continue;
    pieces.push({ signed, posted, variable: name });
    signed = '';
    posted = '';
  }
  return [...pieces, { signed, posted, variable: null }];
}
