/**
 * What the routes of the API share: parsing requests, and answering for a method that isn't there.
 */
import type { Request, RequestHandler } from 'express';
import type { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { callerOf } from './caller.ts';
import { issuesOf } from './schemas.ts';

/** The parameters of the query, each once. */
export function queryOf({ url }: Request): Readonly<Record<string, string>> {
  const search = new URLSearchParams(url.split('?')[1] ?? '');
  const names = [...search.keys()];
  if (new Set(names).size < names.length)
    throw new Problem('invalid_request', 'A query parameter is there twice.');
  return Object.fromEntries(search);
}

/** Parses a part of a request; the problem names each field that doesn't fit. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'See errors for each field that does not fit.', {
    errors: issuesOf(parsed.error),
  });
}

/**
 * The revision that a change is meant for, by the header `If-Match`; null: whichever is there.
 * @throws Problem `precondition_failed` when the header can't be one of ours.
 */
export function expectedRevision(request: Request): number | null {
  const header = request.get('if-match');
  if (header === undefined || header === '*') return null;
  const [, revision] = /^"(\d{1,15})"$/.exec(header) ?? [];
  if (revision === undefined) throw preconditionFailed();
  return Number(revision);
}

export function preconditionFailed(): Problem {
  return new Problem('precondition_failed', 'Read it again, and send its new ETag as If-Match.');
}

export function toEtag(revision: number): string {
  return `"${revision}"`;
}

/** The header `Idempotency-Key`, told apart from other tokens' keys; absent: undefined. */
export function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.get('idempotency-key');
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return `${callerOf(request).actor.name}:${key}`;
  throw new Problem('invalid_request', 'An Idempotency-Key is 1 to 128 printable ASCII characters.');
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
