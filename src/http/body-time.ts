/**
 * How long a request's body may take to arrive. Node has one limit for all requests; here a route can give its own more time, once it
 * knows who sends it.
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';

const limits = new WeakMap<IncomingMessage, (ms: number) => void>();

/** Gives a connection back (408) whose request isn't there after `ms`. */
export function limitBodyTime(ms: number): RequestHandler {
  return (request, response, next) => {
    if (!request.complete) limit(request, response, ms);
    next();
  };
}

/** Gives this request `ms` from now on. */
export function allowBodyTime(request: IncomingMessage, ms: number): void {
  limits.get(request)?.(ms);
}

function limit(request: IncomingMessage, response: Response, first: number): void {
  let timer: NodeJS.Timeout;
  const end = () => {
    if (request.complete) return;
    if (!response.headersSent) response.writeHead(408, { connection: 'close' }).end();
    else request.destroy();
  };
  const start = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(end, ms).unref();
  };
  start(first);
  limits.set(request, start);
  request.once('close', () => clearTimeout(timer));
}
