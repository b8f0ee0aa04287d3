import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallEvent, Due, Effect } from '../../../src/core/call/event.ts';
import {
  type CallState,
  dialogueRules,
  ringing,
  type SignIn,
  type Verified,
} from '../../../src/core/call/state.ts';
import { type Rules, type Step, step } from '../../../src/core/call/step.ts';
import type { View } from '../../../src/core/call/view.ts';
import { defaultPolicy } from '../../../src/core/pin/policy.ts';
import { rulesWith } from '../../support/rules.ts';

const target = { kind: 'account', id: 'a1' } as const;
const who: Verified = {
  accountId: 'a1',
  extension: '4711',
  name: 'Ada',
  rules: dialogueRules(defaultPolicy),
  locale: null,
  pinId: 'p1',
  verifiedAt: 1,
  fingerprints: null,
};
const changed: Verified = { ...who, pinId: 'p2' };
const signIn: SignIn = { previousSignInAt: null, failedTries: 0, pinSetAt: 0, pinExpiresAt: null };
const newPin = { id: 'p2', hash: { hash: '$argon2id$', pepperId: 'k' }, length: 6 };

const started: CallEvent = { type: 'started', recognised: null };
const keys = (digits: string): CallEvent => ({ type: 'keys', digits });
const verified = (due: Due): CallEvent => ({ type: 'pin-verified', who, due });
const accepted: CallEvent = { type: 'new-pin-accepted', newPin };
const stored: CallEvent = { type: 'new-pin-stored', who: changed, pinSetAt: 5, pinExpiresAt: null };
const found: CallEvent = { type: 'extension-sealed', target };

interface Walk {
  readonly state: CallState;
  readonly views: readonly View['code'][];
  readonly effects: readonly Effect['type'][];
  readonly last: View | null;
}

/** Plays events one after the other. */
function walk(events: readonly CallEvent[], rules: Rules = rulesWith()): Walk {
  return events.reduce<Walk>(
    ({ state, views, effects, last }, event) => {
      const taken: Step = step(state, event, rules);
      return 'view' in taken
        ? { state: taken.state, views: [...views, taken.view.code], effects, last: taken.view }
        : { state: taken.state, views, effects: [...effects, taken.effect.type], last };
    },
    { state: ringing, views: [], effects: [], last: null },
  );
}

const toPin = [started, keys('4711'), found];
const toMenu = [...toPin, keys('271828'), verified({ kind: 'nothing', signIn })];
const toNewPin = [...toPin, keys('271828'), verified({ kind: 'change', reason: 'expired' })];

describe('signing in', () => {
  it('asks for extension and PIN, and reaches the menu', () => {
    expect(walk(toMenu)).toMatchObject({
      views: ['welcome', 'pin', 'menu'],
      effects: ['seal-extension', 'verify-pin'],
      state: { at: 'menu' },
    });
  });

  it('hands the call over when there is an application', () => {
    const walked = walk(toMenu, rulesWith({}, { handsOver: true }));
    expect(walked.last).toEqual({ code: 'handover', news: [{ kind: 'signed-in' }] });
    expect(walked.state).toMatchObject({ at: 'ended', signedIn: who });
  });

  it('asks a recognised caller for the PIN at once, and lets them be someone else', () => {
    const recognised: CallEvent = {
      type: 'started',
      recognised: { target, name: 'Ada', extension: '4711', locale: null },
    };
    expect(walk([recognised, keys('*')]).views).toEqual(['welcome-recognised', 'extension']);
  });

  it('tells of failed tries before', () => {
    const events = [
      ...toPin,
      keys('271828'),
      verified({ kind: 'nothing', signIn: { ...signIn, failedTries: 2 } }),
    ];
    expect(walk(events).last).toMatchObject({
      code: 'menu',
      news: [{ kind: 'signed-in' }, { kind: 'failed-tries', count: 2 }],
    });
  });
});

describe('wrong PINs, silence and unusable keys', () => {
  const wrong: CallEvent = { type: 'pin-wrong' };
  const silence: CallEvent = { type: 'silence' };

  it('ends the call politely after three wrong PINs, whoever they were tried for', () => {
    const two = [keys('111111'), wrong, keys('*'), keys('4712'), found, keys('111111'), wrong];
    expect(walk([...toPin, ...two]).views.at(-1)).toBe('pin-wrong');
    expect(walk([...toPin, ...two, keys('222222'), wrong]).views.at(-1)).toBe('goodbye-wrong-pin');
  });

  it('asks again in other words, and ends after three in the whole call, charging nothing', () => {
    const walked = walk([started, silence, keys('12*'), keys('4711'), found, keys('12')]);
    expect(walked.views).toEqual(['welcome', 'extension-again', 'extension-again', 'pin', 'goodbye-silence']);
    expect(walked.effects).toEqual(['seal-extension']);
  });

  it.each(['', '123', '*12', '1234*', '1'.repeat(25)])('never tries the keys "%s" as a PIN', (digits) => {
    expect(walk([...toPin, keys(digits)])).toMatchObject({ views: ['welcome', 'pin', 'pin-again'] });
  });

  it('tells a locked account so, with the minutes where they are known', () => {
    const { now } = rulesWith();
    const locked = (until: number | null): CallEvent => ({
      type: 'pin-locked',
      lock: { reason: 'failures', at: 0, until },
    });
    expect(walk([...toPin, keys('111111'), locked(null)]).last).toEqual({ code: 'goodbye-locked' });
    expect(walk([...toPin, keys('111111'), locked(now + 61_000)]).last).toEqual({
      code: 'goodbye-locked-for-now',
      minutes: 2,
    });
  });
});

describe('a forced change', () => {
  it('says why, takes the new PIN twice, stores it, and only then signs in', () => {
    const walked = walk([
      ...toNewPin,
      keys('314159'),
      accepted,
      keys('314159'),
      stored,
      { type: 'signed-in', signIn },
    ]);
    expect(walked.views).toEqual(['welcome', 'pin', 'new-pin', 'confirm-pin', 'menu']);
    expect(walked.effects.slice(2)).toEqual(['check-new-pin', 'store-new-pin', 'record-sign-in']);
    expect(walked.last).toMatchObject({ news: [{ kind: 'pin-changed' }, { kind: 'signed-in' }] });
  });

  it('says the request again on star, chooses another on star, and speaks the reason of a refusal', () => {
    const refused: CallEvent = { type: 'new-pin-refused', refusal: 'sequence' };
    const walked = walk([
      ...toNewPin,
      keys('*'),
      keys('123456'),
      refused,
      keys('314159'),
      accepted,
      keys('*'),
    ]);
    expect(walked.views.slice(2)).toEqual([
      'new-pin',
      'new-pin-again',
      'new-pin-refused',
      'confirm-pin',
      'new-pin-again',
    ]);
  });

  it('is given up after five refused or mistyped PINs, and leaves the old one', () => {
    const mistyped = [keys('314159'), accepted, keys('314158'), { type: 'new-pin-different' } as const];
    const refused = [keys('1'), { type: 'new-pin-refused', refusal: 'too_short' } as const];
    const walked = walk([...toNewPin, ...mistyped, ...refused, ...mistyped, ...refused, ...refused]);
    expect(walked.views.at(-1)).toBe('goodbye-pin-unchanged');
  });

  it('ends when an administrator changed the account meanwhile', () => {
    const walked = walk([...toNewPin, keys('314159'), accepted, keys('314159'), { type: 'account-changed' }]);
    expect(walked.views.at(-1)).toBe('goodbye-account-changed');
  });
});

describe('a timed lock', () => {
  const toldOf = (ms: number) => {
    const { now } = rulesWith();
    const lock = { reason: 'failures', at: now, until: now + ms } as const;
    return walk([...toPin, keys('271828'), { type: 'pin-locked', lock }]).last;
  };

  it('is told in minutes, rounded up, and never as none', () => {
    expect(toldOf(60_001)).toEqual({ code: 'goodbye-locked-for-now', minutes: 2 });
    expect(toldOf(60_000)).toEqual({ code: 'goodbye-locked-for-now', minutes: 1 });
    expect(toldOf(-1)).toEqual({ code: 'goodbye-locked-for-now', minutes: 1 });
  });
});

describe('what can not be', () => {
  const signedIn: CallEvent = { type: 'signed-in', signIn };

  it.each<[string, readonly CallEvent[], CallEvent]>([
    ['ringing', [], keys('4711')],
    ['extension', [started], found],
    ['sealing-extension', [started, keys('4711')], signedIn],
    ['pin', toPin, verified({ kind: 'nothing', signIn })],
    ['verifying-pin', [...toPin, keys('271828')], signedIn],
    ['new-pin', toNewPin, stored],
    ['checking-new-pin', [...toNewPin, keys('314159')], stored],
    ['confirm-pin', [...toNewPin, keys('314159'), accepted], stored],
    ['storing-new-pin', [...toNewPin, keys('314159'), accepted, keys('314159')], signedIn],
    ['signing-in', [...toNewPin, keys('314159'), accepted, keys('314159'), stored], { type: 'pin-wrong' }],
    ['menu', toMenu, stored],
    ['current-pin', [...toMenu, keys('2')], { type: 'pin-wrong' }],
    ['verifying-current-pin', [...toMenu, keys('2'), keys('271828')], stored],
  ])('ends the call in %s with an apology', (at, before, event) => {
    expect(walk(before).state.at).toBe(at);
    expect(walk([...before, event]).last).toEqual({ code: 'goodbye-unavailable' });
  });
});

describe('the length of a call', () => {
  it('is a hundred things that a caller does', () => {
    const repeated = (times: number) => walk([...toMenu, ...Array(times).fill(keys('1'))]);
    expect(repeated(97).last?.code).toBe('menu-status');
    expect(repeated(98).last?.code).toBe('goodbye-too-long');
  });
});

describe('the expiry notice', () => {
  const toNotice = [...toPin, keys('271828'), verified({ kind: 'warning', days: 3 })];

  it('goes on with pound and changes with one', () => {
    expect(walk([...toNotice, keys('#'), { type: 'signed-in', signIn }]).views.at(-1)).toBe('menu');
    expect(walk([...toNotice, keys('1')]).last).toMatchObject({ code: 'new-pin', reason: 'voluntary' });
  });

  it('signs in with the old PIN when the change is given up, since none was due', () => {
    const refused = [keys('1'), { type: 'new-pin-refused', refusal: 'too_short' } as const];
    const walked = walk([
      ...toNotice,
      keys('1'),
      ...Array(5).fill(refused).flat(),
      { type: 'signed-in', signIn },
    ]);
    expect(walked.last).toMatchObject({
      code: 'menu',
      news: [{ kind: 'pin-unchanged' }, { kind: 'signed-in' }],
    });
  });
});

describe('the menu', () => {
  it('tells the status', () => {
    const day = 86_400_000;
    const { now } = rulesWith();
    const known = {
      previousSignInAt: 7,
      failedTries: 1,
      pinSetAt: now - 2 * day,
      pinExpiresAt: now + day / 2,
    };
    const walked = walk([...toPin, keys('271828'), verified({ kind: 'nothing', signIn: known }), keys('1')]);
    expect(walked.last).toEqual({
      code: 'menu-status',
      status: { previousSignInAt: 7, failedTries: 1, pinAgeDays: 2, pinExpiresInDays: 1 },
    });
  });

  it('refuses a change that is a minute too soon', () => {
    const walked = walk([
      ...toMenu,
      keys('2'),
      keys('271828'),
      { type: 'current-pin-verified', who, changeableInMinutes: 1 },
    ]);
    expect(walked.last).toMatchObject({ news: [{ kind: 'changed-too-recently', minutes: 1 }] });
  });

  it('tells no age below none of a PIN that a process with a clock ahead has set', () => {
    const { now } = rulesWith();
    const ahead = { ...signIn, pinSetAt: now + 1000, pinExpiresAt: now - 1000 };
    const walked = walk([...toPin, keys('271828'), verified({ kind: 'nothing', signIn: ahead }), keys('1')]);
    expect(walked.last).toMatchObject({ status: { pinAgeDays: 0, pinExpiresInDays: 0 } });
  });

  it('asks for the current PIN before a change, and refuses one too soon after the last', () => {
    const toCurrent = [...toMenu, keys('2'), keys('271828')];
    const current = (changeableInMinutes: number): CallEvent => ({
      type: 'current-pin-verified',
      who,
      changeableInMinutes,
    });
    expect(walk([...toCurrent, current(0)]).last).toMatchObject({ code: 'new-pin', reason: 'voluntary' });
    expect(walk([...toCurrent, current(9)]).last).toMatchObject({
      code: 'menu',
      news: [{ kind: 'changed-too-recently', minutes: 9 }],
    });
    const done = walk([...toCurrent, current(0), keys('314159'), accepted, keys('314159'), stored]);
    expect(done.last).toMatchObject({ code: 'menu', news: [{ kind: 'pin-changed' }] });
    expect(done.effects).not.toContain('record-sign-in');
  });

  it('counts wrong current PINs like any others, goes back on star, and signs out on star', () => {
    const wrong = [keys('111111'), { type: 'pin-wrong' } as const];
    expect(walk([...toMenu, keys('2'), ...wrong, ...wrong, ...wrong]).views.at(-1)).toBe('goodbye-wrong-pin');
    expect(walk([...toMenu, keys('2'), keys('*')]).last).toMatchObject({ code: 'menu' });
    expect(walk([...toMenu, keys('*')]).views.at(-1)).toBe('goodbye');
  });
});

/** Everything that can happen, in any order, whether or not it makes sense. */
const digits = fc.oneof(
  fc.constantFrom('', '*', '#', '1', '2', '4711', '314159', '999999'),
  fc.stringMatching(/^[0-9*#]{0,26}$/),
);
const event: fc.Arbitrary<CallEvent> = fc.oneof(
  { weight: 6, arbitrary: digits.map(keys) },
  fc.constantFrom<CallEvent>(
    started,
    { type: 'silence' },
    found,
    verified({ kind: 'nothing', signIn }),
    verified({ kind: 'change', reason: 'first-use' }),
    verified({ kind: 'warning', days: 2 }),
    { type: 'current-pin-verified', who, changeableInMinutes: 0 },
    { type: 'pin-wrong' },
    { type: 'pin-unchecked' },
    { type: 'pin-locked', lock: { reason: 'failures', at: 0, until: null } },
    { type: 'temporary-pin-ran-out' },
    { type: 'turned-away', why: 'busy' },
    accepted,
    { type: 'new-pin-refused', refusal: 'sequence' },
    { type: 'new-pin-different' },
    stored,
    { type: 'account-changed' },
    { type: 'signed-in', signIn },
  ),
);

/** What the surroundings could answer to an effect. */
function resultsOf(effect: Effect): fc.Arbitrary<CallEvent> {
  const denied: CallEvent[] = [{ type: 'turned-away', why: 'too-many-tries' }, { type: 'account-changed' }];
  const tried: CallEvent[] = [
    { type: 'pin-wrong' },
    { type: 'pin-unchecked' },
    { type: 'temporary-pin-ran-out' },
  ];
  switch (effect.type) {
    case 'seal-extension':
      return fc.constant(found);
    case 'verify-pin':
      return fc.constantFrom(
        ...denied,
        ...tried,
        verified({ kind: 'nothing', signIn }),
        verified({ kind: 'change', reason: 'policy' }),
        verified({ kind: 'warning', days: 1 }),
      );
    case 'verify-current-pin':
      return fc.constantFrom<CallEvent>(...denied, ...tried, {
        type: 'current-pin-verified',
        who,
        changeableInMinutes: 0,
      });
    case 'check-new-pin':
      return fc.constantFrom<CallEvent>(...denied, accepted, {
        type: 'new-pin-refused',
        refusal: 'sequence',
      });
    case 'store-new-pin':
      return fc.constantFrom<CallEvent>(...denied, stored, { type: 'new-pin-different' });
    case 'record-sign-in':
      return fc.constantFrom<CallEvent>(...denied, { type: 'signed-in', signIn });
  }
}

function isSignedIn(state: CallState): boolean {
  return state.at === 'menu' || (state.at === 'ended' && state.signedIn !== null);
}

describe('any sequence of events', () => {
  it('reaches "signed in" only with a verified PIN and, where a change is due, a stored one', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, handsOver) => {
        const rules = rulesWith({}, { handsOver });
        let state: CallState = ringing;
        let isVerified = false;
        let isChangeDue = false;
        for (const happened of events) {
          const working: boolean = state.at === 'verifying-pin';
          const storing: boolean = state.at === 'storing-new-pin';
          if (working && happened.type === 'pin-verified') {
            isVerified = true;
            isChangeDue = happened.due.kind === 'change';
          }
          if (storing && happened.type === 'new-pin-stored') isChangeDue = false;
          state = step(state, happened, rules).state;
          if (isSignedIn(state))
            expect({ isVerified, isChangeDue }).toEqual({ isVerified: true, isChangeDue: false });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps no keyed digit in a state', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.stringMatching(/^[5-9]{12}$/), (events, canary) => {
        let state: CallState = ringing;
        for (const happened of events) {
          state = step(state, happened.type === 'keys' ? keys(canary) : happened, rulesWith()).state;
          expect(JSON.stringify(state)).not.toContain(canary);
        }
      }),
    );
  });

  it('leaves an ended call ended', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const ended = walk([started, { type: 'silence' }, { type: 'silence' }, { type: 'silence' }]);
        const after = walk([
          started,
          { type: 'silence' },
          { type: 'silence' },
          { type: 'silence' },
          ...events,
        ]);
        expect(after.state).toEqual(ended.state);
        expect(after.views.slice(4)).toEqual(events.map(() => 'goodbye-stale'));
      }),
    );
  });
});

describe('any call', () => {
  it('ends, whatever the caller keys and whatever comes of it', () => {
    fc.assert(
      fc.property(fc.infiniteStream(digits), fc.gen(), fc.boolean(), (stream, gen, handsOver) => {
        const rules = rulesWith(
          { inputFailuresBeforeDisconnect: 20, logonFailuresBeforeDisconnect: 20 },
          { handsOver },
        );
        let taken = step(ringing, started, rules);
        for (let webhooks = 0; webhooks <= 101; webhooks += 1) {
          while ('effect' in taken) {
            const { effect } = taken;
            taken = step(
              taken.state,
              gen(() => resultsOf(effect)),
              rules,
            );
          }
          if (taken.state.at === 'ended') return;
          const next = stream.next().value ?? '';
          taken = step(taken.state, next === '' ? { type: 'silence' } : keys(next), rules);
        }
        throw new Error('The call went on for ever.');
      }),
    );
  });
});
