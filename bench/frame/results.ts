/** Results as they are kept: a JSON file for each suite, so that one can be run alone and the document still shows all. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Machine } from './machine.ts';
import { reasons, type Section } from './suite.ts';

export interface Result {
  readonly suite: string;
  readonly title: string;
  /** The day, as in 2026-11-21. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly rounds: number;
  /** How long the suite took. */
  readonly seconds: number;
  readonly sections: readonly Section[];
}

/** JSON has no number for what could not be measured. */
const measured = z.union([z.number(), z.null().transform(() => Number.NaN)]);

const plot = z.strictObject({
  name: z.string(),
  title: z.string(),
  xLabel: z.string(),
  yLabel: z.string(),
  xScale: z.enum(['linear', 'log2']).exactOptional(),
  series: z.array(z.strictObject({ name: z.string(), points: z.array(z.tuple([measured, measured])) })),
});

const section = z.strictObject({
  title: z.string(),
  text: z.string().exactOptional(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), measured]))),
  goals: z.array(
    z.strictObject({
      text: z.string(),
      met: z.boolean(),
      measured: z.string(),
      because: z.enum(reasons).exactOptional(),
    }),
  ),
  plots: z.array(plot).exactOptional(),
  figures: z.record(z.string(), measured).exactOptional(),
});

const schema = z.strictObject({
  suite: z.string(),
  title: z.string(),
  date: z.iso.date(),
  commit: z.string(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.number(),
    memoryGib: z.number(),
    node: z.string(),
    kernel: z.string(),
    redis: z.string(),
  }),
  rounds: z.number(),
  seconds: z.number(),
  sections: z.array(section),
});

const folder = fileURLToPath(new URL('../results/', import.meta.url));
const pathOf = (suite: string) => `${folder}${suite}.json`;

export function writeResult(result: Result): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** @throws Error that says what doesn't fit, when the text is no result, such as one that an earlier version wrote. */
export function readResult(text: string): Result {
  return schema.parse(JSON.parse(text));
}

export function keepResult(result: Result): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(pathOf(result.suite), writeResult(result));
}

/** What was kept of a suite; null: it was never run. @throws Error as `readResult` does. */
export function keptResult(suite: string): Result | null {
  const path = pathOf(suite);
  return existsSync(path) ? readResult(readFileSync(path, 'utf8')) : null;
}
