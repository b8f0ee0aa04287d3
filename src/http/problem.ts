/**
 * Errors as RFC 9457 `application/problem+json`: one table of codes, one shape, one way to answer them.
 */
import type { ErrorRequestHandler, Response } from 'express';
import { ForeignDocumentError } from '../services/documents.ts';
import { StoreUnavailableError } from '../store/store.ts';

/** Every code that the API answers with, its status and its title. The codes are stable. */
export const problems = {
  malformed_json: { status: 400, title: 'The body is not JSON.' },
  invalid_request: { status: 400, title: 'The request does not fit its schema.' },
  not_authenticated: { status: 401, title: 'A valid bearer token is needed.' },
  session_ended: { status: 401, title: 'The session has ended.' },
  csrf_token_missing: { status: 403, title: 'A session needs its CSRF token.' },
  foreign_origin: { status: 403, title: 'The request comes from another site.' },
  link_elsewhere: { status: 403, title: 'The link was asked for in another browser.' },
  not_permitted: { status: 403, title: 'The token does not allow this.' },
  not_found: { status: 404, title: 'There is no such thing.' },
  method_not_allowed: { status: 405, title: 'This method is not for this address.' },
  identity_ambiguous: { status: 409, title: 'Several accounts fit this identity.' },
  identity_taken: { status: 409, title: 'Another account has this identity.' },
  token_name_taken: { status: 409, title: 'Another token has this name.' },
  count_differs: { status: 409, title: 'The filter fits another number of accounts.' },
  policy_in_use: { status: 409, title: 'The policy is in use.' },
  link_spent: { status: 410, title: 'The link was used, or it is too late.' },
  precondition_failed: { status: 412, title: 'It was changed since it was read.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  unsupported_media_type: { status: 415, title: 'The body must be of another type.' },
  pin_refused: { status: 422, title: 'The policy refuses this PIN.' },
  pins_differ: { status: 422, title: 'The PIN was not typed the same twice.' },
  pin_not_deliverable: { status: 422, title: 'Nobody would know the new PIN.' },
  pin_not_set: { status: 422, title: 'The account has no PIN.' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was for another change.' },
  policy_refused: { status: 422, title: 'The policy can not be used.' },
  unknown_policy: { status: 422, title: 'There is no such policy.' },
  too_many_requests: { status: 429, title: 'Too many requests with wrong tokens.' },
  too_many_links: { status: 429, title: 'Too many links were asked for from this address.' },
  internal_error: { status: 500, title: 'Something went wrong here.' },
  busy: { status: 503, title: 'Too much to do at the moment.' },
  store_unavailable: { status: 503, title: 'The store can not be reached.' },
} as const;

export type ProblemCode = keyof typeof problems;

/** An answer other than success. `detail` says what to do; `extra` are further members of the problem, such as `codes`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(code: ProblemCode, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.code = code;
    this.extra = extra;
  }
}

/** Answers with a problem. */
function sendProblem(response: Response, { code, message, extra }: Problem): void {
  const { status, title } = problems[code];
  if (status === 401) response.set('WWW-Authenticate', 'Bearer realm="ringkey"');
  if (status === 429 || status === 503) response.set('Retry-After', '5');
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, code, detail: message, ...extra }));
}

/** Turns whatever was thrown into a problem; what isn't foreseen is told to `failed` and answered without its words. */
export function problemHandler(failed: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = toProblem(error);
    if (problem.code === 'internal_error' || problem.code === 'store_unavailable') failed(error);
    sendProblem(response, problem);
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailableError) {
    return new Problem(
      'store_unavailable',
      'Whether the change was made is unknown: read the status, then try again.',
    );
  }
  if (error instanceof ForeignDocumentError) return new Problem('internal_error', error.message);
  return bodyProblem(error) ?? new Problem('internal_error', 'The log of the service says more.');
}

/** The body parser's errors carry a `type`; their messages may quote the body, so none is passed on. */
function bodyProblem(error: unknown): Problem | null {
  const type = error instanceof Error && 'type' in error ? error.type : null;
  switch (type) {
    case 'entity.parse.failed':
      return new Problem('malformed_json', 'Send a JSON object.');
    case 'entity.too.large':
      return new Problem('body_too_large', 'Send less than 64 KB.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new Problem('unsupported_media_type', 'Send uncompressed UTF-8.');
    case 'request.aborted':
    case 'request.size.invalid':
      return new Problem('invalid_request', 'The body was cut short.');
    default:
      return error instanceof URIError
        ? new Problem('invalid_request', 'The address is not valid UTF-8.')
        : null;
  }
}
