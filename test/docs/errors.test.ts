/**
 * The codes that `docs/errors.md` lists are the codes that there are.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refusalCodes } from '../../src/core/codes.ts';
import { problems } from '../../src/http/problem.ts';

const [ofProblems = '', ofRefusals = ''] = readFileSync(
  new URL('../../docs/errors.md', import.meta.url),
  'utf8',
).split('\n## Why a PIN is refused\n');

test('every problem stands there with its status and what to do, and no other', () => {
  const rows = [...ofProblems.matchAll(/^\| `(\w+)` \| (\d{3}) \| \S.+ \|$/gm)];
  expect(rows.map(([, code, status]) => ({ code, status: Number(status) }))).toEqual(
    Object.entries(problems).map(([code, { status }]) => ({ code, status })),
  );
});

test('every refusal of a PIN stands there with what it means, and no other', () => {
  const rows = [...ofRefusals.matchAll(/^\| `(\w+)` \| \S.+ \|$/gm)];
  expect(rows.map(([, code]) => code)).toEqual(refusalCodes);
});
