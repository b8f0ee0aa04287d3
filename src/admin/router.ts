/**
 * The admin door: JSON under `/api/v1`. Each handler parses, calls one service, and shapes the answer.
 */
import express, { type Request, type Router } from 'express';
import type { z } from 'zod';
import type { Account } from '../core/account.ts';
import { Problem } from '../http/problem.ts';
import type { Accounts } from '../services/accounts.ts';
import type { Policies } from '../services/policies.ts';
import type { PinAdministration, PinStatus } from '../services/reset-pin.ts';
import type { Store } from '../store/store.ts';
import { requireToken } from './auth.ts';
import { issuesOf, newUser, pinChange, pinReset } from './schemas.ts';

export interface AdminDoor {
  readonly accounts: Accounts;
  readonly pins: PinAdministration;
  readonly policies: Policies;
  readonly store: Store;
  readonly adminToken: string;
  readonly alert: (address: string) => void;
}

export function createAdminRouter({ accounts, pins, policies, store, adminToken, alert }: AdminDoor): Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(requireToken({ adminToken, store, alert }));
  router.use(refuseOtherBodies, express.json({ limit: '64kb', inflate: false }));

  async function findAccount(request: Request<{ identity: string }>): Promise<Account> {
    const resolution = await accounts.resolve(request.params.identity);
    switch (resolution.outcome) {
      case 'found':
        return resolution.account;
      case 'not-found':
        throw noSuchAccount();
      case 'ambiguous':
        throw new Problem('identity_ambiguous', 'Name the account by its id or extension.', {
          candidates: resolution.candidates.map(({ id, profile }) => ({ id, extension: profile.extension })),
        });
    }
  }

  router
    .route('/users')
    .post(async (request, response) => {
      const profile = parseBody(newUser, request);
      if (profile.policy !== null && !(await policies.has(profile.policy))) {
        throw new Problem(
          'unknown_policy',
          'Leave policy out for the default policy, or name one that exists.',
        );
      }
      const creation = await accounts.create(profile);
      if (creation.outcome === 'taken') {
        throw new Problem('identity_taken', `Another account has this ${creation.kind}.`, {
          field: creation.kind,
        });
      }
      const { account } = creation;
      response.status(201).location(`/api/v1/users/${account.id}`).json(userBody(account));
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/users/:identity')
    .get(async (request, response) => {
      response.json(userBody(await findAccount(request)));
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/users/:identity/pin')
    .get(async (request, response) => {
      const status = await pins.status((await findAccount(request)).id);
      response.json(statusBody(status));
    })
    .patch(async (request, response) => {
      const statusChange = parseBody(pinChange, request);
      const account = await findAccount(request);
      if (statusChange.pinExpired !== undefined && account.pin === null) {
        throw new Problem('pin_not_set', 'Reset the PIN first: there is none that could be changed.');
      }
      response.json(statusBody(await pins.update(account.id, statusChange)));
    })
    .all(methodNotAllowed('GET, PATCH'));

  router
    .route('/users/:identity/pin/reset')
    .post(async (request, response) => {
      const { reveal, ...reset } = parseBody(pinReset, request);
      if (reset.pin === undefined && !reveal) {
        throw new Problem(
          'pin_not_deliverable',
          'Give a pin, or ask for the generated one with "reveal": true.',
        );
      }
      const result = await pins.reset((await findAccount(request)).id, reset);
      switch (result.outcome) {
        case 'reset':
          response.json({ ...statusBody(result.status), ...(reveal ? { pin: result.pin } : {}) });
          return;
        case 'refused':
          throw new Problem('pin_refused', 'Choose another PIN: each code names a rule that it breaks.', {
            codes: result.codes,
          });
        case 'busy':
          throw new Problem('busy', 'Nothing was changed. Try again in a few seconds.');
        case 'not-found':
          throw noSuchAccount();
      }
    })
    .all(methodNotAllowed('POST'));

  router.use(() => {
    throw new Problem('not_found', 'There is nothing at this address.');
  });
  return router;
}

/** Parses a body; the problem names each field that doesn't fit. */
function parseBody<T extends z.ZodType>(schema: T, request: Request<Record<string, string>>): z.infer<T> {
  const parsed = schema.safeParse(request.body ?? {});
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'See errors for each field that does not fit.', {
    errors: issuesOf(parsed.error),
  });
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

function methodNotAllowed(allowed: string): express.RequestHandler {
  return (_request, response) => {
    response.set('Allow', allowed);
    throw new Problem('method_not_allowed', `Use ${allowed}.`);
  };
}

function noSuchAccount(): Problem {
  return new Problem('not_found', 'No account has this identity.');
}

function userBody({ id, profile, createdAt }: Account) {
  return { id, ...profile, createdAt: toIso(createdAt) };
}

function statusBody(status: PinStatus | null) {
  if (status === null) throw noSuchAccount();
  return {
    ...status,
    lockedUntil: toIso(status.lockedUntil),
    lastChangedAt: toIso(status.lastChangedAt),
    expiresAt: toIso(status.expiresAt),
    lastFailedAt: toIso(status.lastFailedAt),
    lastSignInAt: toIso(status.lastSignInAt),
  };
}

/** Unix ms as RFC 3339 in UTC. */
function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
