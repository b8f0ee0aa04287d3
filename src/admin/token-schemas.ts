/**
 * What `/tokens` takes.
 */
import { z } from 'zod';
import { isDirectoryName } from '../core/directory-name.ts';
import { roles } from '../core/roles.ts';
import { line, optional } from './schemas.ts';

/** An RFC 3339 time, as Unix ms. */
export const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** `POST /tokens`. */
export const newToken = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.@-]{0,63}$/, 'must be 1 to 64 letters, digits and . _ @ -, without spaces'),
    role: z.enum(roles),
    scope: optional(
      line(1024).refine(
        isDirectoryName,
        'must be the DN of an organisational unit, such as OU=Sales,DC=example',
      ),
    ),
    mayIgnoreScope: z.boolean().default(false),
    expiresAt: optional(moment),
    expiresInDays: optional(z.int().min(1).max(3650)),
  })
  .refine(
    ({ expiresAt, expiresInDays }) => expiresAt === null || expiresInDays === null,
    'holds expiresAt and expiresInDays: give one of them',
  )
  .refine(
    ({ scope, mayIgnoreScope }) => scope !== null || !mayIgnoreScope,
    'holds mayIgnoreScope without a scope',
  );

/** `GET /tokens`. */
export const tokenList = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: optional(z.string().regex(/^[0-9a-f]{16}$/, 'must be the cursor of an earlier answer')),
});
