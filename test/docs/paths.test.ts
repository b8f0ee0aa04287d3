/**
 * Every file that the documents name is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
].filter((path) => path.endsWith('.md'));

/** Paths from the root: links, and code that begins with one of our folders. */
function pathsIn(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8').replaceAll(/```.*?```/gs, '');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) =>
    join(dirname(document), path),
  );
  const named = [...text.matchAll(/`((?:src|test|docs|twiml|bench|scripts)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  return [...links, ...named];
}

test.each(documents)('%s names files that are there', (document) => {
  expect(pathsIn(document).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the documents name files', () => {
  expect(documents.flatMap(pathsIn).length).toBeGreaterThan(50);
});
