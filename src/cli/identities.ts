/**
 * Commands over one or several identities, named or read from standard input.
 */
import { z } from 'zod';
import type { Json } from './client.ts';
import { type Context, confirm, readAll } from './context.ts';
import { type ExitCode, exitCodes, Failure } from './failure.ts';

export interface ChangeOptions {
  readonly whatIf?: true;
  readonly confirm?: true;
  readonly yes?: true;
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

/** Asks before a change, where it was asked to or many are named. @param what What is done, such as "Unlock". */
export async function confirmChange(
  what: string,
  identities: readonly string[],
  options: ChangeOptions,
): Promise<void> {
  if (options.whatIf || options.yes || (identities.length < 2 && !options.confirm)) return;
  const whom = identities.length === 1 ? identities[0] : `${identities.length} users`;
  await confirm(`${what} ${whom}?`);
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
