/**
 * What each state answers, whole: the next state with all that it carries, and what is said or done. The walks in `step.test.ts` show
 * that the dialogue makes sense; this shows that nothing is lost or made up on the way.
 */
import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../../src/core/call/event.ts';
import type { CallState, Change, SignIn, Tally, Verified } from '../../../src/core/call/state.ts';
import { ringing as begun, dialogueRules } from '../../../src/core/call/state.ts';
import { type Step, step } from '../../../src/core/call/step.ts';
import { policyWith, rulesWith } from '../../support/rules.ts';

const day = 86_400_000;
const now = 1_700_000_000_000;
const rules = rulesWith({ minLength: 7, allowCommonPatterns: false }, { now });
const spoken = { minLength: 7, maxLength: 24, allowCommonPatterns: false };

/** Everything has happened before, and nothing too often. */
const tally: Tally = { steps: 7, wrongPins: 1, inputFailures: 1, refusedPins: 1 };
/** The same after something that the caller did. */
const next: Tally = { ...tally, steps: 8 };

const target = { kind: 'account', id: 'a1' } as const;
const who: Verified = {
  accountId: 'a1',
  extension: '4711',
  name: 'Ada',
  rules: dialogueRules(policyWith({})),
  locale: 'fr-FR',
  pinId: 'p1',
  verifiedAt: 1,
  fingerprints: null,
};
const changed: Verified = { ...who, pinId: 'p2' };
const signIn: SignIn = {
  previousSignInAt: 3,
  failedTries: 2,
  pinSetAt: now - 5 * day,
  pinExpiresAt: now + day,
};
const newPin = { id: 'p2', hash: { hash: 'a hash', pepperId: 'k' }, length: 6 };
const forced: Change = { who, reason: 'expired', signIn: null };
const ofOwnAccord: Change = { who, reason: 'voluntary', signIn };
const early: Change = { who, reason: 'voluntary', signIn: null };

const keys = (digits: string): CallEvent => ({ type: 'keys', digits });
const silence: CallEvent = { type: 'silence' };
const lock = { reason: 'failures', at: now - 1, until: now + 90_001 } as const;
const stored: CallEvent = { type: 'new-pin-stored', who: changed, pinSetAt: now, pinExpiresAt: null };

type Row = readonly [what: string, state: CallState, event: CallEvent, answer: Step];

/** An ending, at a tally. */
function ended(
  at: Tally,
  view: Extract<Step, { view: unknown }>['view'],
  signedIn: Verified | null = null,
): Step {
  return { state: { at: 'ended', tally: at, outcome: view.code, signedIn }, view } as Step;
}

const ringing: CallState = { at: 'ringing', tally };
const extension: CallState = { at: 'extension', tally };
const pin: CallState = { at: 'pin', tally, target };
const verifying: CallState = { at: 'verifying-pin', tally, target };
const choosing: CallState = { at: 'new-pin', tally, change: forced };
const checking: CallState = { at: 'checking-new-pin', tally, change: forced };
const confirming: CallState = { at: 'confirm-pin', tally, change: forced, newPin };
const storing: CallState = { at: 'storing-new-pin', tally, change: forced };
const notice: CallState = { at: 'expiry-notice', tally, who, days: 3 };
const menu: CallState = { at: 'menu', tally, who, signIn };
const current: CallState = { at: 'current-pin', tally, who, signIn };
const verifyingCurrent: CallState = { at: 'verifying-current-pin', tally, who, signIn };
const signing = (how: 'changed' | 'unchanged' | 'kept'): CallState => ({
  at: 'signing-in',
  tally,
  who,
  pin: how,
});

/** Asked again after something that meant nothing. */
const failed: Tally = { ...next, inputFailures: 2 };
const wrong: Tally = { ...tally, wrongPins: 2 };
const refused: Tally = { ...tally, refusedPins: 2 };
const worn: Tally = { ...tally, refusedPins: 4 };
const tired: Tally = { ...tally, refusedPins: 5 };

const rows: readonly Row[] = [
  [
    'a call from nobody that is known',
    ringing,
    { type: 'started', recognised: null },
    { state: { at: 'extension', tally: next }, view: { code: 'welcome' } },
  ],
  [
    'a call from a number of one account',
    ringing,
    { type: 'started', recognised: { target, name: 'Ada', extension: '4711', locale: null } },
    {
      state: { at: 'pin', tally: next, target },
      view: { code: 'welcome-recognised', name: 'Ada', extension: '4711' },
    },
  ],
  ['keys before the call began', ringing, keys('1'), ended(next, { code: 'goodbye-unavailable' })],
  [
    'an extension',
    extension,
    keys('4711'),
    {
      state: { at: 'sealing-extension', tally: next },
      effect: { type: 'seal-extension', extension: '4711' },
    },
  ],
  [
    'an extension of 20 digits',
    extension,
    keys('1'.repeat(20)),
    {
      state: { at: 'sealing-extension', tally: next },
      effect: { type: 'seal-extension', extension: '1'.repeat(20) },
    },
  ],
  ...['', '*', '47*1', '#', '1'.repeat(21)].map(
    (digits): Row => [
      `no extension: "${digits}"`,
      extension,
      keys(digits),
      { state: { at: 'extension', tally: failed }, view: { code: 'extension-again' } },
    ],
  ),
  [
    'no more keys',
    extension,
    silence,
    { state: { at: 'extension', tally: failed }, view: { code: 'extension-again' } },
  ],
  [
    'silence too often',
    { at: 'extension', tally: { ...tally, inputFailures: 2 } },
    silence,
    ended({ ...next, inputFailures: 3 }, { code: 'goodbye-silence' }),
  ],
  [
    'a sealed extension',
    { at: 'sealing-extension', tally },
    { type: 'extension-sealed', target },
    { state: pin, view: { code: 'pin' } },
  ],
  [
    'another extension',
    pin,
    keys('*'),
    { state: { at: 'extension', tally: next }, view: { code: 'extension' } },
  ],
  ...['2718', '2'.repeat(24)].map(
    (digits): Row => [
      `a PIN of ${digits.length} digits`,
      pin,
      keys(digits),
      {
        state: { at: 'verifying-pin', tally: next, target },
        effect: { type: 'verify-pin', target, pin: digits },
      },
    ],
  ),
  ...['', '#', '271', '2718*', '*2718', '2'.repeat(25)].map(
    (digits): Row => [
      `no PIN: "${digits}"`,
      pin,
      keys(digits),
      { state: { at: 'pin', tally: failed, target }, view: { code: 'pin-again' } },
    ],
  ),
  [
    'a right PIN',
    verifying,
    { type: 'pin-verified', who, due: { kind: 'nothing', signIn } },
    {
      state: menu,
      view: { code: 'menu', news: [{ kind: 'signed-in' }, { kind: 'failed-tries', count: 2 }] },
    },
  ],
  [
    'a right PIN that must be changed',
    verifying,
    { type: 'pin-verified', who, due: { kind: 'change', reason: 'expired' } },
    { state: choosing, view: { code: 'new-pin', reason: 'expired', rules: spoken } },
  ],
  [
    'a right PIN that expires soon',
    verifying,
    { type: 'pin-verified', who, due: { kind: 'warning', days: 3 } },
    { state: notice, view: { code: 'expiry-notice', days: 3 } },
  ],
  [
    'a wrong PIN',
    verifying,
    { type: 'pin-wrong' },
    { state: { ...pin, tally: wrong }, view: { code: 'pin-wrong' } },
  ],
  [
    'wrong PINs too often',
    { ...verifying, tally: wrong },
    { type: 'pin-wrong' },
    ended({ ...tally, wrongPins: 3 }, { code: 'goodbye-wrong-pin' }),
  ],
  [
    'a PIN that was never checked',
    verifying,
    { type: 'pin-unchecked' },
    { state: pin, view: { code: 'pin-unchecked' } },
  ],
  [
    'a locked account',
    verifying,
    { type: 'pin-locked', lock: { ...lock, until: null } },
    ended(tally, { code: 'goodbye-locked' }),
  ],
  [
    'a locked account that opens by itself',
    verifying,
    { type: 'pin-locked', lock },
    ended(tally, { code: 'goodbye-locked-for-now', minutes: 2 }),
  ],
  [
    'a temporary PIN',
    verifying,
    { type: 'temporary-pin-ran-out' },
    ended(tally, { code: 'goodbye-temporary-pin' }),
  ],
  ['no room', verifying, { type: 'turned-away', why: 'busy' }, ended(tally, { code: 'goodbye-busy' })],
  [
    'a spent budget',
    verifying,
    { type: 'turned-away', why: 'too-many-tries' },
    ended(tally, { code: 'goodbye-too-many-tries' }),
  ],
  [
    'a changed account',
    verifying,
    { type: 'account-changed' },
    ended(tally, { code: 'goodbye-account-changed' }),
  ],
  [
    'the request again, on star',
    choosing,
    keys('*'),
    { state: { ...choosing, tally: next }, view: { code: 'new-pin-again', rules: spoken } },
  ],
  [
    'a new PIN, of whatever keys',
    choosing,
    keys('31'),
    {
      state: { at: 'checking-new-pin', tally: next, change: forced },
      effect: { type: 'check-new-pin', who, pin: '31', reason: 'expired' },
    },
  ],
  [
    'no new PIN',
    choosing,
    keys(''),
    { state: { ...choosing, tally: failed }, view: { code: 'new-pin-again', rules: spoken } },
  ],
  [
    'a new PIN that will do',
    checking,
    { type: 'new-pin-accepted', newPin },
    { state: confirming, view: { code: 'confirm-pin' } },
  ],
  [
    "a new PIN that won't",
    checking,
    { type: 'new-pin-refused', refusal: 'sequence' },
    {
      state: { ...choosing, tally: refused },
      view: { code: 'new-pin-refused', refusal: 'sequence', rules: spoken },
    },
  ],
  [
    'a fifth refusal where a change was due',
    { ...checking, tally: worn },
    { type: 'new-pin-refused', refusal: 'sequence' },
    ended(tired, { code: 'goodbye-pin-unchanged' }),
  ],
  [
    'a fifth refusal where none was due',
    { ...checking, tally: worn, change: early },
    { type: 'new-pin-refused', refusal: 'sequence' },
    {
      state: { at: 'signing-in', tally: tired, who, pin: 'unchanged' },
      effect: { type: 'record-sign-in', who },
    },
  ],
  [
    'a fifth refusal from the menu',
    { ...checking, tally: worn, change: ofOwnAccord },
    { type: 'new-pin-refused', refusal: 'sequence' },
    { state: { ...menu, tally: tired }, view: { code: 'menu', news: [{ kind: 'pin-unchanged' }] } },
  ],
  [
    'another choice, on star',
    confirming,
    keys('*'),
    { state: { ...choosing, tally: next }, view: { code: 'new-pin-again', rules: spoken } },
  ],
  [
    'a new PIN once more',
    confirming,
    keys('31'),
    {
      state: { at: 'storing-new-pin', tally: next, change: forced },
      effect: { type: 'store-new-pin', who, newPin, confirmation: '31', reason: 'expired' },
    },
  ],
  [
    'no second time',
    confirming,
    keys(''),
    { state: { ...confirming, tally: failed }, view: { code: 'confirm-pin-again' } },
  ],
  [
    'a stored PIN before the sign-in',
    storing,
    stored,
    {
      state: { at: 'signing-in', tally, who: changed, pin: 'changed' },
      effect: { type: 'record-sign-in', who: changed },
    },
  ],
  [
    'a stored PIN from the menu',
    { ...storing, change: ofOwnAccord },
    stored,
    {
      state: { ...menu, who: changed, signIn: { ...signIn, pinSetAt: now, pinExpiresAt: null } },
      view: { code: 'menu', news: [{ kind: 'pin-changed' }] },
    },
  ],
  [
    'two PINs that differ',
    storing,
    { type: 'new-pin-different' },
    { state: { ...choosing, tally: refused }, view: { code: 'new-pin-different' } },
  ],
  [
    'a PIN that was refused after all',
    storing,
    { type: 'new-pin-refused', refusal: 'contains_extension' },
    {
      state: { ...choosing, tally: refused },
      view: { code: 'new-pin-refused', refusal: 'contains_extension', rules: spoken },
    },
  ],
  [
    'a change, since the PIN expires soon',
    notice,
    keys('1'),
    {
      state: { at: 'new-pin', tally: next, change: early },
      view: { code: 'new-pin', reason: 'voluntary', rules: spoken },
    },
  ],
  [
    'no change, though it expires soon',
    notice,
    keys('#'),
    { state: { at: 'signing-in', tally: next, who, pin: 'kept' }, effect: { type: 'record-sign-in', who } },
  ],
  ...[keys('2'), keys(''), silence].map(
    (event): Row => [
      `neither: ${JSON.stringify(event)}`,
      notice,
      event,
      { state: { ...notice, tally: failed }, view: { code: 'expiry-notice-again', days: 3 } },
    ],
  ),
  ...(
    [
      ['changed', [{ kind: 'pin-changed' }]],
      ['unchanged', [{ kind: 'pin-unchanged' }]],
      ['kept', []],
    ] as const
  ).map(
    ([how, news]): Row => [
      `a recorded sign-in, the PIN ${how}`,
      signing(how),
      { type: 'signed-in', signIn },
      {
        state: menu,
        view: { code: 'menu', news: [...news, { kind: 'signed-in' }, { kind: 'failed-tries', count: 2 }] },
      },
    ],
  ),
  [
    'the status',
    menu,
    keys('1'),
    {
      state: { ...menu, tally: next },
      view: {
        code: 'menu-status',
        status: { previousSignInAt: 3, failedTries: 2, pinAgeDays: 5, pinExpiresInDays: 1 },
      },
    },
  ],
  [
    'the status of a PIN that never expires, set by a clock ahead',
    { ...menu, signIn: { previousSignInAt: null, failedTries: 0, pinSetAt: now + 1, pinExpiresAt: null } },
    keys('1'),
    {
      state: {
        ...menu,
        tally: next,
        signIn: { previousSignInAt: null, failedTries: 0, pinSetAt: now + 1, pinExpiresAt: null },
      },
      view: {
        code: 'menu-status',
        status: { previousSignInAt: null, failedTries: 0, pinAgeDays: 0, pinExpiresInDays: null },
      },
    },
  ],
  [
    'a change from the menu',
    menu,
    keys('2'),
    { state: { ...current, tally: next }, view: { code: 'current-pin' } },
  ],
  ['the end', menu, keys('*'), ended(next, { code: 'goodbye' })],
  ...[keys('3'), keys(''), silence].map(
    (event): Row => [
      `nothing on the menu: ${JSON.stringify(event)}`,
      menu,
      event,
      { state: { ...menu, tally: failed }, view: { code: 'menu-again' } },
    ],
  ),
  [
    'the current PIN',
    current,
    keys('2718'),
    {
      state: { ...verifyingCurrent, tally: next },
      effect: { type: 'verify-current-pin', who, pin: '2718' },
    },
  ],
  [
    'back to the menu',
    current,
    keys('*'),
    { state: { ...menu, tally: next }, view: { code: 'menu', news: [{ kind: 'pin-unchanged' }] } },
  ],
  [
    'no current PIN',
    current,
    keys('271'),
    { state: { ...current, tally: failed }, view: { code: 'current-pin-again' } },
  ],
  [
    'a right current PIN',
    verifyingCurrent,
    { type: 'current-pin-verified', who: changed, changeableInMinutes: 0 },
    {
      state: { at: 'new-pin', tally, change: { who: changed, reason: 'voluntary', signIn } },
      view: { code: 'new-pin', reason: 'voluntary', rules: spoken },
    },
  ],
  [
    'a right current PIN too soon',
    verifyingCurrent,
    { type: 'current-pin-verified', who: changed, changeableInMinutes: 1 },
    {
      state: { ...menu, who: changed },
      view: { code: 'menu', news: [{ kind: 'changed-too-recently', minutes: 1 }] },
    },
  ],
  [
    'a wrong current PIN',
    verifyingCurrent,
    { type: 'pin-wrong' },
    { state: { ...current, tally: wrong }, view: { code: 'current-pin-wrong' } },
  ],
  [
    'a current PIN that was never checked',
    verifyingCurrent,
    { type: 'pin-unchecked' },
    { state: current, view: { code: 'current-pin-again' } },
  ],
  [
    'a lock meanwhile',
    verifyingCurrent,
    { type: 'pin-locked', lock },
    ended(tally, { code: 'goodbye-locked-for-now', minutes: 2 }),
  ],
];

describe('the answer to', () => {
  it.each(rows)('%s', (_, state, event, answer) => {
    expect(step(state, event, rules)).toEqual(answer);
  });

  it('a right PIN with an application is the application, and who it is', () => {
    const due = { kind: 'nothing', signIn: { ...signIn, failedTries: 0 } } as const;
    expect(step(verifying, { type: 'pin-verified', who, due }, { ...rules, handsOver: true })).toEqual(
      ended(tally, { code: 'handover', news: [{ kind: 'signed-in' }] }, who),
    );
  });
});

describe('what a state does not expect', () => {
  const states = [
    ringing,
    verifying,
    checking,
    storing,
    signing('kept'),
    verifyingCurrent,
    pin,
    menu,
    current,
    notice,
    choosing,
    confirming,
  ];
  const unexpected: CallEvent[] = [
    { type: 'extension-sealed', target },
    { type: 'new-pin-accepted', newPin },
  ];

  it.each(states)('ends it with an apology, and grants nothing: $at', (state) => {
    for (const event of unexpected) {
      if (state.at === 'checking-new-pin' && event.type === 'new-pin-accepted') continue;
      expect(step(state, event, rules)).toEqual(ended(tally, { code: 'goodbye-unavailable' }));
    }
  });
});

describe('a call', () => {
  it('begins with nothing that went wrong', () => {
    expect(begun).toEqual({
      at: 'ringing',
      tally: { steps: 0, wrongPins: 0, inputFailures: 0, refusedPins: 0 },
    });
  });

  it('keeps of a policy what the dialogue goes by', () => {
    const kept = {
      minLength: 9,
      allowCommonPatterns: true,
      inputFailuresBeforeDisconnect: 4,
      logonFailuresBeforeDisconnect: 5,
    };
    expect(dialogueRules(policyWith({ ...kept, maxLogonAttempts: 7 }))).toEqual(kept);
  });
});
