/**
 * Commands over one or several identities, named or read from standard input.
 */
import type { Command } from 'commander';
import { z } from 'zod';
import { type Client, dryRunOf, type Json, part } from './client.ts';
import { type Context, confirm, readAll } from './context.ts';
import { type ExitCode, exitCodes, Failure } from './failure.ts';

export interface LookOptions {
  readonly ignoreScope?: true;
}

export interface ChangeOptions extends LookOptions {
  readonly whatIf?: true;
  readonly confirm?: true;
  readonly yes?: true;
}

/** What is done to each of the users that a command names. */
export interface Change {
  /** Such as "Unlock": the question is made of it. */
  readonly what: string;
  readonly columns: readonly string[];
  /** Whether it is asked about even for one user. */
  readonly asksAlways?: true;
  act(client: Client, identity: string): Promise<Json>;
}

/** Adds the users whom a command is about. */
export function withIdentities(command: Command, argument = '<identity...>'): Command {
  return command
    .argument(argument, 'id, extension, address, number or another name; "-" reads them from standard input')
    .option('--ignore-scope', "reach out of the token's scope, with a DN as identity");
}

/** Adds them, and the options that every change has. */
export function withChange(command: Command, argument?: string): Command {
  return withIdentities(command, argument)
    .option('--what-if', 'have it checked, say what would be done, and do nothing')
    .option('--confirm', 'ask before it is done')
    .option('--yes', "don't ask, even if many are changed");
}

/** The path of a user, or of something below it. */
export function userPath(identity: string, { ignoreScope }: LookOptions, below = ''): string {
  return `/users/${part(identity)}${below}${ignoreScope ? '?ignoreScope=true' : ''}`;
}

/** Asks, where that is due, and then changes each of them; with `--what-if` it is only tried. */
export async function changeEach(
  context: Context,
  given: readonly string[],
  options: ChangeOptions,
  { what, columns, asksAlways, act }: Change,
): Promise<void> {
  const client = options.whatIf ? dryRunOf(context.client()) : context.client();
  const identities = await readIdentities(context, given);
  const mustAsk = asksAlways || options.confirm || identities.length > 1;
  if (identities.length > 0 && mustAsk && !options.whatIf && !options.yes) {
    await confirm(
      context,
      `${what} ${identities.length === 1 ? identities[0] : `${identities.length} users`}?`,
    );
  }
  await forEachIdentity(context, identities, ['whatIf', ...columns], async (identity) => {
    const record = await act(client, identity);
    return options.whatIf ? { ...record, whatIf: `${what} ${record.extension}` } : record;
  });
}

/** A status says `userId`, a user `id`. */
const printedRecord = z.object({
  userId: z.string().exactOptional(),
  id: z.string().exactOptional(),
  extension: z.string().exactOptional(),
});

/** These hold for every identity alike, so the first one ends the command. */
const fatal: readonly ExitCode[] = [exitCodes.notPermitted, exitCodes.unreachable];

/** `-` stands for standard input: a line each, an identity or a record as `ringkey` prints it. */
export async function readIdentities(
  { input }: Context,
  given: readonly string[],
): Promise<readonly string[]> {
  if (!given.includes('-')) return given;
  if (given.length > 1)
    throw new Failure(exitCodes.usage, 'Either name identities or read them with "-", not both.');
  return (await readAll(input))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(identityOf);
}

/** Does something for each identity and prints what it answers. One that fails doesn't stop the others. */
export async function forEachIdentity(
  context: Context,
  identities: readonly string[],
  columns: readonly string[],
  act: (identity: string) => Promise<Json>,
): Promise<void> {
  const records = context.records(columns);
  let failures = 0;
  try {
    for (const [done, identity] of identities.entries()) {
      const failure = await act(identity).then(
        (record) => {
          records.add(record);
          return null;
        },
        (error: unknown) => asFailure(error),
      );
      if (failure === null) continue;
      failures += 1;
      context.fail(identities.length === 1 ? failure.exitCode : exitCodes.failed);
      context.say(`${identity}: ${failure.message}`);
      if (!fatal.includes(failure.exitCode)) continue;
      context.fail(failure.exitCode);
      if (identities.length > 1)
        context.say(`Stopped: ${done} of ${identities.length} were tried before it.`);
      return;
    }
  } finally {
    records.finish();
  }
  if (identities.length > 1) context.say(`${identities.length - failures} done, ${failures} failed.`);
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

function identityOf(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { userId, id, extension } = printedRecord.parse(JSON.parse(line));
    const identity = userId ?? id ?? extension;
    if (identity !== undefined) return identity;
  } catch {
    // Not such a record: said below.
  }
  throw new Failure(
    exitCodes.usage,
    'A line of standard input is neither an identity nor a record with one.',
  );
}
