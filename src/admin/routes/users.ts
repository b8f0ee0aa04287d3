/**
 * `/users`: the accounts.
 */
import { revisionOf } from '../../core/account.ts';
import { type AccountFilter, recordedFilter } from '../../core/account-filter.ts';
import type { IdentityKind } from '../../core/identity.ts';
import { Problem } from '../../http/problem.ts';
import type { Accounts } from '../../services/accounts.ts';
import type { Actor, Audit, AuditEvent } from '../../services/audit.ts';
import { type AccountFinder, CursorError } from '../../services/find-accounts.ts';
import type { Policies } from '../../services/policies.ts';
import {
  changedUserAnswer,
  dryRunBody,
  listedUserBody,
  newUserTriedAnswer,
  userAnswer,
  userBody,
  userPageAnswer,
  userRemovalTriedAnswer,
} from '../bodies.ts';
import { requireInScope } from '../caller.ts';
import { findAccount, noSuchAccount } from '../find-account.ts';
import { preconditionFailed, toEtag } from '../input.ts';
import { type Route, route } from '../route.ts';
import {
  accountChangeQuery,
  dryRunQuery,
  identityParam,
  newUser,
  scopeQuery,
  userChange,
  userQuery,
} from '../schemas.ts';

interface UserServices {
  readonly accounts: Accounts;
  readonly finder: AccountFinder;
  readonly policies: Policies;
  readonly audit: Audit;
}

export function createUserRoutes({ accounts, finder, policies, audit }: UserServices): Route[] {
  async function requirePolicy(name: string | null): Promise<void> {
    if (name === null || (await policies.has(name))) return;
    throw new Problem('unknown_policy', 'Leave policy out for the default policy, or name one that exists.');
  }

  return [
    route(
      {
        method: 'post',
        path: '/users',
        operation: 'users.create',
        summary: 'Make a user',
        description: 'A new user has no PIN, and can not sign in until one is set.',
        query: dryRunQuery,
        body: newUser,
        answers: {
          200: { description: 'A dry run: the user as it would be made.', json: newUserTriedAnswer },
          201: { description: 'The user was made.', json: userAnswer, headers: ['ETag', 'Location'] },
        },
        problems: ['identity_taken', 'unknown_policy'],
      },
      async ({ caller, query: { dryRun }, body: profile, response }) => {
        requireInScope(caller, profile.dn);
        await requirePolicy(profile.policy);
        const creation = await accounts.create(profile, caller.actor, { dryRun });
        if (creation.outcome === 'taken') throw taken(creation.kind);
        const { account } = creation;
        if (dryRun) {
          response.json({ ...userBody(account), id: null, createdAt: null, dryRun });
          return;
        }
        response.set('ETag', toEtag(revisionOf(account)));
        response.status(201).location(`/api/v1/users/${account.id}`).json(userBody(account));
      },
    ),
    route(
      {
        method: 'get',
        path: '/users',
        operation: 'users.list',
        summary: 'List users with the status of their PINs',
        description: 'The look at the statuses is recorded in the audit trail, once for each page.',
        query: userQuery,
        answers: { 200: { description: 'A page of users.', json: userPageAnswer } },
        problems: [],
      },
      async ({ caller: { actor, scope }, query, response }) => {
        const { limit, cursor = null, ...filter } = query;
        const page = await finder.page({ filter, scope }, limit, cursor).catch(cursorProblem);
        const users = page.found.map(listedUserBody);
        await audit.append(statusesRead(actor, filter, users.length));
        response.json({ users, cursor: page.cursor });
      },
    ),
    route(
      {
        method: 'get',
        path: '/users/:identity',
        operation: 'users.read',
        summary: 'Read a user',
        params: identityParam,
        query: scopeQuery,
        answers: { 200: { description: 'The user.', json: userAnswer, headers: ['ETag'] } },
        problems: ['not_found', 'identity_ambiguous'],
      },
      async ({ caller, params, query, response }) => {
        const account = await findAccount(accounts, caller, { ...params, ...query });
        response.set('ETag', toEtag(revisionOf(account))).json(userBody(account));
      },
    ),
    route(
      {
        method: 'patch',
        path: '/users/:identity',
        operation: 'users.change',
        summary: 'Change a user',
        params: identityParam,
        query: accountChangeQuery,
        headers: ['If-Match'],
        body: userChange,
        answers: {
          200: { description: 'The user as it is now.', json: changedUserAnswer, headers: ['ETag'] },
        },
        problems: [
          'not_found',
          'identity_ambiguous',
          'identity_taken',
          'precondition_failed',
          'unknown_policy',
        ],
      },
      async ({ caller, params, query, body: fields, expected, response }) => {
        if (fields.dn !== undefined) requireInScope(caller, fields.dn);
        await requirePolicy(fields.policy ?? null);
        const { id } = await findAccount(accounts, caller, { ...params, ...query });
        const update = await accounts.update(id, fields, expected, caller.actor, query);
        switch (update.outcome) {
          case 'updated':
            if (!query.dryRun) response.set('ETag', toEtag(revisionOf(update.account)));
            response.json({ ...userBody(update.account), ...dryRunBody(query) });
            return;
          case 'taken':
            throw taken(update.kind);
          case 'overtaken':
            throw preconditionFailed();
          case 'not-found':
            throw noSuchAccount();
        }
      },
    ),
    route(
      {
        method: 'delete',
        path: '/users/:identity',
        operation: 'users.remove',
        summary: 'Remove a user',
        description: 'With the PIN and all identities, which are free at once.',
        params: identityParam,
        query: accountChangeQuery,
        headers: ['If-Match'],
        answers: {
          200: { description: 'A dry run: the user who would be removed.', json: userRemovalTriedAnswer },
          204: { description: 'The user was removed.' },
        },
        problems: ['not_found', 'identity_ambiguous', 'precondition_failed'],
      },
      async ({ caller, params, query, expected, response }) => {
        const account = await findAccount(accounts, caller, { ...params, ...query });
        const removal = await accounts.remove(account.id, expected, caller.actor, query);
        if (removal === 'overtaken') throw preconditionFailed();
        if (removal === 'not-found') throw noSuchAccount();
        if (query.dryRun) response.json({ ...userBody(account), ...dryRunBody(query) });
        else response.status(204).end();
      },
    ),
  ];
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
  const details = { count, filter: recordedFilter(filter) };
  return { event: 'pin.status-read', actor, accountId: null, subject: 'list', outcome: 'done', details };
}
