/**
 * The arrows between the rooms hold, and the check that says so looks at every module and can fail.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from './support/temporary-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'node_modules', '.bin', 'depcruise');
const config = join(root, '.dependency-cruiser.cjs');

const report = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string() })) }),
  }),
});

/** What `npm run check:architecture` sees in `folder`. */
async function cruise(folder: string) {
  const args = ['src', '--config', config, '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(program, args, {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { modules, summary } = report.parse(JSON.parse(stdout));
  return {
    sources: modules.map(({ source }) => source).filter((source) => source.startsWith('src/')),
    broken: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    rules: summary.ruleSetUsed.forbidden.map(({ name }) => name),
  };
}

function sourcesOnDisk(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path}`);
}

/** For each rule a file that breaks it, and what that file imports. */
const breaches: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['core-is-pure', 'src/core/clock.ts', 'node:fs'],
  ['core-is-pure', 'src/core/outward.ts', '../store/store.ts'],
  ['services-know-rules-and-ports', 'src/services/engine.ts', '../store/embedded.ts'],
  ['services-know-rules-and-ports', 'src/services/speaking.ts', '../voice/door.ts'],
  ['services-know-rules-and-ports', 'src/services/reading.ts', 'node:fs'],
  ['store-stands-alone', 'src/store/knowing.ts', '../services/service.ts'],
  ['security-stands-alone', 'src/security/storing.ts', '../store/store.ts'],
  ['security-takes-types-alone', 'src/security/deciding.ts', '../core/rule.ts'],
  ['mail-carries-letters', 'src/mail/storing.ts', '../store/store.ts'],
  ['mail-carries-letters', 'src/mail/deciding.ts', '../services/service.ts'],
  ['mail-behind-the-port', 'src/services/sending.ts', '../mail/smtp.ts'],
  ['mail-behind-the-port', 'src/admin/sending.ts', '../mail/smtp.ts'],
  ['words-stand-alone', 'src/words/speaking.ts', '../voice/door.ts'],
  ['doors-keep-apart', 'src/voice/administering.ts', '../admin/door.ts'],
  ['doors-keep-apart', 'src/web/administering.ts', '../admin/door.ts'],
  ['telephone-for-its-page', 'src/web/calling.ts', '../phone/dial.ts'],
  ['telephone-for-its-page', 'src/admin/calling.ts', '../phone/dial.ts'],
  ['clients-are-strangers', 'src/phone/insider.ts', '../core/rule.ts'],
  ['clients-are-strangers', 'src/cli/insider.ts', '../services/service.ts'],
  ['engines-behind-the-port', 'src/admin/direct.ts', '../store/embedded.ts'],
  ['engines-behind-the-port', 'src/http/direct.ts', '../store/embedded.ts'],
  ['http-serves-doors', 'src/http/knowing.ts', '../voice/door.ts'],
  ['inner-rooms-know-no-http', 'src/security/answering.ts', '../http/problem.ts'],
  ['settings-are-handed-in', 'src/voice/reading.ts', '../config.ts'],
  ['nobody-imports-a-program', 'src/calling.ts', './main.ts'],
  ['nothing-missing', 'src/missing.ts', './nowhere.ts'],
  ['no-development-packages', 'src/testing.ts', 'tester'],
];

/** What the breaches import. */
const innocents = [
  'src/core/rule.ts',
  'src/store/store.ts',
  'src/store/embedded.ts',
  'src/services/service.ts',
  'src/voice/door.ts',
  'src/admin/door.ts',
  'src/phone/dial.ts',
  'src/http/problem.ts',
  'src/mail/smtp.ts',
  'src/config.ts',
  'src/main.ts',
];

function plant(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('the arrows between the rooms', () => {
  test('hold, and no module is passed over', async () => {
    const { sources, broken } = await cruise(root);
    expect(broken).toEqual([]);
    expect(sources.sort()).toEqual(sourcesOnDisk().sort());
    expect(sources.length).toBeGreaterThan(50);
  });

  test('are reported when they are broken, each by its rule', async () => {
    const folder = temporaryFolder();
    for (const path of innocents) plant(folder, path, 'export const value = 1;\n');
    for (const [, from, to] of breaches)
      plant(folder, from, `import * as it from '${to}';\nconsole.log(it);\n`);
    plant(folder, 'src/there.ts', "import { back } from './back.ts';\nexport const there = back;\n");
    plant(folder, 'src/back.ts', "import { there } from './there.ts';\nexport const back = there;\n");
    plant(folder, 'src/alone.ts', 'export const alone = 1;\n');
    plant(
      folder,
      'package.json',
      '{ "name": "planted", "type": "module", "devDependencies": { "tester": "1.0.0" } }',
    );
    plant(folder, 'node_modules/tester/package.json', '{ "name": "tester", "main": "index.js" }');
    plant(folder, 'node_modules/tester/index.js', 'exports.test = 1;\n');

    const { broken, rules } = await cruise(folder);
    const found = broken.map((breach) => breach.replace(/ -> .*/, ''));
    for (const [rule, from] of breaches) expect(found).toContain(`${rule}: ${from}`);
    expect(found).toContain('no-cycles: src/back.ts');
    expect(found).toContain('no-orphans: src/alone.ts');

    const tried = new Set([...breaches.map(([rule]) => rule), 'no-cycles', 'no-orphans']);
    expect([...tried].sort()).toEqual([...rules].sort());
  });
});

test('only the four programs read the environment', () => {
  const readers = sourcesOnDisk().filter((path) =>
    /\bprocess\.env\b|['"](node:)?process['"]/.test(readFileSync(join(root, path), 'utf8')),
  );
  expect(readers.sort()).toEqual(['src/backup.ts', 'src/cli/main.ts', 'src/main.ts', 'src/phone/main.ts']);
});
