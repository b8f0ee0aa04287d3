/**
 * The part of docs/resilience.md that commands write: between a pair of markers for each command. What stands outside is written by
 * hand.
 */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { z } from 'zod';
import type { ReportedRow, Row } from '../test/soak/report.ts';

/** Titles of tables and their rows, in the order in which they came. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

const run = z.object({
  /** Of UTC, as YYYY-MM-DD. */
  date: z.string(),
  machine: z.string(),
  /** `SOAK_SEED`, to repeat it. */
  seed: z.number(),
  /** Of what was run; null where nobody wrote it down. */
  commit: z.string().nullable(),
});

/** When, on what, with which seed and on which commit something was measured. */
export type Run = z.infer<typeof run>;

/** What docs/resilience.json holds: each table with the run that it is from, since a run may measure some of them alone. */
export const measuredTables = z.object({
  tables: z.record(
    z.string(),
    run.extend({ rows: z.array(z.record(z.string(), z.union([z.string(), z.number()]))) }),
  ),
});

export type MeasuredTables = z.infer<typeof measuredTables>['tables'];

/** These tables as measured in this run, in place of those of the same titles that were there before. The others stay as they are. */
export function withRun(before: MeasuredTables, of: Run, tables: Tables): MeasuredTables {
  const measured = Object.entries(tables).map(([title, rows]) => [title, { ...of, rows: [...rows] }]);
  return { ...before, ...Object.fromEntries(measured) };
}

/** The tables in Markdown, each under its title and a line that tells the run. */
export function renderMeasured(tables: MeasuredTables): string {
  return Object.entries(tables)
    .map(([title, { rows, ...of }]) => `### ${title}\n\n${describeRun(of)}\n\n${renderTable(rows)}`)
    .join('\n\n');
}

function describeRun({ date, machine, seed, commit }: Run): string {
  return `${date}, ${machine}, seed ${seed}${commit === null ? '' : `, commit ${commit}`}.`;
}

/** @param lines one `ReportedRow` as JSON each. */
export function tablesOf(lines: readonly string[]): Tables {
  const tables: Record<string, Row[]> = {};
  for (const line of lines) {
    const { table, row } = JSON.parse(line) as ReportedRow;
    tables[table] = [...(tables[table] ?? []), row];
  }
  return tables;
}

/** The tables in Markdown, one under the other, each under its title. */
export function renderTables(tables: Tables): string {
  return Object.entries(tables)
    .map(([title, rows]) => `### ${title}\n\n${renderTable(rows)}`)
    .join('\n\n');
}

function renderTable(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lineOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cellsOf = (row: Row) => columns.map((column) => String(row[column] ?? '').replaceAll('|', '\\|'));
  return [
    lineOf(columns),
    `|${columns.map((column) => (typeof rows[0]?.[column] === 'number' ? '---:' : '---')).join('|')}|`,
    ...rows.map((row) => lineOf(cellsOf(row))),
  ].join('\n');
}

/**
 * Puts text between the markers of a name, in place of what was there.
 * @throws Error when the document doesn't have both markers, once each.
 */
export function replaceBetweenMarkers(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [before, rest, ...more] = document.split(begin);
  const [, after, ...others] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0)
    throw new Error(`The document must have "${begin}" and "${end}" once each, in this order.`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

/** What the figures were measured on, in one line. */
export function describeMachine(redisVersion: string): string {
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} cores (${model}), ${memoryGib} GiB, Node ${process.versions.node}, Redis ${redisVersion}`;
}
