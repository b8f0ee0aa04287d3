/**
 * `ringkey user import`: many users from a file.
 */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { Json } from './client.ts';
import { type Context, confirm } from './context.ts';
import { examples } from './examples.ts';
import { exitCodes, Failure } from './failure.ts';
import { createProgress } from './progress.ts';

const columns = ['line', 'column', 'problem', 'codes'];

interface ImportOptions {
  readonly preset?: string;
  readonly existing: string;
  /** commander sets it, true unless `--no-pin-expired` is given. */
  readonly pinExpired: boolean;
  readonly skipBad?: true;
  readonly whatIf?: true;
  readonly yes?: true;
}

const summaryLine = z.object({
  summary: z.object({
    rows: z.number(),
    created: z.number(),
    updated: z.number(),
    skipped: z.number(),
    refused: z.number(),
    written: z.boolean(),
    interrupted: z.boolean(),
    ignoredColumns: z.array(z.string()),
  }),
});

const progressLine = z.object({ progress: z.object({ phase: z.string(), rows: z.number() }) });

type Summary = z.infer<typeof summaryLine>['summary'];

export function addImportCommand(user: Command, context: Context): void {
  user
    .command('import')
    .description('bring users in from a CSV file; nothing is written unless all of its rows are good')
    .argument('<file>', 'UTF-8, with the names of its columns in the first line; "-" reads standard input')
    .addOption(
      new Option('--preset <product>', 'the file is an export of this product').choices([
        'exchange-um',
        'lync',
        'cisco-unity',
        'asterisk',
      ]),
    )
    .addOption(
      new Option('--existing <what>', 'what becomes of rows whose extension a user has')
        .choices(['refuse', 'skip', 'update'])
        .default('refuse'),
    )
    .option('--skip-bad', 'write the good rows although others are refused')
    .option('--no-pin-expired', "don't ask for a change of the file's PINs at the first sign-in")
    .addOption(new Option('--what-if', 'check the file and say what would be done, and do nothing'))
    .addOption(new Option('--dry-run', 'the same').implies({ whatIf: true }))
    .option('--yes', "don't ask")
    .addHelpText(
      'after',
      examples(
        'ringkey user import users.csv --what-if',
        'ringkey user import mailboxes.csv --preset exchange-um --skip-bad',
        'ringkey user import users.csv --existing skip    # go on after an import was cut',
      ),
    )
    .action((path: string, options: ImportOptions) => importUsers(context, path, options));
}

async function importUsers(context: Context, path: string, options: ImportOptions): Promise<void> {
  const client = context.client();
  const file = path === '-' ? await buffer(context.input) : readFile(path);
  const records = context.records(columns);
  const told = new Set<string>();
  const progress = createProgress(context.errors);

  async function run(dryRun: boolean, total: number | null): Promise<Summary> {
    let summary: Summary | null = null;
    try {
      for await (const line of client.lines('POST', pathOf(options, dryRun), { file })) {
        const ended = summaryLine.safeParse(line);
        const advanced = progressLine.safeParse(line);
        if (ended.success) summary = ended.data.summary;
        else if (advanced.success) {
          const { phase, rows } = advanced.data.progress;
          progress.show(phase, rows, total);
        } else {
          progress.clear();
          tell(line);
        }
      }
    } finally {
      progress.clear();
    }
    if (summary !== null) return summary;
    throw new Failure(exitCodes.unreachable, `The import was cut short. Go on with --existing skip.`);
  }

  /** A row that is refused is told once, though the file is checked again when it is written. */
  function tell(refusal: Json): void {
    const key = JSON.stringify(refusal);
    if (told.has(key)) return;
    told.add(key);
    records.add(refusal);
  }

  try {
    const checked = options.yes && !options.whatIf ? null : await run(true, null);
    if (checked !== null && checked.ignoredColumns.length > 0) {
      context.say(`Ignored columns: ${checked.ignoredColumns.join(', ')}`);
    }
    const isRefused = checked !== null && checked.refused > 0 && !options.skipBad;
    if (checked !== null && (options.whatIf || isRefused || checked.created + checked.updated === 0)) {
      finish(checked, options.whatIf ? 'would be ' : '');
      return;
    }
    if (checked !== null) await confirm(context, `Import ${countsOf(checked, 'to be ')}?`);
    finish(await run(false, checked?.rows ?? null), '');
  } finally {
    records.finish();
  }

  function finish(summary: Summary, would: string): void {
    const { refused, written, interrupted } = summary;
    if (refused > 0 || interrupted) context.fail(exitCodes.failed);
    const isNothing = !written && refused > 0 && would === '';
    context.say(
      isNothing
        ? `${refused} of ${summary.rows} rows refused. Nothing was changed.`
        : `${countsOf(summary, would)}.`,
    );
    if (interrupted) context.say('The import was cut short. Go on with --existing skip.');
  }
}

function countsOf({ created, updated, skipped, refused }: Summary, would: string): string {
  const counts = { created, updated, skipped, refused };
  const parts = Object.entries(counts).filter(([what, count]) => what === 'created' || count > 0);
  return parts.map(([what, count]) => `${count} ${would}${what}`).join(', ');
}

function pathOf({ preset, existing, pinExpired, skipBad }: ImportOptions, dryRun: boolean): string {
  const query = new URLSearchParams({ existing, pinExpired: String(pinExpired), dryRun: String(dryRun) });
  if (preset !== undefined) query.set('preset', preset);
  if (skipBad) query.set('skipBad', 'true');
  return `/users/import?${query}`;
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new Failure(exitCodes.usage, `${path} can't be read.`);
  }
}
