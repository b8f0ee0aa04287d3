/**
 * A CSV file row by row: whichever of comma, semicolon and tab its header has, with quoted cells over several lines, and with what
 * Excel and PowerShell put before the header.
 */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import type { ReadRow } from '../../services/import-users.ts';
import { type Column, type Field, type Fields, ownColumns, statusColumns } from './columns.ts';
import { type Said, toRow } from './user-row.ts';

/** A file whose header is understood. `read` goes through its rows from the first one on, as often as it is called. */
export interface OpenedFile {
  readonly read: () => AsyncGenerator<ReadRow, void, undefined>;
  /** The columns that nothing is taken from. */
  readonly ignoredColumns: readonly string[];
}

/** Why a header can't be understood. */
export interface HeaderProblem {
  readonly field: string;
  readonly problem: string;
}

const longestRow = 65_536;
/** After so many rows, whatever else the process has to do has its turn. */
const rowsAtOnce = 64;

interface Header {
  readonly cells: readonly string[];
  readonly delimiter: string;
  /** Where it begins, in bytes, and its line, counted from 1. */
  readonly start: number;
  readonly line: number;
}

/**
 * Opens a CSV file.
 * @param preset The columns of a product's export; null: our own, and no others.
 */
export function openCsv(
  file: Buffer,
  preset: readonly Column[] | null,
  pinExpired: boolean,
): OpenedFile | { readonly problems: readonly HeaderProblem[] } {
  const header = readHeader(file);
  if (header === null) return { problems: [{ field: 'line 1', problem: 'can not be read as CSV' }] };
  const columns = preset ?? ownColumns;
  const names = header.cells.map((cell) => cell.trim().toLowerCase());
  const known = new Set(columns.map(({ name }) => name));
  const ignorable = new Set<string>(statusColumns.map((name) => name.toLowerCase()));
  const shown = (index: number) => nameToShow(header.cells[index] ?? '', index);
  const unknown = names.flatMap((name, index) => (known.has(name) ? [] : [{ name, shown: shown(index) }]));
  const problems = [
    ...unknown
      .filter(({ name }) => preset === null && !ignorable.has(name))
      .map(({ shown }) => ({ field: shown, problem: 'is not a column that can be imported' })),
    ...names
      .map((name, index) => ({ name, index }))
      .filter(({ name, index }) => known.has(name) && names.indexOf(name) < index)
      .map(({ index }) => ({ field: shown(index), problem: 'is there twice' })),
  ];
  const used = columns.filter(({ name }) => names.includes(name));
  const named = [...new Set(used.flatMap(({ fields }) => fields))];
  if (!named.includes('extension')) {
    const sources = columns.filter(({ fields }) => fields.includes('extension')).map(({ name }) => name);
    problems.push({
      field: sources.join(' or '),
      problem: 'is the column that says the extension; it is missing',
    });
  }
  if (problems.length > 0) return { problems };

  const places = used.map((column) => {
    const index = names.indexOf(column.name);
    return { column, index, shown: shown(index) };
  });
  const ignoredColumns = unknown.map(({ shown }) => shown);

  function sayingOf(cells: readonly string[]): Said | string {
    let fields: Fields = {};
    const columnOf: { [K in Field]?: string } = {};
    const cellOf = (name: string) => cells[names.indexOf(name)]?.trim() ?? '';
    for (const { column, index, shown } of places) {
      const cell = withoutApostrophe(cells[index]?.trim() ?? '');
      if (cell === '') continue;
      if (/^(System|Microsoft)\.[\w.`]+(\[.*)?$/.test(cell)) return shown;
      const said = column.read(cell, cellOf);
      for (const field of column.fields) {
        const value = said[field];
        if (value === undefined) continue;
        if (field === 'phoneNumbers') fields = { ...fields, phoneNumbers: bothLists(fields[field], value) };
        else if (fields[field] === undefined) fields = { ...fields, [field]: value };
        else continue;
        columnOf[field] ??= shown;
      }
    }
    return { fields, columnOf, named };
  }

  async function* read(): AsyncGenerator<ReadRow, void, undefined> {
    const firstLine = header?.line ?? 1;
    let next = firstLine;
    const parser = parse({
      ...options(header?.delimiter ?? ','),
      info: true,
      // What was parsed before an error is not handed out any more.
      on_record(record, { lines }) {
        next = firstLine + lines;
        return record;
      },
    });
    const rows = Readable.from(piecesOf(file.subarray(header?.start ?? 0))).pipe(parser);
    let count = 0;
    try {
      for await (const parsed of rows) {
        const { record, info }: { record: string[]; info: { lines: number } } = parsed;
        count += 1;
        if (count % rowsAtOnce === 0) await setImmediate();
        if (count === 1 || record.every((cell) => cell.trim() === '')) continue;
        const line = firstLine + info.lines - 1 - lineFeedsIn(record);
        yield rowOf(line, record);
      }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      // What follows can't be told apart any more: a quote that isn't closed swallows it, from the line after the last good row.
      yield { type: 'broken', line: next, problem: brokenBy(error.code) };
    }
  }

  function rowOf(line: number, record: readonly string[]): ReadRow {
    const extra = record.slice(names.length).some((cell) => cell.trim() !== '');
    if (extra || record.length < names.length) {
      const problem = `has ${record.length} cells; the header has ${names.length}`;
      return { type: 'refused', line, refusals: [{ line, column: null, code: 'invalid', problem }] };
    }
    const said = sayingOf(record);
    if (typeof said !== 'string') return toRow(line, said, pinExpired);
    const problem =
      'holds the name of a list, not what is in it: join it with Select-Object before Export-Csv';
    return { type: 'refused', line, refusals: [{ line, column: said, code: 'invalid', problem }] };
  }

  return { read, ignoredColumns };
}

function options(delimiter: string) {
  return {
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: '\n',
    max_record_size: longestRow,
  } as const;
}

/** Goes past `#TYPE …` of Export-Csv and `sep=…` of Excel. */
function readHeader(file: Buffer): Header | null {
  let start = 0;
  let line = 1;
  let delimiter: string | null = null;
  for (;;) {
    const end = file.indexOf('\n', start);
    const text = file.subarray(start, end === -1 ? file.length : end).toString('utf8', 0, longestRow);
    const [, told] = /^"?sep=(.)"?$/.exec(text) ?? [];
    delimiter = told ?? delimiter;
    if (told === undefined && text.trim() !== '' && !text.startsWith('#')) {
      const cells = parseHeader(text, delimiter ?? delimiterOf(text));
      return cells === null ? null : { cells, delimiter: delimiter ?? delimiterOf(text), start, line };
    }
    if (end === -1) return null;
    start = end + 1;
    line += 1;
  }
}

function parseHeader(text: string, delimiter: string): readonly string[] | null {
  try {
    return parseAtOnce(text, { ...options(delimiter), columns: false })[0] ?? null;
  } catch {
    return null;
  }
}

/** The one that there are most of, outside of quotes. */
function delimiterOf(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const [most] = [',', ';', '\t']
    .map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }))
    .sort((a, b) => b.count - a.count);
  return most?.delimiter ?? ',';
}

function* piecesOf(file: Buffer): Generator<Buffer> {
  for (let at = 0; at < file.length; at += longestRow) yield file.subarray(at, at + longestRow);
}

/** What a file without a header begins with may be a PIN, so only what looks like a column's name is shown. */
function nameToShow(cell: string, index: number): string {
  const name = cell.trim();
  return /^(?!.*\d{3})[a-z][\w .()-]{0,63}$/i.test(name) ? name : `column ${index + 1}`;
}

/** A spreadsheet, and our own export, put an apostrophe before what would be taken for a formula. */
function withoutApostrophe(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function bothLists(first: unknown, second: unknown): unknown[] {
  return [first ?? [], second].flat();
}

function lineFeedsIn(record: readonly string[]): number {
  return record.reduce((count, cell) => count + cell.split('\n').length - 1, 0);
}

/** In our words, since the parser's own quote the file. */
function brokenBy(code: CsvError['code']): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'begins a quote that is never closed';
    case 'CSV_MAX_RECORD_SIZE':
      return 'is longer than 64 KB; a quote may not be closed';
    default:
      return 'has a quote in the middle of a cell; double it, and put the cell in quotes';
  }
}
