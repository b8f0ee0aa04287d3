/**
 * `/users/import`: many users from a file. The answer is NDJSON: a line per refused row, a line of progress now and then, a summary.
 */
import type { Request } from 'express';
import type { z } from 'zod';
import { allowBodyTime } from '../../http/body-time.ts';
import { Problem } from '../../http/problem.ts';
import type { ImportEvent, RowRefusal, UserImport } from '../../services/import-users.ts';
import { presetColumns } from '../import/columns.ts';
import { openCsv } from '../import/csv-rows.ts';
import { decodeFile } from '../import/decode.ts';
import { importLine, importQuery } from '../import/schemas.ts';
import { openVoicemail } from '../import/voicemail-rows.ts';
import { writeLine } from '../ndjson.ts';
import { type Input, type Route, route } from '../route.ts';

type ImportInput = Input<z.ZodType, typeof importQuery, z.ZodType>;

const largestFile = 64 * 1024 * 1024;
const fileWithinMs = 590_000;

export function createImportRoutes(userImport: UserImport): Route[] {
  // The file is kept in memory, and its hashes take all the time that callers leave, so one at a time.
  let isBusy = false;

  async function importFile({ caller, query, request, response }: ImportInput): Promise<void> {
    const { preset = null, pinExpired, existing, skipBad, dryRun } = query;
    const { actor, scope } = caller;
    const file = decodeFile(await readFile(request));
    if (file === null) throw fileProblem('The file is not UTF-8. In Excel, save it as "CSV UTF-8".');
    const opened =
      preset === 'asterisk'
        ? openVoicemail(file, pinExpired)
        : openCsv(file, preset === null ? null : presetColumns[preset], pinExpired);
    if ('problems' in opened) {
      throw fileProblem('See errors for each column of the header that does not fit.', opened.problems);
    }
    response.type('application/x-ndjson');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const options = { existing, skipBad, dryRun, scope, actor, preset, signal: gone.signal };
    for await (const event of userImport.run(opened.read, options)) {
      await writeLine(response, toLine(event, dryRun, opened.ignoredColumns));
      if (response.destroyed) return;
    }
    response.end();
  }

  return [
    route(
      {
        method: 'post',
        path: '/users/import',
        // A user may go by this name.
        leavesOtherMethods: true,
        operation: 'users.import',
        summary: 'Bring users in from a file',
        description:
          'Every row is checked before the first is written. Nothing is written unless all rows are good, or skipBad is true. ' +
          'Whoever hangs up stops the work; with existing=skip it can go on.',
        query: importQuery,
        bodyType: 'text/csv',
        answers: {
          200: {
            description: 'A line for what is wrong with a row, progress now and then, and a summary.',
            ndjson: importLine,
          },
        },
        problems: ['busy'],
      },
      async (input) => {
        requirePlainText(input.request);
        if (isBusy) throw new Problem('busy', 'Another file is being imported. Try again when that is done.');
        isBusy = true;
        try {
          allowBodyTime(input.request, fileWithinMs);
          await importFile(input);
        } finally {
          isBusy = false;
        }
      },
    ),
  ];
}

function fileProblem(detail: string, errors: readonly object[] = []): Problem {
  return new Problem('invalid_request', detail, { errors });
}

/** The bytes say what encoding they are in; what can't be told from them isn't taken. */
function requirePlainText(request: Request): void {
  const charset = /;\s*charset="?([\w-]+)/i.exec(request.get('content-type') ?? '')?.[1] ?? 'utf-8';
  if (/^utf-(8|16(le|be)?)$/i.test(charset) && request.get('content-encoding') === undefined) return;
  throw new Problem('unsupported_media_type', 'Send the file as it is, in UTF-8.');
}

async function readFile(request: Request): Promise<Buffer> {
  const tooLarge = new Problem('body_too_large', 'Send a file of less than 64 MB.');
  if (Number(request.get('content-length') ?? 0) > largestFile) throw tooLarge;
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of request) {
      size += piece.length;
      // Read to its end all the same: whoever is still sending doesn't hear an answer.
      if (size <= largestFile) pieces.push(piece);
    }
  } catch {
    throw new Problem('invalid_request', 'The body was cut short.');
  }
  if (size > largestFile) throw tooLarge;
  return Buffer.concat(pieces);
}

function toLine(event: ImportEvent, dryRun: boolean, ignoredColumns: readonly string[]): object {
  switch (event.type) {
    case 'refused':
      return refusalBody(event.refusal);
    case 'progress':
      return { progress: { phase: event.phase, rows: event.done } };
    case 'summary':
      return { summary: { ...event.summary, dryRun, ignoredColumns } };
  }
}

const words: { readonly [code in RowRefusal['code']]: string } = {
  invalid: 'does not fit',
  duplicate: 'is there twice',
  identity_taken: 'is what another account has',
  unknown_policy: 'names a policy that does not exist',
  pin_refused: 'is refused by the policy',
  out_of_scope: 'must lie within the scope of the token',
  not_found: 'was removed meanwhile',
};

function refusalBody({ line, column, code, problem, codes, sameAs }: RowRefusal): object {
  const told = sameAs === undefined ? words[code] : `is the same as in line ${sameAs}`;
  return { line, column, code, problem: problem ?? told, ...(codes === undefined ? {} : { codes }) };
}
