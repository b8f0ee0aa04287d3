/**
 * The HTTP application: the doors, health and figures, and what holds for every request.
 */
import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { JWK } from 'jose';
import { limitBodyTime } from './body-time.ts';
import type { Metrics } from './metrics.ts';
import { Problem, problemHandler } from './problem.ts';

interface AppOptions {
  readonly voice: Router;
  readonly admin: Router;
  readonly web: Router;
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly metrics: Metrics;
  /** How long a request may take to arrive, unless its route gives it more time (`allowBodyTime`). */
  readonly requestWithinMs: number;
  /** Resolves when the store answers and the pepper fits it. */
  readonly isReady: () => Promise<void>;
  /** Told of every request but those for health and figures: never a URL, since URLs name steps of calls. Null: nobody is told. */
  readonly onRequest: ((facts: RequestFacts) => void) | null;
  readonly onFailure: (error: unknown) => void;
}

export interface RequestFacts {
  readonly method: string;
  /** The route's pattern, not the address. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export function createApp({
  voice,
  admin,
  web,
  jwks,
  metrics,
  requestWithinMs,
  isReady,
  onRequest,
  onFailure,
}: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(limitBodyTime(requestWithinMs));
  if (onRequest !== null) app.use(tellOf(onRequest));
  // First, since callers wait for it, and without what is for browsers.
  app.use((request, response, next) => {
    if (isForVoice(request.url)) voice(request, response, next);
    else next();
  });
  app.use(helmet());

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    try {
      await isReady();
      response.json({ status: 'ready' });
    } catch (error) {
      response
        .status(503)
        .json({ status: 'not ready', reason: error instanceof Error ? error.message : 'unknown' });
    }
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.read());
  });

  app.get('/.well-known/jwks.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').json(jwks);
  });
  app.use('/api/v1', admin);
  app.use(web);
  app.use(() => {
    throw new Problem('not_found', 'There is nothing at this address.');
  });
  app.use(problemHandler(onFailure));
  return app;
}

/** Also what is nearly an address of webhooks, which the voice door tells of. */
function isForVoice(url: string): boolean {
  return /^\/voice(?:[/?]|$)/i.test(url);
}

/** What is asked for health and figures is asked every few seconds. */
const untold = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

function tellOf(onRequest: (facts: RequestFacts) => void): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    if (!untold.test(request.url)) {
      response.on('finish', () => {
        onRequest({
          method: request.method,
          route: `${request.baseUrl}${request.route?.path ?? ''}` || 'none',
          status: response.statusCode,
          ms: Math.round(performance.now() - began),
        });
      });
    }
    next();
  };
}
