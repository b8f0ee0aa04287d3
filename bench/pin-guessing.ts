/**
 * How many accounts an attacker opens who knows the rules and guesses the most frequent PINs that they leave.
 *
 *     node --import tsx bench/pin-guessing.ts <file>
 *
 * The file holds a line per four-digit PIN: the PIN, a separator (space, tab, comma or semicolon), its count. People whose
 * PIN is refused are taken to choose among the others as everyone else does.
 */

import { readFileSync } from 'node:fs';
import { type RefusalCode, refusalCodes } from '../src/core/codes.ts';
import { defaultPolicy, shortestPin } from '../src/core/pin/policy.ts';
import { refusals } from '../src/core/pin/refusals.ts';

interface Frequency {
  readonly pin: string;
  readonly count: number;
}

const policy = { ...defaultPolicy, minLength: shortestPin };
const stranger = { extension: '', phoneNumbers: [], displayName: null };
const everyPin = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0'));

/** Most frequent first. A line that is no PIN with its count stops the run. */
function readFrequencies(file: string): Frequency[] {
  const counts = new Map<string, number>();
  readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .forEach((line, i) => {
      if (line.trim() === '') return;
      const [, pin, count] = /^\s*"?([0-9]{4})"?[\s,;]+"?([0-9.eE+-]+)"?\s*$/.exec(line) ?? [];
      if (pin === undefined)
        throw new Error(`${file}:${i + 1}: expected a PIN and its count, found "${line}"`);
      counts.set(pin, (counts.get(pin) ?? 0) + Number(count));
    });
  return [...counts].map(([pin, count]) => ({ pin, count })).sort((a, b) => b.count - a.count);
}

function sum(frequencies: readonly Frequency[]): number {
  return frequencies.reduce((total, { count }) => total + count, 0);
}

function guessed(frequencies: readonly Frequency[], guesses: number): string {
  return `${((100 * sum(frequencies.slice(0, guesses))) / sum(frequencies)).toFixed(2)} %`;
}

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Usage: node --import tsx bench/pin-guessing.ts <file of PIN and count>');
  process.exit(2);
}

const codesOf = new Map(everyPin.map((pin) => [pin, refusals(pin, policy, stranger)]));
const chosen = readFrequencies(file);
const allowed = chosen.filter(({ pin }) => codesOf.get(pin)?.length === 0);

console.log('Accounts opened after          3          10         100 guesses');
for (const [label, frequencies] of [
  ['no rules', chosen],
  ['these rules', allowed],
] as const) {
  console.log(label.padEnd(20), ...[3, 10, 100].map((guesses) => guessed(frequencies, guesses).padStart(11)));
}

const families = new Map<RefusalCode, { all: number; first: number }>();
for (const codes of codesOf.values()) {
  codes.forEach((code, i) => {
    const { all, first } = families.get(code) ?? { all: 0, first: 0 };
    families.set(code, { all: all + 1, first: first + (i === 0 ? 1 : 0) });
  });
}
const refused = [...codesOf.values()].filter((codes) => codes.length > 0).length;
console.log(
  `\nRefused: ${refused} of ${everyPin.length}. By family (in brackets: where it is the first reason):`,
);
for (const code of refusalCodes) {
  const family = families.get(code);
  if (family !== undefined)
    console.log(`  ${code.padEnd(18)} ${String(family.all).padStart(5)} (${family.first})`);
}

console.log('\nThe most frequent that are allowed:');
for (const { pin, count } of allowed.slice(0, 20)) {
  console.log(`  ${pin}  ${((100 * count) / sum(allowed)).toFixed(3)} %`);
}
