/**
 * What a soak measured, as rows of tables. `scripts/soak.ts` collects them from all files of a run.
 */
import { appendFileSync } from 'node:fs';

/** The name of the column, in plain words, and what it says. */
export type Row = Readonly<Record<string, string | number>>;

/** One line of the file that rows are collected in. */
export interface ReportedRow {
  readonly table: string;
  readonly row: Row;
}

/**
 * Appends a row to the table with this title. The title says what was done; the columns of a table are those of its first row.
 * Without `SOAK_ROWS`, the file to collect in, it is printed.
 */
export function reportRow(table: string, row: Row): void {
  const line = `${JSON.stringify({ table, row } satisfies ReportedRow)}\n`;
  const file = process.env.SOAK_ROWS;
  if (file === undefined) process.stdout.write(line);
  else appendFileSync(file, line);
}
