/** A file of tests that can't be loaded counts as a test that failed, so that a mutant which breaks it isn't taken for unnoticed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createVitest } from 'vitest/node';
import { loadFailures } from './load-failures.ts';
import { temporaryFolder } from './temporary-folder.ts';

const files = {
  'sound.test.ts': "it('is sound', () => {});",
  'broken-at-its-top.test.ts': "throw new Error('broken');\nit('is not reached', () => {});",
  'broken-in-a-group.test.ts': "describe('a group', () => { throw new Error('broken'); });",
};

it('makes a failed test of each file that can not be loaded, and of no other', async () => {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const reporters = [loadFailures()];
  const vitest = await createVitest('test', { root, config: false, watch: false, globals: true, reporters });
  try {
    await vitest.start();
    const outcomes = vitest.state
      .getFiles()
      .map(({ name, tasks }) => [
        name,
        tasks.map((task) => `${task.type} "${task.name}": ${task.result?.state}`).join(),
      ]);
    expect(Object.fromEntries(outcomes)).toEqual({
      'sound.test.ts': 'test "is sound": pass',
      'broken-at-its-top.test.ts': 'test "can be loaded": fail',
      'broken-in-a-group.test.ts': 'test "can be loaded": fail',
    });
  } finally {
    await vitest.close();
  }
});
