/**
 * `docs/import.md` lists the columns that there are.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownColumns, presetColumns, presetNames } from '../../src/admin/import/columns.ts';

const [own = '', ofProducts = ''] = readFileSync(
  new URL('../../docs/import.md', import.meta.url),
  'utf8',
).split('\n## From other products\n');

const namesIn = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name.toLowerCase());

test('our own columns stand there, and no other', () => {
  const [, table = ''] = /\| column \|.*\n\|---\|---\|\n((?:\|.*\n)+)/.exec(own) ?? [];
  const first = table.split('\n').flatMap((row) => namesIn(row.split('|')[1] ?? ''));
  expect(first).toEqual(ownColumns.map(({ name }) => name));
});

test('the columns of each preset stand there, and no other', () => {
  const rows = [...ofProducts.matchAll(/^\| `([\w-]+)` \| .* \| (.*) \|$/gm)];
  expect(rows.map(([, preset]) => preset)).toEqual(presetNames);
  for (const [preset, columns] of Object.entries(presetColumns)) {
    const [, , listed = ''] = rows.find(([, name]) => name === preset) ?? [];
    expect(namesIn(listed)).toEqual([...new Set(columns.map(({ name }) => name))]);
  }
});
