/**
 * The part of docs/resilience.md that commands write: between a pair of markers for each command. What stands outside is written by
 * hand.
 */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { ReportedRow, Row } from '../test/soak/report.ts';

/** Titles of tables and their rows, in the order in which they came. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

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
