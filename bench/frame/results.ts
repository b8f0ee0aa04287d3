/** Results as they are kept: a JSON file for each suite, so that one can be run alone and the document still shows all. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';
import type { Section } from './suite.ts';

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

const folder = fileURLToPath(new URL('../results/', import.meta.url));
const pathOf = (suite: string) => `${folder}${suite}.json`;

export function keepResult(result: Result): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(pathOf(result.suite), `${JSON.stringify(result, null, 2)}\n`);
}

/** What was kept of a suite; null: it was never run. */
export function keptResult(suite: string): Result | null {
  const path = pathOf(suite);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Result) : null;
}
