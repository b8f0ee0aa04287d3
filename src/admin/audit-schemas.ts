/**
 * What `/audit` takes.
 */
import { z } from 'zod';
import { auditEvents } from '../services/audit.ts';
import { moment } from './token-schemas.ts';

/** The cursor of an earlier answer, as the service takes it. */
const cursor = z
  .string()
  .max(100)
  .transform((text, context) => {
    const decoded = Buffer.from(text, 'base64url').toString('latin1');
    if (/^\d{15}\|[a-z0-9]+\|\d{12}(\|[0-9a-f-]{36})?$/.test(decoded)) return decoded;
    context.addIssue({ code: 'custom', message: 'must be the cursor of an earlier answer' });
    return z.NEVER;
  });

/** `GET /audit`: a filter, and which page. */
export const auditQuery = z.strictObject({
  account: z.string().min(1).max(1024).exactOptional(),
  actor: z.string().min(1).max(254).exactOptional(),
  event: z.enum(auditEvents).exactOptional(),
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: cursor.exactOptional(),
});
