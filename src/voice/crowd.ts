/**
 * Turns new calls away at the first webhook while nearly as many tries at a PIN wait as can be checked in time. Else each of them would
 * cost three webhooks to hear the same, and those who got in first would wait for that. It comes before everything else that a request
 * meets, signature included, because under ten times the load there is time for nothing more: nothing is read, and nothing is stored.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

interface Crowd {
  /** Where new calls come in. */
  readonly address: string;
  /** The TwiML that they hear, made ahead. */
  readonly answer: string;
  readonly isCrowded: () => boolean;
  /** Ends a request whose body doesn't arrive in time, which would hold its connection for as long as it likes. */
  readonly limitBody: (request: IncomingMessage, response: ServerResponse) => void;
  /** Told of each. */
  readonly onTurnedAway: () => void;
}

/** @param next takes every other request, and new calls too while it isn't crowded. */
export function turnCrowdAway(
  { address, answer, isCrowded, limitBody, onTurnedAway }: Crowd,
  next: RequestListener,
): RequestListener {
  const headers = {
    'content-type': 'text/xml; charset=utf-8',
    'content-length': Buffer.byteLength(answer),
    'x-content-type-options': 'nosniff',
  };
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== address || !isCrowded()) return next(request, response);
    limitBody(request, response);
    response.writeHead(200, headers).end(answer);
    onTurnedAway();
  };
}
