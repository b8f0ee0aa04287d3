/**
 * The dialogue as `docs/architecture.md` draws it is the dialogue of `step`: the same states, the same ways between them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CallEvent } from '../../src/core/call/event.ts';
import {
  type CallState,
  dialogueRules,
  ringing,
  type Tally,
  type Verified,
} from '../../src/core/call/state.ts';
import { liveStates, step } from '../../src/core/call/step.ts';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { rulesWith } from '../support/rules.ts';

const target = { kind: 'account', id: 'a1' } as const;
const who: Verified = {
  accountId: 'a1',
  extension: '4711',
  name: null,
  rules: dialogueRules(defaultPolicy),
  locale: null,
  pinId: 'p1',
  verifiedAt: 1,
  fingerprints: null,
};
const signIn = { previousSignInAt: null, failedTries: 0, pinSetAt: 0, pinExpiresAt: null };
const newPin = { id: 'p2', hash: { hash: '$argon2id$', pepperId: 'k' }, length: 6 };

/** At least one event of every type; a type that is missing doesn't compile. */
const eventsByType: { readonly [Type in CallEvent['type']]: readonly (CallEvent & { type: Type })[] } = {
  started: [
    { type: 'started', recognised: null },
    { type: 'started', recognised: { target, name: null, extension: '4711', locale: null } },
  ],
  keys: ['', '*', '#', '1', '2', '4711', '314159'].map((digits) => ({ type: 'keys', digits })),
  silence: [{ type: 'silence' }],
  'extension-sealed': [{ type: 'extension-sealed', target }],
  'pin-verified': [
    { type: 'pin-verified', who, due: { kind: 'nothing', signIn } },
    { type: 'pin-verified', who, due: { kind: 'change', reason: 'expired' } },
    { type: 'pin-verified', who, due: { kind: 'warning', days: 3 } },
  ],
  'current-pin-verified': [
    { type: 'current-pin-verified', who, changeableInMinutes: 0 },
    { type: 'current-pin-verified', who, changeableInMinutes: 5 },
  ],
  'pin-wrong': [{ type: 'pin-wrong' }],
  'pin-locked': [{ type: 'pin-locked', lock: { reason: 'failures', at: 0, until: null } }],
  'pin-unchecked': [{ type: 'pin-unchecked' }],
  'temporary-pin-ran-out': [{ type: 'temporary-pin-ran-out' }],
  'turned-away': [{ type: 'turned-away', why: 'busy' }],
  'new-pin-accepted': [{ type: 'new-pin-accepted', newPin }],
  'new-pin-refused': [{ type: 'new-pin-refused', refusal: 'sequence' }],
  'new-pin-different': [{ type: 'new-pin-different' }],
  'new-pin-stored': [{ type: 'new-pin-stored', who, pinSetAt: 1, pinExpiresAt: null }],
  'account-changed': [{ type: 'account-changed' }],
  'signed-in': [{ type: 'signed-in', signIn }],
};
const events: readonly CallEvent[] = Object.values(eventsByType).flat();

/** Fresh calls, and calls in which everything has happened almost too often. */
const tallies: readonly Tally[] = [
  ringing.tally,
  { steps: 99, wrongPins: 0, inputFailures: 0, refusedPins: 0 },
  { steps: 100, wrongPins: 0, inputFailures: 0, refusedPins: 0 },
  { steps: 50, wrongPins: 2, inputFailures: 2, refusedPins: 4 },
];

/** Every way from one state to another, `from --> to`, that some event takes; staying is one, too. */
function waysOfTheCode(): Set<string> {
  const ways = new Set<string>();
  const seen = new Set<string>();
  const left: CallState[] = [ringing];
  for (let state = left.pop(); state !== undefined; state = left.pop()) {
    const key = JSON.stringify({ ...state, tally: null });
    if (seen.has(key) || state.at === 'ended') continue;
    seen.add(key);
    for (const tally of tallies) {
      for (const event of events) {
        for (const handsOver of [false, true]) {
          const next = step({ ...state, tally }, event, rulesWith({}, { handsOver })).state;
          ways.add(`${state.at} --> ${next.at}`);
          left.push(next);
        }
      }
    }
  }
  return ways;
}

/** The diagram's names of states, and its ways between them. */
function readDiagram() {
  const text = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  const diagram = /```mermaid\n(stateDiagram-v2\n[^`]*)```/.exec(text)?.[1] ?? '';
  // Mermaid takes no hyphen in a name, so such states are drawn under another: state "new-pin" as new_pin.
  const names = new Map(
    [...diagram.matchAll(/^ *state "(.+)" as (\w+)$/gm)].map(([, name, id]) => [id, name]),
  );
  const nameOf = (id: string | undefined) => names.get(id) ?? id ?? '';
  const arrows = [...diagram.matchAll(/^ *(\S+) --> (\S+?)(?: *: .*)?$/gm)].map(([, from, to]) => ({
    from: nameOf(from),
    to: nameOf(to),
  }));
  return { diagram, arrows };
}

describe('the diagram of the dialogue', () => {
  const { diagram, arrows } = readDiagram();

  test('has the ways of the code, each once, and no other', () => {
    const drawn = arrows.filter(({ from, to }) => from !== '[*]' && to !== '[*]');
    expect(drawn.map(({ from, to }) => `${from} --> ${to}`).sort()).toEqual([...waysOfTheCode()].sort());
    expect(arrows).toHaveLength(diagram.split('-->').length - 1);
  });

  test('has every state, begins where a call begins, and ends where it ends', () => {
    const states = new Set(arrows.flatMap(({ from, to }) => [from, to]));
    expect([...states].sort()).toEqual(['[*]', 'ended', ...liveStates].sort());
    expect(arrows).toContainEqual({ from: '[*]', to: ringing.at });
    expect(arrows).toContainEqual({ from: 'ended', to: '[*]' });
  });

  test('labels every way', () => {
    const lines = diagram.split('\n').filter((line) => line.includes('-->') && !line.includes('[*]'));
    for (const line of lines) expect(line).toMatch(/^ +\w+ --> \w+ : \S/);
    expect(lines.length).toBeGreaterThan(0);
  });
});
