/**
 * What is shown of a call to those who build with it: each webhook, and the end. Neither a keyed digit nor a statement that signs
 * someone in is in it.
 */
import { decodeJwt, type JWTPayload } from 'jose';
import type { CallEnd, Exchange } from '../../phone/call.ts';
import type { CallGlimpse } from '../../services/run-call.ts';
import type { ShownEnd, ShownStep } from './messages.ts';
import { prettyTwiml } from './pretty-twiml.ts';

/** @param publicUrl what the service calls itself. */
export function showStep(exchange: Exchange, publicUrl: URL, state: CallGlimpse | null): ShownStep {
  const { method, signUrl, params, answer, failure } = exchange;
  const { origin } = publicUrl;
  return {
    kind: 'step',
    method,
    url: withoutStatement(signUrl.startsWith(`${origin}/`) ? signUrl.slice(origin.length) : signUrl),
    params: Object.fromEntries(
      Object.entries(params)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => [name, name === 'Digits' ? '•'.repeat(value.length) : value]),
    ),
    status: answer?.status ?? null,
    failure,
    document: withoutStatement(prettyTwiml(answer?.body ?? '')),
    state,
  };
}

export function showEnd(end: CallEnd): ShownEnd {
  switch (end.by) {
    case 'redirect':
      return { by: 'redirect', url: withoutStatement(end.url), statement: statementIn(end.url) };
    case 'error':
      return { by: 'error', message: end.message };
    default:
      return end;
  }
}

/** Takes the statement out of an address or a document, since whoever has it is signed in for a minute. */
export function withoutStatement(text: string): string {
  return text.replace(/([?&;]assertion=)[^&"<\s]*/g, '$1…');
}

/** What the statement says, without the signature that makes it worth something. */
function statementIn(url: string): JWTPayload | null {
  const statement = URL.canParse(url) ? new URL(url).searchParams.get('assertion') : null;
  try {
    return statement === null ? null : decodeJwt(statement);
  } catch {
    return null;
  }
}
