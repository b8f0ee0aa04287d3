/**
 * What a suite of measurements is, and what it leaves: tables, goals and plots. Everything in a section is plain JSON, so that it can be
 * kept and written into the document again.
 */

export type Engine = 'embedded' | 'redis';

/** What was asked for on the command line. */
export interface Options {
  readonly engines: readonly Engine[];
  /** Instead of a suite's own numbers of calls in flight. */
  readonly inFlight: readonly number[] | null;
  /** Instead of the numbers of accounts that a suite measures with. */
  readonly accounts: readonly number[] | null;
  /** Rounds of each contender, taken in turns. */
  readonly rounds: number;
  /** How long a round counts, in ms. */
  readonly roundMs: number;
  /** How long it is overloaded, in ms. */
  readonly overloadMs: number;
  /** Where services leave a CPU profile when they end; null: nowhere. */
  readonly profileFolder: string | null;
}

export interface Context {
  readonly options: Options;
  /** Tells whoever waits how far it is; on standard error. */
  progress(text: string): void;
}

export type Cell = string | number;

/**
 * Headings in docs/performance.md under which stands, by hand, why a goal wasn't met and what the profile showed. They are no part of
 * results, because a reason that was found on one machine may not be that of a run on another.
 */
export const reasons = [
  'Why sign-ins stay below the ceiling',
  'Why the slowest PIN steps take too long',
  'Why memory grows with calls in flight',
  'Why steps stay below a bare application',
  'Why some steps take more than two round trips',
  'Why overload admits less than the ceiling',
  'Why an answer may come late in overload',
] as const;

export type Reason = (typeof reasons)[number];

export interface Goal {
  readonly text: string;
  readonly met: boolean;
  /** What was measured, in the goal's own unit. */
  readonly measured: string;
  /** Where to read on when it isn't met. */
  readonly because?: Reason;
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Lines over an axis. The picture is `docs/images/performance/<name>.svg`. */
export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Default: linear. With `log2`, each doubling has the same width. */
  readonly xScale?: 'linear' | 'log2';
  readonly series: readonly Series[];
}

export interface Section {
  readonly title: string;
  /** Markdown above the table. */
  readonly text?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly goals: readonly Goal[];
  readonly plots?: readonly Plot[];
  /** Figures by name, for a document that computes with them. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface Suite {
  /** As on the command line, and of its file of results. */
  readonly name: string;
  readonly title: string;
  /** Which document its results stand in; absent: `performance`. */
  readonly document?: 'scaling';
  run(context: Context): Promise<Section | readonly Section[]>;
}
