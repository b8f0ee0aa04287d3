/**
 * What `/audit` takes and answers.
 */
import { z } from 'zod';
import { auditEvents } from '../services/audit.ts';
import { cursorOf, time } from './bodies.ts';
import { answerSchemas } from './components.ts';
import { limit, ofEarlierAnswer } from './schemas.ts';
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
  account: z
    .string()
    .min(1)
    .max(1024)
    .exactOptional()
    .describe('Any identity of a user, or the id of one that was removed.'),
  actor: z.string().min(1).max(254).exactOptional().describe("A token's name."),
  event: z.enum(auditEvents).exactOptional(),
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  limit,
  cursor: cursor.exactOptional().describe(ofEarlierAnswer),
});

export const auditRecordAnswer = z
  .strictObject({
    at: time,
    sequence: z.int().describe('Counts from 1 within the partition.'),
    event: z.enum(auditEvents),
    actor: z.strictObject({
      kind: z.enum(['token', 'caller', 'visitor', 'rule']),
      name: z.string(),
      from: z.string().nullable().describe("An address of the network, or a call's id."),
    }),
    accountId: z.string().nullable(),
    subject: z.string().nullable().describe("What else it was done to, such as a policy's name."),
    outcome: z.enum(['done', 'refused']),
    details: z.unknown().describe('What else there is to say of this event.'),
    previous: z.string().nullable().describe('The hash of the record before it in its partition.'),
    previousKeptUntil: time.nullable(),
    hash: z.string(),
  })
  .register(answerSchemas, { id: 'AuditRecord' });

export const auditPageAnswer = z
  .strictObject({ records: z.array(auditRecordAnswer), cursor: cursorOf('records') })
  .register(answerSchemas, { id: 'AuditPage' });

export const auditCheckAnswer = z
  .strictObject({
    intact: z.boolean(),
    records: z.int().describe('How many were looked at.'),
    problem: z.string().nullable().describe('The first record that does not fit.'),
  })
  .register(answerSchemas, { id: 'AuditCheck' });
