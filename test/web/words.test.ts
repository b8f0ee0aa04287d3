/**
 * What the pages say in words and figures is what the service knows in codes and ranges.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingGroups } from '../../pages/admin/policy-settings.js';
import { toCsv } from '../../pages/shared/csv.js';
import { events, lockReasons, refusals } from '../../pages/shared/words.js';
import { lockReasons as lockReasonCodes, refusalCodes } from '../../src/core/codes.ts';
import { defaultPolicy, policyRanges } from '../../src/core/pin/policy.ts';
import { auditEvents } from '../../src/services/audit.ts';

test('every refusal, every reason of a lock, and every event has its words, and nothing else has', () => {
  expect(Object.keys(refusals)).toEqual(refusalCodes);
  expect(Object.keys(lockReasons)).toEqual(lockReasonCodes);
  expect(Object.keys(events).sort()).toEqual([...auditEvents].sort());
});

test('every setting of a policy stands in the form, with its range', () => {
  const settings = settingGroups.flatMap((group) => group.settings);
  expect(settings.map(({ name }) => name).sort()).toEqual(Object.keys(defaultPolicy).sort());
  const ranges = settings.flatMap(({ name, min, max }) => (min === undefined ? [] : [[name, [min, max]]]));
  expect(Object.fromEntries(ranges)).toEqual(policyRanges);
});

test('a table as CSV keeps what it holds, and nothing of it is a formula', () => {
  const rows = [
    ['a,b', 'say "x"', 'two\nlines'],
    ['=1+1', '+1', '-1', '@x', '\tx', '\rx', '0123'],
  ];
  expect(toCsv(rows)).toBe(
    `"a,b","say ""x""","two\nlines"\r\n"'=1+1","'+1","'-1","'@x","'\tx","'\rx","0123"\r\n`,
  );
});

test('no page holds what would put text into it unescaped', () => {
  const folder = new URL('../../pages/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.js'),
  );
  expect(sources.length).toBeGreaterThan(20);
  for (const path of sources) {
    const text = readFileSync(new URL(path, folder), 'utf8');
    expect(text).not.toMatch(/innerHTML|InnerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  }
});
