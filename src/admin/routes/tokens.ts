/**
 * `/tokens`: the bearer tokens of the API.
 */
import { Router } from 'express';
import { Problem } from '../../http/problem.ts';
import type { TokenFacts, Tokens } from '../../services/tokens.ts';
import { permit } from '../caller.ts';
import { methodNotAllowed, parseBody, parseQuery, toIso } from '../input.ts';
import { newToken, tokenList } from '../token-schemas.ts';

const dayMs = 86_400_000;

export function createTokenRoutes(tokens: Tokens, clock: () => number): Router {
  const router = Router();

  router
    .route('/tokens')
    .get(async (request, response) => {
      permit(request, 'tokens.list');
      const { limit, cursor } = parseQuery(tokenList, request);
      const page = await tokens.list(limit, cursor);
      const last = page.length === limit ? page.at(-1) : undefined;
      response.json({ tokens: page.map(tokenBody), cursor: last?.id ?? null });
    })
    .post(async (request, response) => {
      const caller = permit(request, 'tokens.create');
      const { expiresAt: moment, expiresInDays, ...grant } = parseBody(newToken, request);
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
    })
    .all(methodNotAllowed('GET, POST'));

  router
    .route('/tokens/:id')
    .delete(async (request, response) => {
      const { actor } = permit(request, 'tokens.revoke');
      if (!(await tokens.revoke(request.params.id, actor))) {
        throw new Problem('not_found', 'No token has this id.');
      }
      response.status(204).end();
    })
    .all(methodNotAllowed('DELETE'));

  return router;
}

function tokenBody({ id, name, role, scope, mayIgnoreScope, createdAt, expiresAt }: TokenFacts) {
  const times = { createdAt: toIso(createdAt), expiresAt: toIso(expiresAt) };
  return { id, name, role, scope, mayIgnoreScope, ...times };
}
