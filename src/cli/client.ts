/**
 * The admin API as the command line calls it.
 */
import { z } from 'zod';
import { type ExitCode, exitCodes, Failure } from './failure.ts';
import type { Profile } from './profile.ts';

/** A JSON object as the API sends it. */
export type Json = Readonly<Record<string, unknown>>;

export interface Client {
  /**
   * Sends a request and returns the answer's object; one without a body is `{}`.
   * @param path Below `/api/v1`; each part that isn't ours goes through `part`.
   * @throws Failure with the exit code that the problem stands for.
   */
  send(method: string, path: string, body?: Json): Promise<Json>;
  /**
   * Sends a request that is answered with a line of JSON for each thing as it is done.
   * @throws Failure like `send`, and when the answer breaks off.
   */
  lines(method: string, path: string, request?: LinesRequest): AsyncGenerator<Json, void, undefined>;
  /** Reads a text, piece by piece, such as a file of CSV. @throws Failure like `lines`. */
  text(path: string): AsyncGenerator<string, void, undefined>;
}

export interface LinesRequest {
  readonly body?: Json;
  /** CSV, in place of a body. */
  readonly file?: Uint8Array;
  readonly idempotencyKey?: string;
  /** The header `Accept`. */
  readonly accept?: string;
}

interface Sent {
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly key?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** Long, because checking a long audit trail is one request. */
const timeoutMs = 300_000;
const pageSize = 500;

const anyObject = z.record(z.string(), z.unknown());

const problem = z.object({
  code: z.string(),
  detail: z.string().default(''),
  codes: z.array(z.string()).default([]),
  errors: z.array(z.object({ field: z.string(), problem: z.string() })).default([]),
  problems: z.array(z.string()).default([]),
  count: z.number().nullable().default(null),
  candidates: z.array(z.object({ extension: z.string() })).default([]),
});

export function createClient({ url, token }: Profile): Client {
  return {
    async send(method, path, body) {
      const sent = body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) };
      const response = await request(method, path, { ...sent, signal: AbortSignal.timeout(timeoutMs) });
      const text = await response.text().catch(() => unreachable('it broke off in the middle of its answer'));
      const parsed = text === '' ? {} : parseJson(text);
      if (!response.ok) throw failureOf(response.status, parsed);
      const answer = anyObject.safeParse(parsed);
      return answer.success ? answer.data : unreachable('what answers there is not Ringkey');
    },

    async *text(path) {
      const response = await request('GET', path, {});
      if (!response.ok) throw failureOf(response.status, parseJson(await response.text().catch(() => '')));
      yield* piecesOf(response);
    },

    async *lines(method, path, { body, file, idempotencyKey, accept } = {}) {
      const sent: Sent = {
        ...(body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) }),
        ...(file === undefined ? {} : { type: 'text/csv', body: file }),
        ...(idempotencyKey === undefined ? {} : { key: idempotencyKey }),
        ...(accept === undefined ? {} : { accept }),
      };
      const response = await request(method, path, sent);
      if (!response.ok) {
        throw failureOf(response.status, parseJson(await response.text().catch(() => '')));
      }
      for await (const line of linesOf(response)) {
        const record = anyObject.safeParse(parseJson(line));
        if (!record.success) unreachable('what answers there is not Ringkey');
        else yield record.data;
      }
    },
  };

  async function* linesOf(response: Response): AsyncGenerator<string, void, undefined> {
    let rest = '';
    for await (const text of piecesOf(response)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  async function* piecesOf({ body }: Response): AsyncGenerator<string, void, undefined> {
    const reader = body?.pipeThrough(new TextDecoderStream('utf-8', { ignoreBOM: true })).getReader();
    for (;;) {
      const piece = await reader?.read().catch(() => unreachable('it broke off in the middle of its answer'));
      if (piece === undefined || piece.done) return;
      yield piece.value;
    }
  }

  async function request(
    method: string,
    path: string,
    { type, body, key, accept, signal }: Sent,
  ): Promise<Response> {
    try {
      return await fetch(new URL(`/api/v1${path}`, url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(type === undefined ? {} : { 'content-type': type }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(accept === undefined ? {} : { accept }),
        },
        ...(body === undefined ? {} : { body }),
        // A redirect could lead the token astray.
        redirect: 'error',
        ...(signal === undefined ? {} : { signal }),
      });
    } catch {
      return unreachable('is it running, and is the address right?');
    }
  }

  function unreachable(why: string): never {
    throw new Failure(exitCodes.unreachable, `No answer from ${url}: ${why}`);
  }
}

/** The same client, whose changes are only tried: the service says what would happen, and changes nothing. */
export function dryRunOf(client: Client): Client {
  const tried = (method: string, path: string) =>
    method === 'GET' ? path : `${path}${path.includes('?') ? '&' : '?'}dryRun=true`;
  return { ...client, send: (method, path, body) => client.send(method, tried(method, path), body) };
}

/** What filters a list, by the API's names; what is undefined doesn't. */
export type Query = Readonly<Record<string, string | boolean | undefined>>;

const listPage = z.object({ cursor: z.string().nullable() });

/**
 * Everything in a list, page by page.
 * @param name The member of an answer that holds its records, such as `users`.
 */
export async function* listAll(client: Client, path: string, name: string, query: Query = {}) {
  const search = new URLSearchParams({ limit: String(pageSize) });
  for (const [filter, value] of Object.entries(query)) {
    if (value !== undefined) search.set(filter, String(value));
  }
  let cursor: string | null = null;
  do {
    if (cursor !== null) search.set('cursor', cursor);
    const page = await client.send('GET', `${path}?${search}`);
    yield* z.array(anyObject).parse(page[name]);
    ({ cursor } = listPage.parse(page));
  } while (cursor !== null);
}

/** One part of a path. @throws Failure for what a URL can't hold as a part, which is nobody's identity. */
export function part(text: string): string {
  if (text === '' || text === '.' || text === '..')
    throw new Failure(exitCodes.notFound, `There is no "${text}".`);
  return encodeURIComponent(text);
}

function failureOf(status: number, body: unknown): Failure {
  const parsed = problem.safeParse(body);
  if (!parsed.success)
    return new Failure(exitCodes.unreachable, `What answers there is not Ringkey (${status}).`);
  const { code, detail, codes, problems, errors, candidates, count } = parsed.data;
  const details = [
    ...codes,
    ...problems,
    ...errors.map((error) => `${error.field} ${error.problem}`),
    ...candidates.map(({ extension }) => extension),
  ];
  const list = details.length === 0 ? '' : `: ${details.join(', ')}`;
  return new Failure(exitCodeOf(status, code), `${detail} (${code}${list})`, count);
}

function exitCodeOf(status: number, code: string): ExitCode {
  if (code === 'store_unavailable') return exitCodes.unreachable;
  switch (status) {
    case 400:
      return exitCodes.usage;
    case 401:
    case 403:
    case 429:
      return exitCodes.notPermitted;
    case 404:
      return exitCodes.notFound;
    default:
      return exitCodes.failed;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
