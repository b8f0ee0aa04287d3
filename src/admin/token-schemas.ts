/**
 * What `/tokens` takes and answers.
 */

import { z } from 'zod';
import { isDirectoryName } from '../core/directory-name.ts';
import { roles } from '../core/roles.ts';
import type { TokenFacts } from '../services/tokens.ts';
import { cursorOf, time } from './bodies.ts';
import { answerSchemas, requestSchemas } from './components.ts';
import { toIso } from './input.ts';
import { limit, line, ofEarlierAnswer, optional } from './schemas.ts';

/** An RFC 3339 time, as Unix ms. */
export const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** `POST /tokens`. */
export const newToken = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.@-]{0,63}$/, 'must be 1 to 64 letters, digits and . _ @ -, without spaces')
      .describe('Names the token in the audit trail.'),
    role: z.enum(roles),
    scope: optional(
      line(1024).refine(
        isDirectoryName,
        'must be the DN of an organisational unit, such as OU=Sales,DC=example',
      ),
    ).describe('The DN of the organisational unit that it is confined to; null: all.'),
    mayIgnoreScope: z
      .boolean()
      .default(false)
      .describe('Whether a request may step out of the scope for an account that it names by its DN.'),
    expiresAt: optional(moment),
    expiresInDays: optional(z.int().min(1).max(3650)).describe('In place of expiresAt.'),
  })
  .refine(
    ({ expiresAt, expiresInDays }) => expiresAt === null || expiresInDays === null,
    'holds expiresAt and expiresInDays: give one of them',
  )
  .refine(
    ({ scope, mayIgnoreScope }) => scope !== null || !mayIgnoreScope,
    'holds mayIgnoreScope without a scope',
  )
  .register(requestSchemas, { id: 'NewToken' });

/** `GET /tokens`. */
export const tokenList = z.strictObject({
  limit,
  cursor: optional(z.string().regex(/^[0-9a-f]{16}$/, 'must be the cursor of an earlier answer')).describe(
    ofEarlierAnswer,
  ),
});

/** `/tokens/{id}` */
export const tokenParam = z.strictObject({ id: z.string() });

const tokenFields = {
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  scope: z.string().nullable(),
  mayIgnoreScope: z.boolean(),
  createdAt: time,
  expiresAt: time.nullable().describe('null: never.'),
};

export const tokenAnswer = z.strictObject(tokenFields).register(answerSchemas, { id: 'Token' });

export const newTokenAnswer = z
  .strictObject({ ...tokenFields, token: z.string().describe('The token itself. It is shown only here.') })
  .register(answerSchemas, { id: 'NewTokenMade' });

/** A token that wasn't made has no id, no time and no secret. */
export const newTokenTriedAnswer = z
  .strictObject({ ...tokenFields, id: z.null(), createdAt: z.null(), dryRun: z.literal(true) })
  .register(answerSchemas, { id: 'NewTokenTried' });

export const tokenRemovalTriedAnswer = z
  .strictObject({ ...tokenFields, dryRun: z.literal(true) })
  .register(answerSchemas, { id: 'TokenRemovalTried' });

export const tokenListAnswer = z
  .strictObject({ tokens: z.array(tokenAnswer), cursor: cursorOf('tokens') })
  .register(answerSchemas, { id: 'TokenList' });

export function tokenBody({ id, name, role, scope, mayIgnoreScope, createdAt, expiresAt }: TokenFacts) {
  const times = { createdAt: toIso(createdAt), expiresAt: toIso(expiresAt) };
  return { id, name, role, scope, mayIgnoreScope, ...times };
}
