/**
 * Measures Ringkey, on this machine, beside something to compare it with.
 *
 *     npm run bench                       all suites; writes bench/results/*.json and docs/performance.md
 *     npm run bench -- sign-ins steps     some of them
 *     npm run bench -- --docs-only        only write the document again
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
import type { Suite } from './frame/suite.ts';
import { suites } from './suites.ts';

const documentPath = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const pictures = new URL('../docs/images/performance/', import.meta.url);
const picturePath = (plot: string) => `images/performance/${plot}.svg`;

const command = readCommand(process.argv.slice(2));
const { options } = command;

async function measure(suite: Suite): Promise<Result> {
  const began = performance.now();
  const progress = (text: string) => console.error(`  ${text}`);
  console.error(suite.title);
  const sections = [await suite.run({ options, progress })].flat();
  return {
    suite: suite.name,
    title: suite.title,
    date: new Date().toISOString().slice(0, 10),
    commit: describeCommit(),
    machine: describeMachine(),
    rounds: options.rounds,
    seconds: Math.round((performance.now() - began) / 1000),
    sections,
  };
}

function writeDocument(): void {
  mkdirSync(pictures, { recursive: true });
  const results = suites.map(({ name }) => keptResult(name)).filter((result) => result !== null);
  let document = readFileSync(documentPath, 'utf8');
  if (results.length > 0) document = betweenMarkers(document, 'goals', markdownGoals(results));
  for (const result of results) {
    document = betweenMarkers(document, result.suite, markdownResult(result, picturePath));
    for (const plot of result.sections.flatMap(({ plots = [] }) => plots)) {
      writeFileSync(new URL(`${plot.name}.svg`, pictures), drawPlot(plot));
    }
  }
  writeFileSync(documentPath, document);
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
if (command.keep || command.docsOnly) writeDocument();
