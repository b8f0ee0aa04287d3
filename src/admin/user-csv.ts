/**
 * Users as CSV (RFC 4180): first what an import takes, then their status, which an import passes over.
 *
 * A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula, so an apostrophe is put before it; an
 * import takes it away again, so that a telephone number comes back as it was. A cell that begins with apostrophes and such a
 * character gets one more, or an import would take away one of its own.
 */
import type { Account } from '../core/account.ts';
import type { listedUserBody } from './bodies.ts';
import { statusColumns } from './import/columns.ts';
import { newUser } from './schemas.ts';

type ListedUser = ReturnType<typeof listedUserBody>;

const profileColumns = Object.keys(newUser.shape) as (keyof Account['profile'])[];

/** With a byte order mark, without which Excel takes UTF-8 for something else. */
export const csvHeader = `\ufeff${[...profileColumns, ...statusColumns].join(',')}\r\n`;

export function csvRow({ pin, ...user }: ListedUser): string {
  const { policy: policyInForce, pinExpired: changeDue, ...status } = pin;
  const told = { ...status, policyInForce, changeDue, ...user };
  const cells = [...profileColumns, ...statusColumns].map((column) => cellOf(told[column]));
  return `${cells.join(',')}\r\n`;
}

function cellOf(value: unknown): string {
  if (value === null) return '';
  const text = Array.isArray(value) ? value.join('; ') : String(value);
  const defused = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(defused) ? `"${defused.replaceAll('"', '""')}"` : defused;
}
