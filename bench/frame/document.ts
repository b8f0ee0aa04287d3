/** Writes what was kept into a document, between its markers. What stands outside them is written by hand and stays. */

import { withTextBetween } from '../../scripts/documents/markers.ts';
import type { Result } from './results.ts';
import { inShort } from './statistics.ts';
import type { Cell, Goal, Section } from './suite.ts';

/** A table in Markdown. Columns of numbers are aligned to the right. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumeric = (index: number) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const text = (cell: Cell) => (typeof cell === 'number' ? inShort(cell) : cell.replaceAll('|', '\\|'));
  return [
    line(columns),
    `|${columns.map((_, index) => (isNumeric(index) ? '--:' : '---')).join('|')}|`,
    ...rows.map((row) => line(row.map(text))),
  ].join('\n');
}

/** A link to the heading that a goal which isn't met names; else nothing. */
function linkOf({ met, because }: Goal): string {
  if (met || because === undefined) return '';
  return `[${because}](#${because.toLowerCase().replaceAll(' ', '-')})`;
}

function goalLine(goal: Goal): string {
  const { text, met, measured } = goal;
  const link = linkOf(goal);
  return `- ${met ? '✅' : '❌'} ${text}: ${measured}${link === '' ? '' : `. ${link}`}`;
}

/** @param picturePath where the document finds a plot's picture. */
function markdownSection(section: Section, picturePath: (plot: string) => string): string {
  const { title, text, columns, rows, goals, plots = [] } = section;
  const parts = [
    `### ${title}`,
    text ?? '',
    rows.length === 0 ? '' : markdownTable(columns, rows),
    goals.map(goalLine).join('\n'),
    ...plots.map((plot) => `![${plot.title}](${picturePath(plot.name)})`),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Date, commit and machine: without them a figure says nothing. */
export function markdownOrigin({ date, commit, machine, rounds, seconds }: Result): string {
  const { cpu, cores, memoryGib, node, kernel, redis } = machine;
  const words = [`${cpu}, ${cores} cores`, `${memoryGib} GiB`, `Node ${node}`, `Redis ${redis}`, kernel];
  const howOften = rounds === 1 ? 'One run' : `${rounds} rounds`;
  return `${date}, commit ${commit}: ${words.join(', ')}. ${howOften}, ${Math.round(seconds)} s in all.`;
}

export function markdownResult(result: Result, picturePath: (plot: string) => string): string {
  return [
    markdownOrigin(result),
    ...result.sections.map((section) => markdownSection(section, picturePath)),
  ].join('\n\n');
}

/** Every goal of every result, in one table. */
export function markdownGoals(results: readonly Result[]): string {
  const rows = results.flatMap(({ title, sections }) =>
    sections.flatMap(({ goals }) =>
      goals.map((goal) => {
        const link = linkOf(goal);
        const missed = `**not met**${link === '' ? '' : `: ${link}`}`;
        return [title, goal.text, goal.measured, goal.met ? 'met' : missed];
      }),
    ),
  );
  return markdownTable(['suite', 'goal', 'measured', ''], rows);
}

/**
 * Puts text between the markers `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 * @throws Error when the document doesn't have both.
 */
export function betweenMarkers(document: string, name: string, text: string): string {
  const markers = { begin: `<!-- bench:${name} -->`, end: `<!-- /bench:${name} -->` };
  return withTextBetween(document, markers, text);
}
