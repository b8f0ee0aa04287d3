import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeCommit, describeSource } from '../../scripts/documents/measured-on.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it.each([
  ['src/a.ts', /^[0-9a-f]{7,} with changes$/],
  ['test/new.ts', /^[0-9a-f]{7,} with changes$/],
  ['docs/a.md', /^[0-9a-f]{7,}$/],
])('a commit is told, and that %s is other than it was committed where that matters', (path, expected) => {
  const folder = temporaryFolder();
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
  git('init');
  for (const name of ['src', 'test', 'docs']) mkdirSync(join(folder, name));
  for (const name of ['src/a.ts', 'docs/a.md']) writeFileSync(join(folder, name), 'as it was committed');
  git('add', '.');
  git('-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', 'commit', '--message', 'All');
  expect(describeCommit(folder)).toMatch(/^[0-9a-f]{7,}$/);
  writeFileSync(join(folder, path), 'changed');
  expect(describeCommit(folder)).toMatch(expected);
});

it('without a commit, none is made up', () => {
  expect(() => describeCommit(temporaryFolder())).toThrow();
});

it('the machine stands before the commit', () => {
  expect(describeSource('abc1234')).toMatch(
    /^\d+ cores \(.+\), \d+ GiB, Node [\d.]+, Redis .+, commit abc1234$/,
  );
});
