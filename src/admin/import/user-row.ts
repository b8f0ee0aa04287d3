/**
 * One row of a file as a user: what its cells say, judged by the very schema that a new user over the API is judged by.
 */
import type { Profile } from '../../core/account.ts';
import type { ImportRow, ReadRow, RowRefusal } from '../../services/import-users.ts';
import { issuesOf, newUser } from '../schemas.ts';
import type { Field, Fields } from './columns.ts';

/** What a row says, and the column that said it, by the name that the file gives it. */
export interface Said {
  readonly fields: Fields;
  readonly columnOf: Readonly<Partial<Record<Field, string>>>;
  /** The fields that the file has a column for, whether or not this row says something there. */
  readonly named: readonly Field[];
}

/** As spreadsheets write them, in the languages that we speak. */
const flags = new Map(
  Object.entries({
    true: ['true', 'yes', '1', 'wahr', 'vrai', 'verdadero'],
    false: ['false', 'no', '0', 'falsch', 'faux', 'falso'],
  }).flatMap(([value, words]) => words.map((word) => [word, value === 'true'] as const)),
);

/** @param pinExpired whether a PIN must be changed at the first sign-in where the row doesn't say. */
export function toRow(line: number, { fields, columnOf, named }: Said, pinExpired: boolean): ReadRow {
  const { pin = null, pinExpired: ownPinExpired, enabled, ...others } = fields;
  const refusals: RowRefusal[] = [];
  const refuse = (field: Field, problem: string) =>
    refusals.push({ line, column: columnOf[field] ?? field, code: 'invalid', problem });
  const flag = (field: 'enabled' | 'pinExpired', value: unknown): boolean | undefined => {
    if (value === undefined) return undefined;
    const parsed = flags.get(String(value).toLowerCase());
    if (parsed === undefined) refuse(field, 'must be true or false');
    return parsed;
  };
  const isEnabled = flag('enabled', enabled);
  const mustChange = flag('pinExpired', ownPinExpired) ?? pinExpired;
  const parsed = newUser.safeParse({ ...others, ...(isEnabled === undefined ? {} : { enabled: isEnabled }) });
  if (!parsed.success) {
    for (const { field, problem } of issuesOf(parsed.error)) {
      const [name = ''] = field.split('.');
      refuse(
        isField(name) ? name : 'extension',
        fields.extension === undefined && name === 'extension' ? 'is empty' : problem,
      );
    }
  }
  if (!parsed.success || refusals.length > 0) return { type: 'refused', line, refusals };
  const profile: Profile = parsed.data;
  const changes = Object.fromEntries(
    named
      .filter(isProfileField)
      .filter((field) => field !== 'enabled' || isEnabled !== undefined)
      .map((field) => [field, profile[field]]),
  );
  const row: ImportRow = { line, columnOf, profile, changes, pin, pinExpired: mustChange };
  return { type: 'row', row };
}

function isField(name: string): name is Field {
  return name === 'pin' || name === 'pinExpired' || isProfileField(name);
}

function isProfileField(name: string): name is keyof Profile {
  return Object.hasOwn(newUser.shape, name);
}
