/**
 * What `POST /users/import` takes beside the file, and the lines that it answers with.
 */
import { z } from 'zod';
import { refusalCodes } from '../../core/codes.ts';
import { existingChoices, rowProblems } from '../../services/import-users.ts';
import { answerSchemas } from '../components.ts';
import { dryRunQuery } from '../schemas.ts';
import { presetNames } from './columns.ts';

const flag = (unlessGiven: 'true' | 'false') =>
  z
    .enum(['true', 'false'])
    .default(unlessGiven)
    .transform((text) => text === 'true');

export const importQuery = z.strictObject({
  preset: z
    .enum(presetNames)
    .exactOptional()
    .describe('The product whose export the file is. Absent: it has our own columns.'),
  existing: z
    .enum(existingChoices)
    .default('refuse')
    .describe('What becomes of a row whose extension a user has already.'),
  skipBad: flag('false').describe('true: the good rows are written although others are refused.'),
  ...dryRunQuery.shape,
  pinExpired: flag('true').describe(
    'Whether a PIN must be changed at the next sign-in, where the file does not say.',
  ),
});

const refusalLine = z
  .strictObject({
    line: z.int().describe("The row's first line in the file, counted from 1."),
    column: z.string().nullable().describe("By the file's own name; null: the row as a whole."),
    code: z.enum(rowProblems),
    problem: z.string().describe('In words. It never holds what stands in the cell.'),
    codes: z.array(z.enum(refusalCodes)).exactOptional().describe('The rules that a PIN breaks.'),
  })
  .register(answerSchemas, { id: 'ImportRefusal' });

const progressLine = z
  .strictObject({
    progress: z.strictObject({ phase: z.enum(['checking', 'writing']), rows: z.int() }),
  })
  .register(answerSchemas, { id: 'ImportProgress' });

const summaryLine = z
  .strictObject({
    summary: z.strictObject({
      rows: z.int(),
      created: z.int().describe('Where nothing was written, this and the next are what would have been.'),
      updated: z.int(),
      skipped: z.int(),
      refused: z.int(),
      written: z.boolean(),
      interrupted: z.boolean().describe('Whether it ended before all was written.'),
      dryRun: z.boolean(),
      ignoredColumns: z.array(z.string()),
    }),
  })
  .register(answerSchemas, { id: 'ImportSummary' });

/** A line of the answer. Without a summary as the last one, the import was cut short. */
export const importLine = z
  .union([refusalLine, progressLine, summaryLine])
  .register(answerSchemas, { id: 'ImportLine' });
