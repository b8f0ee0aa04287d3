/**
 * How long a request's body may take to arrive. Node has one limit for all requests; here a route can give its own more time, once it
 * knows who sends it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';

/** A property of the request and no map beside it: the garbage collector pays for each entry of a WeakMap. */
const restart = Symbol('restart of the limit');

type Limited = IncomingMessage & { [restart]?: (ms: number) => void };

/** Gives a connection back (408) whose request isn't there after `ms`. */
export function limitBodyTime(ms: number): RequestHandler {
  return (request, response, next) => {
    limitBody(request, response, ms);
    next();
  };
}

/** Gives this request `ms` from now on. */
export function allowBodyTime(request: Limited, ms: number): void {
  request[restart]?.(ms);
}

/** Gives the connection of a request back whose body isn't there after `first` ms, answered or not. */
export function limitBody(request: Limited, response: ServerResponse, first: number): void {
  if (request.complete) return;
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
  request[restart] = start;
  request.once('close', () => clearTimeout(timer));
}
