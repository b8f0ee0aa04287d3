/**
 * Takes each defence in `test/defences/` out, alone and in a copy, and sees that the test that it names fails by what it asserts. A few
 * entries put a fault in instead, which shows that the test finds it; they have a table of their own.
 *
 *     npm run test:defences [-- [--write] [area or piece of a name …]]
 *
 * Ends with 1 if a test goes on passing without its defence, fails with it, or fails by anything but an assertion. `--write` puts the table
 * into docs/resilience.md, and so takes no names.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { areas } from '../test/defences/all.ts';
import type { Defence } from '../test/defences/defence.ts';
import type { Row } from '../test/soak/report.ts';
import { describeCommit, describeSource } from './documents/measured-on.ts';
import { renderTables, replaceBetweenMarkers } from './resilience-document.ts';

const { values, positionals: wanted } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});

if (values.write && wanted.length > 0)
  throw new Error('--write puts the whole table down, so it takes no names: leave out the one or the other.');

/** What vitest's reporter of JSON says of a run, as far as it is read here. */
const vitestReport = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

type Outcome = 'passed' | 'failed by an assertion' | 'failed otherwise' | 'not found';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'ringkey-defences-'));
try {
  process.exitCode = takeOutAll() ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function takeOutAll(): boolean {
  // What is tried is the copy, whatever is committed or changed meanwhile.
  const commit = describeCommit(root);
  makeCopy();
  const defenceRows: Row[] = [];
  const detectorRows: Row[] = [];
  const withDefences = new Map<string, Outcome>();
  let isWell = true;
  for (const [area, defences] of Object.entries(areas)) {
    for (const defence of defences) {
      if (wanted.length > 0 && !wanted.some((piece) => area === piece || defence.name.includes(piece)))
        continue;
      const test = `${defence.test.file} ${defence.test.name}`;
      const before = withDefences.get(test) ?? run(defence.test);
      withDefences.set(test, before);
      const without = before === 'passed' ? runWithout(defence) : 'not found';
      const bites = before === 'passed' && without === 'failed by an assertion';
      isWell &&= bites;
      const [asItIs, changed] = defence.isFault ? ['without it', 'with it'] : ['with it', 'without it'];
      const story = before === 'passed' ? `${changed} ${without}` : `${asItIs} ${before}`;
      process.stdout.write(`${bites ? 'ok' : 'NOT OK'}  ${area}: ${defence.name}: ${story}\n`);
      (defence.isFault ? detectorRows : defenceRows).push({
        area,
        [defence.isFault ? 'put in' : 'taken out']: defence.name,
        'in the file': `\`${defence.file}\``,
        'the test that then fails': `${defence.test.name} (\`${defence.test.file}\`)`,
      });
    }
  }
  if (isWell && values.write) {
    const counts = `${defenceRows.length} defences, ${detectorRows.length} faults put in`;
    const tables = { 'Defences taken out': defenceRows, 'Faults put in': detectorRows };
    const date = new Date().toISOString().slice(0, 10);
    const text = `${date}, ${describeSource(commit)}: ${counts}.\n\n${renderTables(tables)}`;
    const document = join(root, 'docs/resilience.md');
    writeFileSync(document, replaceBetweenMarkers(readFileSync(document, 'utf8'), 'defences', text));
  }
  return isWell && defenceRows.length + detectorRows.length > 0;
}

/** All files of the project as they are, with the packages that are installed. */
function makeCopy(): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  // A link to packages that are installed elsewhere is listed as a file.
  for (const file of listed.split('\0').filter((name) => !['', 'node_modules'].includes(name))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

function runWithout({ file, find, replace, test }: Defence): Outcome {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file} doesn't have this once: ${find}`);
  try {
    writeFileSync(path, text.split(find).join(replace));
    return run(test);
  } finally {
    writeFileSync(path, text);
  }
}

function run({ file, name }: Defence['test']): Outcome {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const pattern = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', file, '-t', pattern, '--reporter', 'json', '--outputFile', report];
  const { stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  // It writes none when it dies itself, or can't begin.
  if (!existsSync(report)) {
    process.stderr.write(stderr);
    return 'failed otherwise';
  }
  const tests = vitestReport
    .parse(JSON.parse(readFileSync(report, 'utf8')))
    .testResults.flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title, status }) => title.includes(name) && ['passed', 'failed'].includes(status));
  if (tests.length === 0) {
    process.stderr.write(stderr);
    return 'not found';
  }
  const failures = tests.filter(({ status }) => status === 'failed');
  if (failures.length === 0) return 'passed';
  const messages = failures.flatMap(({ failureMessages }) => failureMessages ?? []);
  if (messages.some(isAssertion)) return 'failed by an assertion';
  process.stderr.write(`${messages.join('\n')}\n`);
  return 'failed otherwise';
}

/** What `expect` throws, fast-check around it, or a wait for something that never became so. */
function isAssertion(message: string): boolean {
  return /^(AssertionError|Error: (promise re|Property failed after|Waited in vain))/.test(message);
}
