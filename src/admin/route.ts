/**
 * A route of the API: one declaration that says what it takes, who may use it and what it answers. Express is given the route from
 * it, and the OpenAPI document is written from it, so the two can't differ.
 */
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { Operation } from '../core/roles.ts';
import { Problem, type ProblemCode } from '../http/problem.ts';
import { type ApiCaller, callerOf, permit } from './caller.ts';
import { expectedRevision, idempotencyKeyOf, methodNotAllowed, parse, queryOf } from './input.ts';

/** An answer that is no problem. `json` is its one value, `ndjson` one line of many; neither: it has no body, or is no JSON. */
export interface Answer {
  readonly description: string;
  readonly json?: z.ZodType;
  readonly ndjson?: z.ZodType;
  /** Another media type that it can have, such as text/html. */
  readonly other?: string;
  readonly headers?: readonly ('ETag' | 'Location')[];
}

/**
 * What there is to say of a route. Every schema for a body or an answer has a name in `src/admin/components.ts`.
 * What isn't declared isn't taken: a query parameter or a field that is unknown is refused.
 */
export interface Declaration<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express writes it: `/users/:identity`. */
  readonly path: `/${string}`;
  /** Whether other methods are left to a route whose address, with a parameter, this one is as well. */
  readonly leavesOtherMethods?: boolean;
  /** What a token must be allowed, by `src/core/roles.ts`; null: no token is needed. */
  readonly operation: Operation | null;
  /** What it may take besides, depending on what is asked for; the handler sees to it. */
  readonly furtherOperations?: readonly Operation[];
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: readonly RequestHeader[];
  readonly body?: B;
  /** The media type of a body that isn't JSON. The handler reads it from the request by itself. */
  readonly bodyType?: string;
  readonly answers: Readonly<Record<number, Answer>>;
  /** The problems of its own. Those that any request with a token can meet are in `generalProblems`. */
  readonly problems: readonly ProblemCode[];
}

/** The request headers that a route can take. */
export type RequestHeader = 'If-Match' | 'Idempotency-Key';

/** A request as a handler gets it: permitted, and parsed by the schemas that were declared. */
export interface Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly caller: ApiCaller;
  readonly params: z.infer<P>;
  readonly query: z.infer<Q>;
  readonly body: z.infer<B>;
  /** By `If-Match`: the revision that is to be changed; null: whichever is there. */
  readonly expected: number | null;
  /** By `Idempotency-Key`, told apart from other tokens' keys. */
  readonly idempotencyKey: string | undefined;
  readonly request: Request;
  readonly response: Response;
}

export interface Route {
  readonly declaration: Declaration;
  readonly handlers: readonly RequestHandler[];
}

const none = z.strictObject({});
type None = typeof none;

/** A route that needs a token. */
export function route<P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
  declaration: Declaration<P, Q, B> & { readonly operation: Operation },
  handle: (input: Input<P, Q, B>) => Promise<void>,
): Route {
  const { operation, params, query, headers = [], body, bodyType } = declaration;
  const permitted: RequestHandler = (request, _response, next) => {
    permit(callerOf(request), operation);
    next();
  };
  const handler: RequestHandler = async (request, response) => {
    await handle({
      caller: callerOf(request),
      params: parsePart(params, { ...request.params }),
      query: parsePart(query, queryOf(request)),
      body: parsePart(body, bodyType === undefined ? (request.body ?? {}) : {}),
      expected: headers.includes('If-Match') ? expectedRevision(request) : null,
      idempotencyKey: headers.includes('Idempotency-Key') ? idempotencyKeyOf(request) : undefined,
      request,
      response,
    });
  };
  const bodyHandlers = bodyType === undefined ? jsonBody : [requireType(bodyType)];
  return { declaration, handlers: [permitted, ...bodyHandlers, handler] };
}

/** Where nothing is declared, nothing is taken. */
function parsePart<T extends z.ZodType>(schema: T | undefined, value: unknown): z.infer<T> {
  return schema === undefined ? (parse(none, value) as z.infer<T>) : parse(schema, value);
}

/** A route that needs no token, because what it answers is no secret. It takes nothing but its address. */
export function openRoute(
  declaration: Declaration & { readonly operation: null },
  handler: RequestHandler,
): Route {
  const taken: RequestHandler = (request, _response, next) => {
    parsePart(undefined, queryOf(request));
    parsePart(undefined, request.body ?? {});
    next();
  };
  return { declaration, handlers: [...jsonBody, taken, handler] };
}

const jsonBody = [requireType('application/json'), express.json({ limit: '64kb', inflate: false })];

/** The routes as Express has them; a method that an address doesn't have is answered for. */
export function createRouter(routes: readonly Route[]): Router {
  const router = Router();
  for (const path of new Set(routes.map(({ declaration }) => declaration.path))) {
    const own = routes.filter(({ declaration }) => declaration.path === path);
    const methods = own.map(({ declaration }) => declaration.method.toUpperCase());
    const at = router.route(path);
    for (const { declaration, handlers } of own) at[declaration.method](...handlers);
    if (own.some(({ declaration }) => declaration.leavesOtherMethods)) continue;
    at.all(methodNotAllowed(methods.sort().join(', ')));
  }
  return router;
}

/** A body of another type would be skipped by the parser and taken for an empty one. */
function requireType(type: string): RequestHandler {
  return (request, _response, next) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined ||
      Number(request.headers['content-length'] ?? 0) > 0;
    if (hasBody && request.is(type) === false) {
      throw new Problem('unsupported_media_type', `Send the header "Content-Type: ${type}".`);
    }
    next();
  };
}
