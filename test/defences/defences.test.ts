/** The defences that `npm run test:defences` takes out are still where it looks for them, and so are the tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { areas } from './all.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const testFolder = join(root, 'test');

it('all areas are listed', () => {
  const files = readdirSync(join(testFolder, 'defences')).filter(
    (file) => !['all.ts', 'defence.ts', 'defences.test.ts'].includes(file),
  );
  expect(Object.keys(areas).map((area) => `${area}.ts`)).toEqual(files.sort());
});

describe.each(Object.entries(areas))('%s', (_, defences) => {
  it('names each defence once', () => {
    expect(new Set(defences.map(({ name }) => name)).size).toBe(defences.length);
  });

  it.each(defences)('$name: stands in its file once', ({ file, find, replace }) => {
    expect(readFileSync(join(root, file), 'utf8').split(find).length - 1).toBe(1);
    expect(replace).not.toBe(find);
  });

  it.each(defences)('$name: has its test', ({ test }) => {
    expect(test.file).toMatch(/\.test\.ts$/);
    const texts = [...modulesOf(join(root, test.file))].map((file) => readFileSync(file, 'utf8'));
    // In a source, the title may have its quotes escaped.
    expect(texts.filter((text) => text.replaceAll('\\', '').includes(test.name))).not.toEqual([]);
  });
});

/** A test file and the modules of the tests that it imports, and those that they import. */
function modulesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file) || !file.startsWith(testFolder) || !existsSync(file)) return found;
  found.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g))
    modulesOf(resolve(dirname(file), path), found);
  return found;
}
