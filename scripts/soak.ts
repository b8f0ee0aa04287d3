/**
 * Runs the soak tests one file after another, and writes what they measured into docs/resilience.json and docs/resilience.md.
 *
 *     npm run test:soak [-- [--write] test/soak/some.soak.test.ts …]
 *
 * SOAK_SCALE makes it longer or shorter (1), SOAK_SEED repeats a run. With files named, only they are run and their tables are printed;
 * with `--write` they are written as well, and the other tables stay, each with the run that it is from. A run that isn't of the full length, or that fails, writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { soakSeed } from '../test/soak/budget.ts';
import { describeCommit, describeRedis } from './documents/measured-on.ts';
import {
  describeMachine,
  type MeasuredTables,
  measuredTables,
  type Run,
  renderMeasured,
  renderTables,
  replaceBetweenMarkers,
  tablesOf,
  withRun,
} from './resilience-document.ts';

const { values, positionals: files } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const root = fileURLToPath(new URL('..', import.meta.url));
const jsonFile = join(root, 'docs/resilience.json');
const documentFile = join(root, 'docs/resilience.md');

const scale = process.env.SOAK_SCALE ?? '1';
process.stdout.write(`SOAK_SEED=${soakSeed} SOAK_SCALE=${scale}\n`);

// Before the run: whatever is committed meanwhile isn't what runs.
const commit = describeCommit(root);
const folder = mkdtempSync(join(tmpdir(), 'ringkey-soak-'));
const rowsFile = join(folder, 'rows');
writeFileSync(rowsFile, '');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'soak', '--no-file-parallelism', ...files],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SOAK_SEED: String(soakSeed), SOAK_SCALE: scale, SOAK_ROWS: rowsFile },
  },
);
const tables = tablesOf(
  readFileSync(rowsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== ''),
);
rmSync(folder, { recursive: true });

process.stdout.write(`\n${renderTables(tables)}\n\nSOAK_SEED=${soakSeed} SOAK_SCALE=${scale}\n`);
const isFull = files.length === 0;
if (status === 0 && scale === '1' && (isFull || values.write))
  write(withRun(isFull ? {} : previous(), thisRun(), tables));
process.exitCode = status ?? 1;

function previous(): MeasuredTables {
  return existsSync(jsonFile) ? measuredTables.parse(JSON.parse(readFileSync(jsonFile, 'utf8'))).tables : {};
}

function thisRun(): Run {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(describeRedis()),
    seed: soakSeed,
    commit,
  };
}

function write(measured: MeasuredTables): void {
  writeFileSync(jsonFile, `${JSON.stringify({ tables: measured }, null, 2)}\n`);
  const document = readFileSync(documentFile, 'utf8');
  writeFileSync(documentFile, replaceBetweenMarkers(document, 'soak', renderMeasured(measured)));
}
