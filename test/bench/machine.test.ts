import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeCommit } from '../../bench/frame/machine.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A repository with a file in each of the places that a measurement touches or depends on. */
function makeRepository(paths: readonly string[]): string {
  const folder = temporaryFolder();
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
  git('init');
  for (const path of paths) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), 'as it was committed');
  }
  git('add', '.');
  git('-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', 'commit', '--message', 'All');
  return folder;
}

const paths = [
  'src/a.ts',
  'twiml/a.xml',
  'bench/a.ts',
  'package-lock.json',
  'bench/results/a.json',
  'docs/a.md',
];

it.each([
  ['src/a.ts', /^[0-9a-f]{10}\+$/],
  ['twiml/a.xml', /^[0-9a-f]{10}\+$/],
  ['bench/a.ts', /^[0-9a-f]{10}\+$/],
  ['package-lock.json', /^[0-9a-f]{10}\+$/],
  ['bench/results/a.json', /^[0-9a-f]{10}$/],
  ['docs/a.md', /^[0-9a-f]{10}$/],
])('a change of %s since the commit is told when figures depend on it', (path, expected) => {
  const folder = makeRepository(paths);
  expect(describeCommit(folder)).toMatch(/^[0-9a-f]{10}$/);
  writeFileSync(join(folder, path), 'changed');
  expect(describeCommit(folder)).toMatch(expected);
});

it('without a repository, no commit is made up', () => {
  expect(describeCommit(temporaryFolder())).toBe('unknown');
});
