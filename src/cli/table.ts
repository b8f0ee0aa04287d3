/**
 * Records for people: a table, or for one record a list of its fields.
 */
import type { Json } from './client.ts';

/** One line for the names of the columns and one for each record; columns that are empty throughout are left out. */
export function formatTable(records: readonly Json[], columns: readonly string[]): string {
  const used = columns.filter((column) => records.some((record) => !isEmpty(record[column])));
  const rows = [used, ...records.map((record) => used.map((column) => formatCell(record[column])))];
  const widths = used.map((_column, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map((row) => `${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** A line for each field. */
export function formatList(record: Json): string {
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  return Object.entries(record)
    .map(([name, value]) => `${name.padEnd(width)}  ${formatCell(value)}\n`)
    .join('');
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function formatCell(value: unknown): string {
  if (isEmpty(value)) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text =
    typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
  // A terminal obeys control characters, whoever wrote them.
  return text.replaceAll(/\p{Cc}/gu, '?');
}
