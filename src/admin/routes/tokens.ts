/**
 * `/tokens`: the bearer tokens of the API.
 */
import { Problem } from '../../http/problem.ts';
import type { TokenFacts, Tokens } from '../../services/tokens.ts';
import { toIso } from '../input.ts';
import { type Route, route } from '../route.ts';
import { newToken, newTokenAnswer, tokenList, tokenListAnswer, tokenParam } from '../token-schemas.ts';

const dayMs = 86_400_000;

export function createTokenRoutes(tokens: Tokens, clock: () => number): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/tokens',
        operation: 'tokens.list',
        summary: 'List the tokens, without their secrets',
        query: tokenList,
        answers: { 200: { description: 'A page of tokens, expired ones too.', json: tokenListAnswer } },
        problems: [],
      },
      async ({ query: { limit, cursor }, response }) => {
        const page = await tokens.list(limit, cursor);
        const last = page.length === limit ? page.at(-1) : undefined;
        response.json({ tokens: page.map(tokenBody), cursor: last?.id ?? null });
      },
    ),
    route(
      {
        method: 'post',
        path: '/tokens',
        operation: 'tokens.create',
        summary: 'Make a token',
        description: 'It can not outlive the token that makes it.',
        body: newToken,
        answers: { 201: { description: 'The token was made.', json: newTokenAnswer } },
        problems: ['token_name_taken'],
      },
      async ({ caller, body: { expiresAt: moment, expiresInDays, ...grant }, response }) => {
        const now = clock();
        const expiresAt = expiresInDays === null ? moment : now + expiresInDays * dayMs;
        if (expiresAt !== null && expiresAt <= now) {
          throw new Problem('invalid_request', 'Give a time to come as expiresAt.');
        }
        if (caller.expiresAt !== null && (expiresAt === null || expiresAt > caller.expiresAt)) {
          throw new Problem('not_permitted', 'A token can not make one that outlives it.');
        }
        const creation = await tokens.create({ ...grant, expiresAt }, caller.actor);
        if (creation.outcome === 'name-taken') {
          throw new Problem('token_name_taken', 'Choose another name, or revoke the token that has it.');
        }
        const { facts, token } = creation;
        response.status(201).json({ ...tokenBody(facts), token });
      },
    ),
    route(
      {
        method: 'delete',
        path: '/tokens/:id',
        operation: 'tokens.revoke',
        summary: 'Revoke a token',
        description: 'It is refused from the next request on.',
        params: tokenParam,
        answers: { 204: { description: 'The token was revoked.' } },
        problems: ['not_found'],
      },
      async ({ caller, params: { id }, response }) => {
        if (!(await tokens.revoke(id, caller.actor))) {
          throw new Problem('not_found', 'No token has this id.');
        }
        response.status(204).end();
      },
    ),
  ];
}

function tokenBody({ id, name, role, scope, mayIgnoreScope, createdAt, expiresAt }: TokenFacts) {
  const times = { createdAt: toIso(createdAt), expiresAt: toIso(expiresAt) };
  return { id, name, role, scope, mayIgnoreScope, ...times };
}
