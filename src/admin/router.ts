/**
 * The admin door: JSON under `/api/v1`. Each handler parses, calls one service, and shapes the answer.
 */
import express, { type Router } from 'express';
import { Problem } from '../http/problem.ts';
import type { Accounts } from '../services/accounts.ts';
import type { Audit } from '../services/audit.ts';
import type { ManyPins } from '../services/change-many.ts';
import type { AccountFinder } from '../services/find-accounts.ts';
import type { Policies } from '../services/policies.ts';
import type { PinAdministration } from '../services/reset-pin.ts';
import type { Tokens } from '../services/tokens.ts';
import type { Store } from '../store/store.ts';
import { requireToken } from './auth.ts';
import { isDryRun } from './input.ts';
import { createAuditRoutes } from './routes/audit.ts';
import { createManyPinsRoutes } from './routes/many-pins.ts';
import { createPinRoutes } from './routes/pins.ts';
import { createPolicyRoutes } from './routes/policies.ts';
import { createTokenRoutes } from './routes/tokens.ts';
import { createUserRoutes } from './routes/users.ts';

export interface AdminDoor {
  readonly accounts: Accounts;
  readonly finder: AccountFinder;
  readonly pins: PinAdministration;
  readonly manyPins: ManyPins;
  readonly policies: Policies;
  readonly audit: Audit;
  readonly tokens: Tokens;
  readonly store: Store;
  readonly clock: () => number;
  readonly adminToken: string;
  readonly alert: (address: string) => void;
}

export function createAdminRouter(door: AdminDoor): Router {
  const { accounts, finder, audit, pins, manyPins, policies, tokens, store, clock, adminToken, alert } = door;
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(requireToken({ adminToken, tokens, store, alert }));
  router.use(refuseOtherBodies, express.json({ limit: '64kb', inflate: false }));

  router.use(['/users', '/tokens'], refuseDryRun);

  router.use(createUserRoutes({ accounts, finder, policies, audit }));
  router.use(createPinRoutes(accounts, pins));
  router.use(createManyPinsRoutes(manyPins));
  router.use(createPolicyRoutes(policies));
  router.use(createTokenRoutes(tokens, clock));
  router.use(createAuditRoutes(audit, accounts));

  router.use(() => {
    throw new Problem('not_found', 'There is nothing at this address.');
  });
  return router;
}

/** A body of another type would be skipped by the parser and taken for an empty one. */
const refuseOtherBodies: express.RequestHandler = (request, _response, next) => {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody && request.is('application/json') === false) {
    throw new Problem('unsupported_media_type', 'Send the header "Content-Type: application/json".');
  }
  next();
};

/** Whoever asks for a dry run where there is none must not find that it was done. */
const refuseDryRun: express.RequestHandler = (request, _response, next) => {
  if (request.method !== 'GET' && isDryRun(request)) {
    throw new Problem('invalid_request', 'A dry run is there for changes of many PINs and of policies.');
  }
  next();
};
