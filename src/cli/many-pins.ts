/**
 * Changes of the PINs of many users at once, chosen by a filter: one request, which is answered with a line for each user.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Json } from './client.ts';
import { type Context, confirm } from './context.ts';
import { exitCodes, Failure } from './failure.ts';
import type { ChangeOptions } from './identities.ts';
import { type Filter, filterOf } from './lists.ts';
import { createProgress } from './progress.ts';

const columns = ['extension', 'outcome', 'pin', 'code', 'userId'];

export interface ManyOptions extends ChangeOptions {
  readonly all?: true;
  readonly idempotencyKey?: string;
}

export interface ManyChange {
  /** Such as "Unlock": the question is made of it. */
  readonly what: string;
  /** Such as `/pins/unlock`. */
  readonly path: string;
  /** What is asked for besides the filter. */
  readonly body: Json;
}

/** The counts at the end of the answer. */
const summaryLine = z.object({
  summary: z.object({ done: z.number(), repeated: z.number(), failed: z.number() }),
});

/**
 * The filter that a command is given in place of identities; null: it names identities.
 * @throws Failure when it is given both, or neither.
 */
export function chosenFilter(
  given: readonly string[],
  options: ManyOptions & Readonly<Record<string, unknown>>,
): Filter | null {
  const filter = filterOf(options);
  const isFiltered = options.all === true || Object.keys(filter).length > 0;
  if (isFiltered && given.length > 0) {
    throw new Failure(exitCodes.usage, 'Either name users or choose them by a filter, not both.');
  }
  if (options.all === true && Object.keys(filter).length > 0) {
    throw new Failure(exitCodes.usage, 'Either choose users by a filter or say --all, not both.');
  }
  if (isFiltered) {
    if (!options.ignoreScope) return filter;
    throw new Failure(exitCodes.usage, 'To ignore the scope, name a user by DN.');
  }
  if (options.idempotencyKey !== undefined) {
    throw new Failure(exitCodes.usage, 'An idempotency key is for users that are chosen by a filter.');
  }
  if (given.length > 0) return null;
  throw new Failure(exitCodes.usage, 'Name users, choose them by a filter, or say --all.');
}

/** Counts who fits the filter, asks, and then changes them; with `--what-if` it only says who they are. */
export async function changeMany(
  context: Context,
  filter: Filter,
  options: ManyOptions,
  { what, path, body }: ManyChange,
): Promise<void> {
  const client = context.client();
  const { whatIf, yes, idempotencyKey: givenKey } = options;
  const count = countIn(givenKey) ?? (await countOf());
  const users = count === 1 ? '1 user' : `${count} users`;
  if (!whatIf && !yes && count > 0) await confirm(context, `${what} ${users}?`);
  const key = givenKey ?? `${count}-${randomUUID()}`;
  const goOn = `To go on after a cut, say the same and --idempotency-key ${key}`;
  if (!whatIf && count > 0) context.say(goOn);

  const records = context.records(columns);
  const progress = createProgress(context.errors);
  let lines = 0;
  let summary: z.infer<typeof summaryLine>['summary'] | null = null;
  try {
    for await (const line of client.lines('POST', `${path}?dryRun=${whatIf === true}`, {
      body: { ...body, filter, expectedCount: count },
      idempotencyKey: key,
    })) {
      const ended = summaryLine.safeParse(line);
      if (ended.success) {
        summary = ended.data.summary;
        continue;
      }
      progress.clear();
      records.add(line);
      lines += 1;
      progress.show(what, lines, count);
    }
  } finally {
    progress.clear();
    records.finish();
  }
  if (summary === null) {
    throw new Failure(exitCodes.unreachable, `The service stopped after ${lines} of ${users}. ${goOn}`);
  }
  const { done, repeated, failed } = summary;
  if (failed > 0) context.fail(exitCodes.failed);
  const before = repeated === 0 ? '' : `, ${repeated} done before`;
  const wouldFail = failed === 0 ? '' : `, ${failed} would fail`;
  const tried = `${lines - failed} would be done${wouldFail}.`;
  context.say(whatIf ? tried : `${done} done${before}, ${failed} failed.`);

  /** The API tells the count to whoever expects another one. */
  async function countOf(): Promise<number> {
    try {
      for await (const _line of client.lines('POST', `${path}?dryRun=true`, {
        body: { ...body, filter, expectedCount: 0 },
      }));
      return 0;
    } catch (error) {
      if (error instanceof Failure && error.count !== null) return error.count;
      throw error;
    }
  }
}

/** Our keys begin with the count that was agreed to; whoever goes on agrees to the same. */
function countIn(key: string | undefined): number | null {
  const [, count] = /^(\d{1,9})-/.exec(key ?? '') ?? [];
  return count === undefined ? null : Number(count);
}
