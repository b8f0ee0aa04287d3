/**
 * The admin door: JSON under `/api/v1`. Each handler parses, calls one service, and shapes the answer.
 */
import express, { type Router } from 'express';
import { Problem } from '../http/problem.ts';
import type { Accounts } from '../services/accounts.ts';
import type { Audit } from '../services/audit.ts';
import type { ManyPins } from '../services/change-many.ts';
import type { AccountFinder } from '../services/find-accounts.ts';
import type { UserImport } from '../services/import-users.ts';
import type { Policies } from '../services/policies.ts';
import type { MeasurePolicy } from '../services/policy-impact.ts';
import type { PinAdministration } from '../services/reset-pin.ts';
import type { Statistics } from '../services/statistics.ts';
import type { Tokens } from '../services/tokens.ts';
import { type AuthOptions, requireCaller } from './auth.ts';
import { createRouter } from './route.ts';
import { createAuditRoutes } from './routes/audit.ts';
import { createDocumentRoutes } from './routes/document.ts';
import { createExportRoutes } from './routes/export.ts';
import { createImportRoutes } from './routes/import.ts';
import { createManyPinsRoutes } from './routes/many-pins.ts';
import { createPinRoutes } from './routes/pins.ts';
import { createPolicyRoutes } from './routes/policies.ts';
import { createStatisticsRoutes } from './routes/statistics.ts';
import { createTokenRoutes } from './routes/tokens.ts';
import { createUserRoutes } from './routes/users.ts';

export interface AdminDoor extends AuthOptions {
  readonly accounts: Accounts;
  readonly finder: AccountFinder;
  readonly pins: PinAdministration;
  readonly manyPins: ManyPins;
  readonly userImport: UserImport;
  readonly policies: Policies;
  readonly audit: Audit;
  readonly measurePolicy: MeasurePolicy;
  readonly statistics: Statistics;
  readonly tokens: Tokens;
  readonly clock: () => number;
}

export function createAdminRouter(door: AdminDoor): Router {
  const { accounts, finder, audit, pins, manyPins, policies, measurePolicy, statistics, tokens, clock } =
    door;
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  const routes = [
    // Before the routes for one user, whose addresses these would be as well.
    ...createImportRoutes(door.userImport),
    ...createExportRoutes({ finder, policies, tokens, audit, clock }),
    ...createUserRoutes({ accounts, finder, policies, audit }),
    ...createPinRoutes(accounts, pins),
    ...createManyPinsRoutes(manyPins),
    ...createPolicyRoutes(policies, measurePolicy),
    ...createTokenRoutes(tokens, clock),
    ...createStatisticsRoutes(statistics),
    ...createAuditRoutes(audit, accounts),
  ];
  router.use(createRouter(createDocumentRoutes(routes)));
  router.use(requireCaller(door));
  router.use(createRouter(routes));
  router.use(() => {
    throw new Problem('not_found', 'There is nothing at this address.');
  });
  return router;
}
