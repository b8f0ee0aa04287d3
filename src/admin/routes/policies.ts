/**
 * `/policies`: the PIN policies.
 */
import { type Request, Router } from 'express';
import { presets } from '../../core/pin/policy.ts';
import { Problem } from '../../http/problem.ts';
import type { ListedPolicy, Policies } from '../../services/policies.ts';
import { permit } from '../caller.ts';
import {
  expectedRevision,
  isDryRun,
  methodNotAllowed,
  parseBody,
  preconditionFailed,
  toEtag,
} from '../input.ts';
import { newPolicy, policyName } from '../policy-schemas.ts';

type Named = Request<{ name: string }>;

export function createPolicyRoutes(policies: Policies): Router {
  const router = Router();

  router
    .route('/policies')
    .get(async (request, response) => {
      permit(request, 'policies.read');
      response.json({ policies: (await policies.list()).map(policyBody) });
    })
    .all(methodNotAllowed('GET'));

  router
    .route('/policies/:name')
    .get(async (request, response) => {
      permit(request, 'policies.read');
      const policy = (await policies.list()).find(({ name }) => name === request.params.name);
      if (policy === undefined) throw noSuchPolicy();
      response.set('ETag', toEtag(policy.revision)).json(policyBody(policy));
    })
    .put(async (request, response) => {
      const { actor } = permit(request, 'policies.change');
      const { preset, units, ...settings } = parseBody(newPolicy, request);
      const entry = { policy: { ...presets[preset], ...settings }, units };
      const change = await policies.put(nameOf(request), entry, actor, optionsOf(request));
      switch (change.outcome) {
        case 'stored':
          response.set('ETag', toEtag(change.policy.revision)).json(policyBody(change.policy));
          return;
        case 'refused':
          throw new Problem('policy_refused', 'See problems for what is wrong with it.', {
            problems: change.problems,
          });
        case 'overtaken':
          throw preconditionFailed();
      }
    })
    .delete(async (request, response) => {
      const { actor } = permit(request, 'policies.change');
      switch (await policies.remove(request.params.name, actor, optionsOf(request))) {
        case 'removed':
          response.status(204).end();
          return;
        case 'in-use':
          throw new Problem('policy_in_use', 'Give its users and units another one first. A preset stays.');
        case 'overtaken':
          throw preconditionFailed();
        case 'not-found':
          throw noSuchPolicy();
      }
    })
    .all(methodNotAllowed('GET, PUT, DELETE'));

  return router;
}

function nameOf({ params: { name } }: Named): string {
  if (policyName.safeParse(name).success) return name;
  throw new Problem('invalid_request', 'A name is 1 to 64 of a to z, 0 to 9 and . _ -.');
}

function optionsOf(request: Named) {
  const expected = expectedRevision(request);
  return { dryRun: isDryRun(request), ...(expected === null ? {} : { expected }) };
}

function policyBody({ name, policy, units }: ListedPolicy) {
  return { name, ...policy, units };
}

function noSuchPolicy(): Problem {
  return new Problem('not_found', 'There is no policy of this name.');
}
