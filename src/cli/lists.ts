/**
 * Lists of users and of what is known of their PINs, by filter.
 */
import type { Command } from 'commander';
import { type Json, listAll, type Query } from './client.ts';
import type { Context } from './context.ts';

/** The filters as commander names them: the names of the API. */
export interface UserFilter extends Query {
  readonly pinSet?: boolean;
  readonly pinExpired?: boolean;
  readonly lockedOut?: boolean;
  readonly firstTimeUser?: boolean;
  readonly ou?: string;
  readonly displayName?: string;
  readonly policy?: string;
  readonly pinPepper?: string;
  readonly q?: string;
}

/** The names of the filters. */
const filterNames = [
  'pinSet',
  'pinExpired',
  'lockedOut',
  'firstTimeUser',
  'ou',
  'displayName',
  'policy',
  'pinPepper',
  'q',
] as const satisfies readonly (keyof UserFilter)[];

/** A filter as the API takes it in a body. */
export type Filter = Readonly<Record<string, unknown>>;

/** What was given of the filters, among the other options of a command. */
export function filterOf(options: Readonly<Record<string, unknown>>): Filter {
  const given = filterNames.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

/** Adds the filters of `user list` and `pin list`. */
export function withFilters(command: Command): Command {
  return withCommonFilters(command)
    .option('--pin-expired', 'users who must choose a new PIN')
    .option('--no-pin-expired', 'users who need not')
    .option('--locked-out', 'users who are locked out')
    .option('--no-locked-out', 'users who are not');
}

/** Adds the filters whose names no command uses for anything else. */
export function withCommonFilters(command: Command): Command {
  return command
    .option('--pin-set', 'users who have a PIN')
    .option('--no-pin-set', 'users who have none')
    .option('--first-time-user', 'users who never signed in')
    .option('--no-first-time-user', 'users who have')
    .option('--ou <dn>', 'users of this organisational unit and below')
    .option('--display-name <pattern>', 'with * for any letters')
    .option('--policy <name>', 'users to whom this policy is given')
    .option('--pin-pepper <id>', 'users whose PIN was hashed with this pepper')
    .option('--q <text>', 'users with a name, address or number like this');
}

/** Prints everything in a list as it comes. */
export async function printAll(
  context: Context,
  columns: readonly string[],
  [path, name]: readonly [path: string, name: string],
  query: Query = {},
  shape: (record: Json) => Json = (record) => record,
): Promise<void> {
  const records = context.records(columns);
  for await (const record of listAll(context.client(), path, name, query)) records.add(shape(record));
  records.finish();
}
