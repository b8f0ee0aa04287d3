/**
 * Measures Ringkey, on this machine, beside something to compare it with.
 *
 *     npm run bench                       all suites; writes bench/results/*.json, docs/performance.md and scaling.md
 *     npm run bench -- sign-ins steps     some of them
 *     npm run bench -- --docs-only        only write the documents and plots again
 *
 * Tables go to standard output, progress to standard error. `bench/frame/command-line.ts` lists the options.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { readCommand } from './frame/command-line.ts';
import { betweenMarkers, markdownGoals, markdownResult } from './frame/document.ts';
import { describeCommit, describeMachine } from './frame/machine.ts';
import { drawPlot } from './frame/plot.ts';
import { keepResult, keptResult, type Result } from './frame/results.ts';
import { withRoundTrips } from './frame/round-trips.ts';
import type { Suite } from './frame/suite.ts';
import { markdownModel } from './scaling/document.ts';
import { markdownProcessMemory } from './scaling/process-memory.ts';
import { suites } from './suites.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const pictures = new URL('../docs/images/performance/', import.meta.url);
const picturePath = (plot: string) => `images/performance/${plot}.svg`;

const command = readCommand(process.argv.slice(2));
const { options } = command;

/** @throws Error when the code changed meanwhile, since nobody can tell what was measured then. */
async function measure(suite: Suite): Promise<Result> {
  const began = performance.now();
  const date = new Date().toISOString().slice(0, 10);
  const [commit, machine] = [describeCommit(root), describeMachine()];
  const progress = (text: string) => console.error(`  ${text}`);
  console.error(suite.title);
  const sections = [await suite.run({ options, progress })].flat();
  const afterwards = describeCommit(root);
  if (afterwards !== commit) throw new Error(`The code changed from ${commit} to ${afterwards} meanwhile.`);
  return {
    suite: suite.name,
    title: suite.title,
    date,
    commit,
    machine,
    rounds: options.rounds,
    seconds: Math.round((performance.now() - began) / 1000),
    sections,
  };
}

function writeDocuments(): void {
  mkdirSync(pictures, { recursive: true });
  const kept = suites.flatMap((suite) => {
    const result = keptResult(suite.name);
    return result === null ? [] : [{ suite, result }];
  });
  for (const document of ['performance', 'scaling'] as const) {
    const path = fileURLToPath(new URL(`../docs/${document}.md`, import.meta.url));
    const results = kept
      .filter(({ suite }) => (suite.document ?? 'performance') === document)
      .map(({ result }) => withRoundTrips(result));
    writeFileSync(path, filled(document, readFileSync(path, 'utf8'), results));
  }
  for (const plot of kept.flatMap(({ result }) => result.sections).flatMap(({ plots = [] }) => plots)) {
    writeFileSync(new URL(`${plot.name}.svg`, pictures), drawPlot(plot));
  }
}

/** A document with its results between their markers, and with what is computed from them. */
function filled(document: 'performance' | 'scaling', text: string, results: readonly Result[]): string {
  let written = text;
  for (const result of results) {
    written = betweenMarkers(written, result.suite, markdownResult(result, picturePath));
  }
  if (document === 'performance') {
    return results.length === 0 ? written : betweenMarkers(written, 'goals', markdownGoals(results));
  }
  const memory = markdownProcessMemory(keptResult('sign-ins'), keptResult('overload'));
  if (memory !== null) written = betweenMarkers(written, 'process-memory', memory);
  const costs = results.find(({ suite }) => suite === 'costs');
  return costs === undefined
    ? written
    : betweenMarkers(written, 'model', markdownModel(costs, keptResult('size')));
}

// As with Ctrl-C: the processes that were started end with this one, and its folders go as it exits.
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.once(signal, () => process.exit(128 + number));
}

const unknown = command.suites.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  throw new Error(`No suite is called ${unknown.join(', ')}: ${suites.map(({ name }) => name).join(', ')}.`);
}
const chosen = suites.filter(({ name }) => command.suites.length === 0 || command.suites.includes(name));
for (const suite of command.docsOnly ? [] : chosen) {
  const result = await measure(suite);
  console.log(`## ${suite.title}\n\n${markdownResult(result, picturePath)}\n`);
  if (command.keep) keepResult(result);
}
if (command.keep || command.docsOnly) writeDocuments();
