/**
 * `/tokens`: the bearer tokens of the API.
 */
import { Problem } from '../../http/problem.ts';
import type { Tokens } from '../../services/tokens.ts';
import { dryRunBody } from '../bodies.ts';
import { toIso } from '../input.ts';
import { type Route, route } from '../route.ts';
import { dryRunQuery } from '../schemas.ts';
import {
  newToken,
  newTokenAnswer,
  newTokenTriedAnswer,
  tokenBody,
  tokenList,
  tokenListAnswer,
  tokenParam,
  tokenRemovalTriedAnswer,
} from '../token-schemas.ts';

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
        query: dryRunQuery,
        body: newToken,
        answers: {
          200: { description: 'A dry run: the token as it would be made.', json: newTokenTriedAnswer },
          201: { description: 'The token was made.', json: newTokenAnswer },
        },
        problems: ['token_name_taken'],
      },
      async ({ caller, query: { dryRun }, body, response }) => {
        const { expiresAt: moment, expiresInDays, ...grant } = body;
        const now = clock();
        const expiresAt = expiresInDays === null ? moment : now + expiresInDays * dayMs;
        if (expiresAt !== null && expiresAt <= now) {
          throw new Problem('invalid_request', 'Give a time to come as expiresAt.');
        }
        if (caller.expiresAt !== null && (expiresAt === null || expiresAt > caller.expiresAt)) {
          throw new Problem('not_permitted', 'A token can not make one that outlives it.');
        }
        const creation = await tokens.create({ ...grant, expiresAt }, caller.actor, { dryRun });
        switch (creation.outcome) {
          case 'created':
            response.status(201).json({ ...tokenBody(creation.facts), token: creation.token });
            return;
          case 'would-create':
            response.json({ id: null, ...grant, createdAt: null, expiresAt: toIso(expiresAt), dryRun });
            return;
          case 'name-taken':
            throw new Problem('token_name_taken', 'Choose another name, or revoke the token that has it.');
        }
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
        query: dryRunQuery,
        answers: {
          200: { description: 'A dry run: the token that would be revoked.', json: tokenRemovalTriedAnswer },
          204: { description: 'The token was revoked.' },
        },
        problems: ['not_found'],
      },
      async ({ caller, params: { id }, query, response }) => {
        const facts = await tokens.revoke(id, caller.actor, query);
        if (facts === null) throw new Problem('not_found', 'No token has this id.');
        if (query.dryRun) response.json({ ...tokenBody(facts), ...dryRunBody(query) });
        else response.status(204).end();
      },
    ),
  ];
}
