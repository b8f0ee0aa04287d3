/**
 * `/users`: the accounts.
 */
import { Router } from 'express';
import { revisionOf } from '../../core/account.ts';
import type { AccountFilter } from '../../core/account-filter.ts';
import type { IdentityKind } from '../../core/identity.ts';
import { Problem } from '../../http/problem.ts';
import type { Accounts } from '../../services/accounts.ts';
import type { Actor, Audit, AuditEvent } from '../../services/audit.ts';
import { type AccountFinder, CursorError } from '../../services/find-accounts.ts';
import type { Policies } from '../../services/policies.ts';
import { statusBody, userBody } from '../bodies.ts';
import { permit, requireInScope } from '../caller.ts';
import { findAccount, noSuchAccount } from '../find-account.ts';
import {
  expectedRevision,
  methodNotAllowed,
  parseBody,
  parseQuery,
  preconditionFailed,
  toEtag,
} from '../input.ts';
import { newUser, userChange, userQuery } from '../schemas.ts';

interface UserServices {
  readonly accounts: Accounts;
  readonly finder: AccountFinder;
  readonly policies: Policies;
  readonly audit: Audit;
}

export function createUserRoutes({ accounts, finder, policies, audit }: UserServices): Router {
  const router = Router();

  async function requirePolicy(name: string | null): Promise<void> {
    if (name === null || (await policies.has(name))) return;
    throw new Problem('unknown_policy', 'Leave policy out for the default policy, or name one that exists.');
  }

  router
    .route('/users')
    .post(async (request, response) => {
      const caller = permit(request, 'users.create');
      const profile = parseBody(newUser, request);
      requireInScope(caller, profile.dn);
      await requirePolicy(profile.policy);
      const creation = await accounts.create(profile, caller.actor);
      if (creation.outcome === 'taken') {
        throw taken(creation.kind);
      }
      const { account } = creation;
      response.set('ETag', toEtag(revisionOf(account)));
      response.status(201).location(`/api/v1/users/${account.id}`).json(userBody(account));
    })
    .get(async (request, response) => {
      const { actor, scope } = permit(request, 'users.list');
      const { limit, cursor = null, ...filter } = parseQuery(userQuery, request);
      const page = await finder.page({ filter, scope }, limit, cursor).catch(cursorProblem);
      const users = page.found.map(({ account, status }) => ({
        ...userBody(account),
        pin: statusBody(status),
      }));
      await audit.append(statusesRead(actor, filter, users.length));
      response.json({ users, cursor: page.cursor });
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/users/:identity')
    .get(async (request, response) => {
      permit(request, 'users.read');
      const account = await findAccount(accounts, request);
      response.set('ETag', toEtag(revisionOf(account))).json(userBody(account));
    })
    .patch(async (request, response) => {
      const caller = permit(request, 'users.change');
      const expected = expectedRevision(request);
      const fields = parseBody(userChange, request);
      if (fields.dn !== undefined) requireInScope(caller, fields.dn);
      await requirePolicy(fields.policy ?? null);
      const { id } = await findAccount(accounts, request);
      const update = await accounts.update(id, fields, expected, caller.actor);
      switch (update.outcome) {
        case 'updated':
          response.set('ETag', toEtag(revisionOf(update.account))).json(userBody(update.account));
          return;
        case 'taken':
          throw taken(update.kind);
        case 'overtaken':
          throw preconditionFailed();
        case 'not-found':
          throw noSuchAccount();
      }
    })
    .delete(async (request, response) => {
      const { actor } = permit(request, 'users.remove');
      const expected = expectedRevision(request);
      const { id } = await findAccount(accounts, request);
      const removal = await accounts.remove(id, expected, actor);
      if (removal === 'overtaken') throw preconditionFailed();
      if (removal === 'not-found') throw noSuchAccount();
      response.status(204).end();
    })
    .all(methodNotAllowed('GET, PATCH, DELETE'));

  return router;
}

function taken(field: IdentityKind): Problem {
  return new Problem('identity_taken', `Another account has this ${field}.`, { field });
}

function cursorProblem(error: unknown): never {
  if (error instanceof CursorError)
    throw new Problem('invalid_request', 'Give the cursor of an earlier answer.');
  throw error;
}

/** A page of statuses is looked at as a whole, so it is recorded as one. */
function statusesRead(actor: Actor, filter: AccountFilter, count: number): AuditEvent {
  const details = { count, filter: { ...filter } };
  return { event: 'pin.status-read', actor, accountId: null, subject: 'list', outcome: 'done', details };
}
