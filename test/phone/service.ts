/**
 * A small webhook service on a free loopback port, whose answers the test writes.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface Received {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly form: URLSearchParams;
}

interface Reply {
  readonly status?: number;
  readonly type?: string;
  readonly location?: string;
  readonly body: string;
}

/** What stands at a path: TwiML verbs (wrapped in a `Response`), a whole reply, or nothing (`null`: never answered). */
export type Page = string | Reply | null;

export interface Service {
  readonly url: string;
  readonly received: readonly Received[];
}

/** Starts a service that answers each path (query apart) from `pages`, and stops it when the test is over. */
export async function startService(pages: Readonly<Record<string, Page>>): Promise<Service> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, form: new URLSearchParams(body) });
    const page = pages[path.split('?')[0] ?? ''];
    if (page === null) return;
    const reply = typeof page === 'string' ? { body: `<Response>${page}</Response>` } : page;
    response.writeHead(reply === undefined ? 404 : (reply.status ?? 200), {
      'content-type': reply?.type ?? 'text/xml; charset=utf-8',
      ...(reply?.location === undefined ? {} : { location: reply.location }),
    });
    response.end(reply?.body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}
