/**
 * The HTTP application: the doors, health and figures, and what holds for every request.
 */
import express, { type Express, type Router } from 'express';
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
  /** Told of every request but those for health and figures: never a URL, since URLs name steps of calls. */
  readonly onRequest: (facts: RequestFacts) => void;
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
  app.use(helmet());
  app.use(limitBodyTime(requestWithinMs));

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

  app.use((request, response, next) => {
    const began = performance.now();
    response.on('finish', () => {
      const route = `${request.baseUrl}${request.route?.path ?? ''}` || 'none';
      onRequest({
        method: request.method,
        route,
        status: response.statusCode,
        ms: Math.round(performance.now() - began),
      });
    });
    next();
  });
  app.get('/.well-known/jwks.json', (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').json(jwks);
  });
  app.use('/api/v1', admin);
  app.use(web);
  app.use(voice);
  app.use(() => {
    throw new Problem('not_found', 'There is nothing at this address.');
  });
  app.use(problemHandler(onFailure));
  return app;
}
