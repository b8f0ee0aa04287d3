/**
 * What the routes of the API share: parsing a body, and answering for a method that isn't there.
 */
import type { Request, RequestHandler } from 'express';
import type { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { issuesOf } from './schemas.ts';

/** Parses a body; the problem names each field that doesn't fit. */
export function parseBody<T extends z.ZodType>(
  schema: T,
  request: Request<Record<string, string>>,
): z.infer<T> {
  return parse(schema, request.body ?? {});
}

/** Parses the query; each parameter once. */
export function parseQuery<T extends z.ZodType>(
  schema: T,
  request: Request<Record<string, string>>,
): z.infer<T> {
  const search = new URLSearchParams(request.url.split('?')[1] ?? '');
  const names = [...search.keys()];
  if (new Set(names).size < names.length)
    throw new Problem('invalid_request', 'A query parameter is there twice.');
  return parse(schema, Object.fromEntries(search));
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'See errors for each field that does not fit.', {
    errors: issuesOf(parsed.error),
  });
}

export function methodNotAllowed(allowed: string): RequestHandler {
  return (_request, response) => {
    response.set('Allow', allowed);
    throw new Problem('method_not_allowed', `Use ${allowed}.`);
  };
}

/** Unix ms as RFC 3339 in UTC. */
export function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
