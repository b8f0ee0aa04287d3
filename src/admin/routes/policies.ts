/**
 * `/policies`: the PIN policies.
 */
import { presets } from '../../core/pin/policy.ts';
import { Problem } from '../../http/problem.ts';
import type { Policies, PolicyChangeOptions } from '../../services/policies.ts';
import type { MeasurePolicy } from '../../services/policy-impact.ts';
import { dryRunBody } from '../bodies.ts';
import { preconditionFailed, toEtag } from '../input.ts';
import {
  changedPolicyAnswer,
  newPolicy,
  newPolicyParam,
  policyAnswer,
  policyBody,
  policyListAnswer,
  policyParam,
  policyRemovalTriedAnswer,
} from '../policy-schemas.ts';
import { type Route, route } from '../route.ts';
import { dryRunQuery } from '../schemas.ts';

/** What both changes of a policy share. */
const changing = {
  path: '/policies/:name',
  operation: 'policies.change',
  query: dryRunQuery,
  headers: ['If-Match'],
} as const;

export function createPolicyRoutes(policies: Policies, measure: MeasurePolicy): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/policies',
        operation: 'policies.read',
        summary: 'List the policies',
        answers: { 200: { description: 'All policies, presets too.', json: policyListAnswer } },
        problems: [],
      },
      async ({ response }) => {
        response.json({ policies: (await policies.list()).map(policyBody) });
      },
    ),
    route(
      {
        method: 'get',
        path: '/policies/:name',
        operation: 'policies.read',
        summary: 'Read a policy',
        params: policyParam,
        answers: { 200: { description: 'The policy.', json: policyAnswer, headers: ['ETag'] } },
        problems: ['not_found'],
      },
      async ({ params, response }) => {
        const policy = (await policies.list()).find(({ name }) => name === params.name);
        if (policy === undefined) throw noSuchPolicy();
        response.set('ETag', toEtag(policy.revision)).json(policyBody(policy));
      },
    ),
    route(
      {
        ...changing,
        method: 'put',
        summary: 'Set a policy',
        description: 'It holds from the next sign-in on. A dry run says how many users that would affect.',
        params: newPolicyParam,
        body: newPolicy,
        answers: {
          200: { description: 'The policy as it is now.', json: changedPolicyAnswer, headers: ['ETag'] },
        },
        problems: ['precondition_failed', 'policy_refused'],
      },
      async ({ caller, params, query, body, expected, response }) => {
        const { preset, units, mailText, ...settings } = body;
        const entry = { policy: { ...presets[preset], ...settings }, units, mailText };
        const change = await policies.put(params.name, entry, caller.actor, optionsOf(query, expected));
        switch (change.outcome) {
          case 'stored':
            if (!query.dryRun) response.set('ETag', toEtag(change.policy.revision));
            response.json({
              ...policyBody(change.policy),
              ...dryRunBody(query),
              ...(query.dryRun ? { affected: await measure(params.name, entry) } : {}),
            });
            return;
          case 'refused':
            throw new Problem('policy_refused', 'See problems for what is wrong with it.', {
              problems: change.problems,
            });
          case 'overtaken':
            throw preconditionFailed();
        }
      },
    ),
    route(
      {
        ...changing,
        method: 'delete',
        summary: 'Remove a policy',
        params: policyParam,
        answers: {
          200: {
            description: 'A dry run: the policy that would be removed.',
            json: policyRemovalTriedAnswer,
          },
          204: { description: 'The policy was removed.' },
        },
        problems: ['not_found', 'policy_in_use', 'precondition_failed'],
      },
      async ({ caller, params, query, expected, response }) => {
        const removal = await policies.remove(params.name, caller.actor, optionsOf(query, expected));
        switch (removal.outcome) {
          case 'removed':
            if (query.dryRun) response.json({ ...policyBody(removal.policy), ...dryRunBody(query) });
            else response.status(204).end();
            return;
          case 'in-use':
            throw new Problem('policy_in_use', 'Give its users and units another one first. A preset stays.');
          case 'overtaken':
            throw preconditionFailed();
          case 'not-found':
            throw noSuchPolicy();
        }
      },
    ),
  ];
}

function optionsOf({ dryRun }: { readonly dryRun: boolean }, expected: number | null): PolicyChangeOptions {
  return { dryRun, ...(expected === null ? {} : { expected }) };
}

function noSuchPolicy(): Problem {
  return new Problem('not_found', 'There is no policy of this name.');
}
