/**
 * `/users`: the accounts.
 */
import { Router } from 'express';
import type { Account } from '../../core/account.ts';
import { Problem } from '../../http/problem.ts';
import type { Accounts } from '../../services/accounts.ts';
import type { Policies } from '../../services/policies.ts';
import { permit } from '../caller.ts';
import { findAccount } from '../find-account.ts';
import { methodNotAllowed, parseBody, toIso } from '../input.ts';
import { newUser } from '../schemas.ts';

export function createUserRoutes(accounts: Accounts, policies: Policies): Router {
  const router = Router();

  router
    .route('/users')
    .post(async (request, response) => {
      const { actor } = permit(request, 'users.create');
      const profile = parseBody(newUser, request);
      if (profile.policy !== null && !(await policies.has(profile.policy))) {
        throw new Problem(
          'unknown_policy',
          'Leave policy out for the default policy, or name one that exists.',
        );
      }
      const creation = await accounts.create(profile, actor);
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
      permit(request, 'users.read');
      response.json(userBody(await findAccount(accounts, request)));
    })
    .all(methodNotAllowed('GET'));

  return router;
}

function userBody({ id, profile, createdAt }: Account) {
  return { id, ...profile, createdAt: toIso(createdAt) };
}
