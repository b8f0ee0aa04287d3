/**
 * The lines that changes of many PINs answer with.
 */
import { z } from 'zod';
import { refusalCodes } from '../core/codes.ts';
import { answerSchemas } from './components.ts';

const accountLine = z
  .strictObject({
    userId: z.string(),
    extension: z.string(),
    outcome: z.enum(['done', 'repeated', 'would-change', 'failed']),
    code: z
      .enum([...refusalCodes, 'pin_not_set', 'pin_not_deliverable', 'busy', 'not_found', 'internal_error'])
      .exactOptional()
      .describe('Why it failed.'),
    pin: z.string().exactOptional().describe('The new PIN, if "reveal" asked for it.'),
  })
  .register(answerSchemas, { id: 'ManyPinsAccount' });

const summaryLine = z
  .strictObject({
    summary: z.strictObject({
      matched: z.int(),
      done: z.int(),
      repeated: z.int().describe('Done under the same Idempotency-Key before.'),
      failed: z.int(),
      dryRun: z.boolean(),
    }),
  })
  .register(answerSchemas, { id: 'ManyPinsSummary' });

/** A line of the answer. Without a summary as the last one, the work was cut short. */
export const manyPinsLine = z
  .union([accountLine, summaryLine])
  .register(answerSchemas, { id: 'ManyPinsLine' });
