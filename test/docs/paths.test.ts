/**
 * Every file and every command that the documents name is there, and whoever reads on from README.md comes to each document.
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

function linksIn(text: string, document: string): string[] {
  return [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => join(dirname(document), path));
}

/** Paths from the root: links, and code that begins with one of our folders. */
function pathsIn(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8').replaceAll(/```.*?```/gs, '');
  const links = linksIn(text, document);
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

test.each(documents)('%s names commands that package.json has', (document) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const text = readFileSync(join(root, document), 'utf8');
  const named = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('from README.md, whoever follows links comes to each document', () => {
  const reached = new Set(['README.md']);
  for (const document of reached) {
    if (!document.endsWith('.md')) continue;
    for (const path of linksIn(readFileSync(join(root, document), 'utf8'), document)) {
      // A folder that is linked shows its files.
      for (const other of documents)
        if (other === path || dirname(other) === path.replace(/\/$/, '')) reached.add(other);
    }
  }
  expect(documents.filter((path) => path.startsWith('docs/') && !reached.has(path))).toEqual([]);
});
