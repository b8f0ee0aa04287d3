/**
 * The dialogue. `step` takes a call from one state to the next and says what the caller hears, or what must be done first.
 * One function per state; the table in `docs/architecture.md` is drawn from here.
 */
import type { RefusalCode } from '../codes.ts';
import type { Lock } from '../lockout.ts';
import { longestPin, shortestPin } from '../pin/policy.ts';
import type { CallEvent, Due, Effect } from './event.ts';
import type {
  AskingState,
  CallState,
  Change,
  DialogueRules,
  EndedState,
  SignIn,
  StateAt,
  Tally,
  Verified,
  WorkingState,
} from './state.ts';
import type { AccountStatus, AskingView, ClosingView, News, PinRules, View } from './view.ts';

/** What a step depends on besides state and event. */
export interface Rules {
  /** Before a PIN is verified: the default policy, so that no extension is told from another. After: the account's. */
  readonly policy: DialogueRules;
  /** Whether an application takes signed-in calls over. */
  readonly handsOver: boolean;
  /** Unix ms. */
  readonly now: number;
}

/** Either the caller hears something and the call waits, or an effect is due and the call goes on with its result. */
export type Step =
  | { readonly state: AskingState | EndedState; readonly view: View }
  | { readonly state: WorkingState; readonly effect: Effect };

/** A change of PIN is given up after this many refused or mistyped PINs in a call. */
const refusedPinsPerCall = 5;

/** A call that takes longer is not a sign-in any more; this also ends the keys that could be pressed for ever. */
const stepsPerCall = 100;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const extensionPattern = /^[0-9]{1,20}$/;
const pinPattern = new RegExp(`^[0-9]{${shortestPin},${longestPin}}$`);

/** One step of the dialogue. An event that a state doesn't expect ends the call: nothing is ever granted by surprise. */
export function step(state: CallState, event: CallEvent, rules: Rules): Step {
  if (state.at === 'ended') return { state, view: { code: 'goodbye-stale' } };
  if (event.type === 'turned-away') {
    return end(
      state.tally,
      event.why === 'busy' ? { code: 'goodbye-busy' } : { code: 'goodbye-too-many-tries' },
    );
  }
  if (event.type === 'account-changed') return end(state.tally, { code: 'goodbye-account-changed' });
  if (!isFromCaller(event)) return stepIn(state, event, rules);
  const tally = { ...state.tally, steps: state.tally.steps + 1 };
  if (tally.steps > stepsPerCall) return end(tally, { code: 'goodbye-too-long' });
  return stepIn({ ...state, tally }, event, rules);
}

type LiveState = Exclude<CallState, EndedState>;

type Handlers = {
  readonly [Name in LiveState['at']]: (state: StateAt<Name>, event: CallEvent, rules: Rules) => Step;
};

const handlers: Handlers = {
  ringing(state, event) {
    if (event.type !== 'started') return unexpected(state);
    const { recognised } = event;
    return recognised === null
      ? ask({ at: 'extension', tally: state.tally }, { code: 'welcome' })
      : ask(
          { at: 'pin', tally: state.tally, target: recognised.target },
          { code: 'welcome-recognised', name: recognised.name, extension: recognised.extension },
        );
  },

  extension(state, event, rules) {
    if (event.type === 'keys' && extensionPattern.test(event.digits)) {
      return work(
        { at: 'sealing-extension', tally: state.tally },
        { type: 'seal-extension', extension: event.digits },
      );
    }
    return again(state, event, { code: 'extension-again' }, rules);
  },

  'sealing-extension'(state, event) {
    if (event.type !== 'extension-sealed') return unexpected(state);
    return ask({ at: 'pin', tally: state.tally, target: event.target }, { code: 'pin' });
  },

  pin(state, event, rules) {
    if (event.type === 'keys' && event.digits === '*') {
      return ask({ at: 'extension', tally: state.tally }, { code: 'extension' });
    }
    if (event.type === 'keys' && pinPattern.test(event.digits)) {
      return work(
        { ...state, at: 'verifying-pin' },
        { type: 'verify-pin', target: state.target, pin: event.digits },
      );
    }
    return again(state, event, { code: 'pin-again' }, rules);
  },

  'verifying-pin'(state, event, rules) {
    const retry: AskingState = { ...state, at: 'pin' };
    switch (event.type) {
      case 'pin-verified':
        return afterVerified(state.tally, event.who, event.due, rules);
      case 'pin-wrong':
        return wrongPin(retry, { code: 'pin-wrong' }, rules);
      case 'pin-unchecked':
        return ask(retry, { code: 'pin-unchecked' });
      default:
        return deniedPin(state, event, rules);
    }
  },

  'new-pin'(state, event, rules) {
    const { change } = state;
    if (event.type === 'keys' && event.digits === '*') {
      return ask(state, { code: 'new-pin-again', rules: spokenRules(rules.policy) });
    }
    if (event.type === 'keys' && event.digits !== '') {
      return work(
        { ...state, at: 'checking-new-pin' },
        { type: 'check-new-pin', who: change.who, pin: event.digits, reason: change.reason },
      );
    }
    return again(state, event, { code: 'new-pin-again', rules: spokenRules(rules.policy) }, rules);
  },

  'checking-new-pin'(state, event, rules) {
    const { change, tally } = state;
    switch (event.type) {
      case 'new-pin-accepted':
        return ask({ at: 'confirm-pin', tally, change, newPin: event.newPin }, { code: 'confirm-pin' });
      case 'new-pin-refused':
        return refusedPin(tally, change, refusalView(event.refusal, rules));
      default:
        return unexpected(state);
    }
  },

  'confirm-pin'(state, event, rules) {
    const { change, newPin, tally } = state;
    if (event.type === 'keys' && event.digits === '*') {
      return ask(
        { at: 'new-pin', tally, change },
        { code: 'new-pin-again', rules: spokenRules(rules.policy) },
      );
    }
    if (event.type === 'keys' && event.digits !== '') {
      const { who, reason } = change;
      return work(
        { at: 'storing-new-pin', tally, change },
        { type: 'store-new-pin', who, newPin, confirmation: event.digits, reason },
      );
    }
    return again(state, event, { code: 'confirm-pin-again' }, rules);
  },

  'storing-new-pin'(state, event, rules) {
    const { change, tally } = state;
    switch (event.type) {
      case 'new-pin-stored': {
        if (change.signIn === null) return signIn(tally, event.who, 'changed');
        const { pinSetAt, pinExpiresAt } = event;
        return menu(tally, event.who, { ...change.signIn, pinSetAt, pinExpiresAt }, [
          { kind: 'pin-changed' },
        ]);
      }
      case 'new-pin-different':
        return refusedPin(tally, change, { code: 'new-pin-different' });
      case 'new-pin-refused':
        return refusedPin(tally, change, refusalView(event.refusal, rules));
      default:
        return unexpected(state);
    }
  },

  'expiry-notice'(state, event, rules) {
    const { who, tally, days } = state;
    if (event.type === 'keys' && event.digits === '1') {
      return askNewPin(tally, { who, reason: 'voluntary', signIn: null }, rules);
    }
    if (event.type === 'keys' && event.digits === '#') return signIn(tally, who, 'kept');
    return again(state, event, { code: 'expiry-notice-again', days }, rules);
  },

  'signing-in'(state, event, rules) {
    if (event.type !== 'signed-in') return unexpected(state);
    return signedIn(state.tally, state.who, event.signIn, newsOf(state.pin), rules);
  },

  menu(state, event, rules) {
    if (event.type !== 'keys') return again(state, event, { code: 'menu-again' }, rules);
    switch (event.digits) {
      case '1':
        return ask(state, { code: 'menu-status', status: statusOf(state.signIn, rules.now) });
      case '2':
        return ask({ ...state, at: 'current-pin' }, { code: 'current-pin' });
      case '*':
        return end(state.tally, { code: 'goodbye' });
      default:
        return again(state, event, { code: 'menu-again' }, rules);
    }
  },

  'current-pin'(state, event, rules) {
    const { tally, who } = state;
    if (event.type === 'keys' && event.digits === '*')
      return menu(tally, who, state.signIn, [{ kind: 'pin-unchanged' }]);
    if (event.type === 'keys' && pinPattern.test(event.digits)) {
      return work(
        { ...state, at: 'verifying-current-pin' },
        { type: 'verify-current-pin', who, pin: event.digits },
      );
    }
    return again(state, event, { code: 'current-pin-again' }, rules);
  },

  'verifying-current-pin'(state, event, rules) {
    const { tally, signIn } = state;
    const retry: AskingState = { ...state, at: 'current-pin' };
    switch (event.type) {
      case 'current-pin-verified':
        return event.changeableInMinutes > 0
          ? menu(tally, event.who, signIn, [
              { kind: 'changed-too-recently', minutes: event.changeableInMinutes },
            ])
          : askNewPin(tally, { who: event.who, reason: 'voluntary', signIn }, rules);
      case 'pin-wrong':
        return wrongPin(retry, { code: 'current-pin-wrong' }, rules);
      case 'pin-unchecked':
        return ask(retry, { code: 'current-pin-again' });
      default:
        return deniedPin(state, event, rules);
    }
  },
};

/** The states of the dialogue that a call can leave again, for the documentation and its test. */
export const liveStates = Object.keys(handlers) as readonly LiveState['at'][];

function stepIn<Name extends LiveState['at']>(
  state: LiveState & { at: Name },
  event: CallEvent,
  rules: Rules,
): Step {
  const handler: Handlers[Name] = handlers[state.at];
  return handler(state as StateAt<Name>, event, rules);
}

function isFromCaller(event: CallEvent): boolean {
  return event.type === 'keys' || event.type === 'silence' || event.type === 'started';
}

function ask(state: AskingState, view: AskingView): Step {
  return { state, view };
}

function work(state: WorkingState, effect: Effect): Step {
  return { state, effect };
}

function end(tally: Tally, view: ClosingView, signedIn: Verified | null = null): Step {
  return { state: { at: 'ended', tally, outcome: view.code, signedIn }, view };
}

/** Fails closed: what can't be understood ends the call with an apology. */
function unexpected(state: CallState): Step {
  return end(state.tally, { code: 'goodbye-unavailable' });
}

/** Silence, or keys that mean nothing here: asked again in other words, and given up after a few times. Charges nothing. */
function again(state: AskingState, event: CallEvent, view: AskingView, { policy }: Rules): Step {
  if (event.type !== 'keys' && event.type !== 'silence') return unexpected(state);
  const inputFailures = state.tally.inputFailures + 1;
  const tally = { ...state.tally, inputFailures };
  return inputFailures >= policy.inputFailuresBeforeDisconnect
    ? end(tally, { code: 'goodbye-silence' })
    : ask({ ...state, tally }, view);
}

function wrongPin(state: AskingState, view: AskingView, { policy }: Rules): Step {
  const wrongPins = state.tally.wrongPins + 1;
  const tally = { ...state.tally, wrongPins };
  return wrongPins >= policy.logonFailuresBeforeDisconnect
    ? end(tally, { code: 'goodbye-wrong-pin' })
    : ask({ ...state, tally }, view);
}

/** What a PIN can come back as when it was neither right nor wrong. */
function deniedPin(state: CallState, event: CallEvent, { now }: Rules): Step {
  switch (event.type) {
    case 'pin-locked':
      return end(state.tally, lockedView(event.lock, now));
    case 'temporary-pin-ran-out':
      return end(state.tally, { code: 'goodbye-temporary-pin' });
    default:
      return unexpected(state);
  }
}

function lockedView(lock: Lock, now: number): ClosingView {
  return lock.until === null
    ? { code: 'goodbye-locked' }
    : { code: 'goodbye-locked-for-now', minutes: Math.max(1, Math.ceil((lock.until - now) / minuteMs)) };
}

function afterVerified(tally: Tally, who: Verified, due: Due, rules: Rules): Step {
  switch (due.kind) {
    case 'nothing':
      return signedIn(tally, who, due.signIn, [], rules);
    case 'change':
      return askNewPin(tally, { who, reason: due.reason, signIn: null }, rules);
    case 'warning':
      return ask(
        { at: 'expiry-notice', tally, who, days: due.days },
        { code: 'expiry-notice', days: due.days },
      );
  }
}

function askNewPin(tally: Tally, change: Change, { policy }: Rules): Step {
  return ask(
    { at: 'new-pin', tally, change },
    { code: 'new-pin', reason: change.reason, rules: spokenRules(policy) },
  );
}

/** A new PIN that was refused, or keyed differently the second time. */
function refusedPin(tally: Tally, change: Change, view: AskingView): Step {
  const counted = { ...tally, refusedPins: tally.refusedPins + 1 };
  if (counted.refusedPins < refusedPinsPerCall) return ask({ at: 'new-pin', tally: counted, change }, view);
  if (change.reason !== 'voluntary') return end(counted, { code: 'goodbye-pin-unchanged' });
  return change.signIn === null
    ? signIn(counted, change.who, 'unchanged')
    : menu(counted, change.who, change.signIn, [{ kind: 'pin-unchanged' }]);
}

function refusalView(refusal: RefusalCode, { policy }: Rules): AskingView {
  return { code: 'new-pin-refused', refusal, rules: spokenRules(policy) };
}

function signIn(tally: Tally, who: Verified, pin: StateAt<'signing-in'>['pin']): Step {
  return work({ at: 'signing-in', tally, who, pin }, { type: 'record-sign-in', who });
}

function signedIn(tally: Tally, who: Verified, signIn: SignIn, before: readonly News[], rules: Rules): Step {
  const failures: readonly News[] =
    signIn.failedTries === 0 ? [] : [{ kind: 'failed-tries', count: signIn.failedTries }];
  const news: readonly News[] = [...before, { kind: 'signed-in' }, ...failures];
  return rules.handsOver ? end(tally, { code: 'handover', news }, who) : menu(tally, who, signIn, news);
}

function menu(tally: Tally, who: Verified, signIn: SignIn, news: readonly News[]): Step {
  return ask({ at: 'menu', tally, who, signIn }, { code: 'menu', news });
}

function newsOf(pin: StateAt<'signing-in'>['pin']): readonly News[] {
  switch (pin) {
    case 'changed':
      return [{ kind: 'pin-changed' }];
    case 'unchanged':
      return [{ kind: 'pin-unchanged' }];
    case 'kept':
      return [];
  }
}

function statusOf(signIn: SignIn, now: number): AccountStatus {
  const { previousSignInAt, failedTries, pinSetAt, pinExpiresAt } = signIn;
  return {
    previousSignInAt,
    failedTries,
    // Another process, whose clock is a little ahead, may have set the PIN.
    pinAgeDays: Math.max(0, Math.floor((now - pinSetAt) / dayMs)),
    pinExpiresInDays: pinExpiresAt === null ? null : Math.max(0, Math.ceil((pinExpiresAt - now) / dayMs)),
  };
}

function spokenRules({ minLength, allowCommonPatterns }: DialogueRules): PinRules {
  return { minLength, maxLength: longestPin, allowCommonPatterns };
}
