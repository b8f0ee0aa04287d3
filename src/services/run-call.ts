/**
 * Runs a call: each webhook takes the stored call one step further, once. A repeated webhook hears the same again.
 */
import type { CallEvent, Effect } from '../core/call/event.ts';
import {
  type AskingState,
  type CallState,
  type DialogueRules,
  dialogueRules,
  type EndedState,
  ringing,
  type Tally,
  type Verified,
} from '../core/call/state.ts';
import { type Rules, step } from '../core/call/step.ts';
import type { View } from '../core/call/view.ts';
import type { ChangeReason } from '../core/codes.ts';
import type { Locale } from '../core/locale.ts';
import { defaultPolicy } from '../core/pin/policy.ts';
import type { Store, Versioned } from '../store/store.ts';
import type { Accounts } from './accounts.ts';
import type { PinChanges } from './change-pin.ts';
import { callPlace, change, load, swap } from './documents.ts';
import type { Report } from './events.ts';
import type { Policies } from './policies.ts';
import type { SignIns, TryResult } from './sign-in.ts';
import type { Targets } from './targets.ts';

/** What the caller did, as one webhook tells it. */
export type CallerInput = { readonly type: 'keys'; readonly digits: string } | { readonly type: 'silence' };

/** One webhook of a call. `from` is the caller's number, E.164; null when it is withheld. */
export interface CallStep {
  readonly callSid: string;
  readonly from: string | null;
  /** Names the step: random, given out with the answer before, good for one use. */
  readonly stepId: string;
  readonly input: CallerInput;
}

/** What the caller hears now. `stepId` names the step that comes next. */
export interface Answer {
  readonly view: View;
  readonly stepId: string;
  readonly locale: Locale;
  readonly handover: Handover | null;
}

/** What the application is told of a signed-in caller. Stored with the call, so that a repeated webhook gets the same statement. */
export interface Handover {
  readonly caller: Verified;
  /** Names the statement; no other has it. */
  readonly id: string;
  /** Unix ms. */
  readonly issuedAt: number;
}

/**
 * What may be shown of a call to those who build with it. Nothing in it tells an account from an extension that nobody has, or comes
 * from a PIN.
 */
export interface CallGlimpse {
  /** The name of the state; `over` when the call was reported as ended. */
  readonly at: AskingState['at'] | EndedState['at'] | 'over';
  readonly tally: Tally | null;
  /** Why a PIN is to be changed, while one is. */
  readonly reason: ChangeReason | null;
  /** How the call ended for us, once it did. */
  readonly outcome: EndedState['outcome'] | null;
  readonly locale: Locale | null;
}

export interface Calls {
  /** A call comes in. */
  start(callSid: string, from: string | null): Promise<Answer>;
  /** The caller keyed something, or nothing. */
  proceed(callStep: CallStep): Promise<Answer>;
  /** The call is over: what is left of it is that it was. */
  end(callSid: string): Promise<void>;
  /** Where a call is; null when there is none of this id. */
  look(callSid: string): Promise<CallGlimpse | null>;
}

interface Dependencies {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly targets: Targets;
  readonly signIns: SignIns;
  readonly pinChanges: PinChanges;
  readonly policies: Policies;
  readonly handsOver: boolean;
  readonly defaultLocale: Locale;
  /** The language that a call begins in if its caller isn't recognised; null: the default. */
  readonly firstLocaleOf: (callSid: string) => Locale | null;
  readonly clock: () => number;
  /** Random, unguessable, at least 128 bits. */
  readonly randomId: () => string;
  readonly report: Report;
  /** Waits a little before the store is asked again whether another process has answered. */
  readonly pause: (ms: number) => Promise<void>;
}

interface CallDocument {
  readonly schemaVersion: 1;
  readonly state: AskingState | EndedState;
  /** By which the dialogue goes until a PIN is verified. Kept with the call, so that no step has to read them; 0.1.0 didn't. */
  readonly rules?: DialogueRules;
  readonly answer: Answer;
  /** The step that `answer` answers; null: the start. */
  readonly answered: string | null;
}

/** What is left of a call that ended, so that none of its webhooks can begin it anew. */
interface OverDocument {
  readonly schemaVersion: 1;
  readonly over: true;
}

type StoredCall = CallDocument | OverDocument;

/** A step that is through: the caller hears something. */
interface Settled {
  readonly state: AskingState | EndedState;
  readonly view: View;
}

const forgottenAfterMs = 30 * 60_000;
/** A repeated webhook waits up to 3.5 s for the first delivery to be answered. */
const repeatPolls = 35;
const repeatPollMs = 100;

export function createCalls(dependencies: Dependencies): Calls {
  const {
    store,
    accounts,
    targets,
    signIns,
    pinChanges,
    policies,
    handsOver,
    defaultLocale,
    firstLocaleOf,
    clock,
    randomId,
    report,
    pause,
  } = dependencies;

  const place = (callSid: string) => callPlace<StoredCall>(callSid);

  /** @param before those that hold until a PIN is verified. */
  function rulesFor(state: CallState, event: CallEvent, before: DialogueRules): Rules {
    const who = callerOf(event) ?? callerOf(state);
    return { policy: who?.rules ?? before, handsOver, now: clock() };
  }

  /** Takes steps until the caller is asked something or the call ends. Null: another delivery answers this webhook. */
  async function run(
    { state, rules = dialogueRules(defaultPolicy) }: CallDocument,
    event: CallEvent,
    callStep: CallStep,
  ): Promise<Settled | null> {
    let taken = step(state, event, rulesFor(state, event, rules));
    while ('effect' in taken) {
      const result = await perform(taken.effect, callStep);
      const next = result === 'repeated' ? await answeredMeanwhile(callStep) : result;
      if (next === null) return null;
      taken = step(taken.state, next, rulesFor(taken.state, next, rules));
    }
    return taken;
  }

  async function perform(effect: Effect, { callSid, from, stepId }: CallStep): Promise<TryResult> {
    const pinTry = (pin: string) => ({ callSid, attemptId: stepId, from, pin });
    switch (effect.type) {
      case 'seal-extension':
        return { type: 'extension-sealed', target: targets.seal(effect.extension, callSid) };
      case 'verify-pin':
        return signIns.verify(effect.target, pinTry(effect.pin));
      case 'verify-current-pin':
        return signIns.verifyCurrent(effect.who, pinTry(effect.pin));
      case 'check-new-pin':
        return pinChanges.check({ who: effect.who, callSid, reason: effect.reason, pin: effect.pin });
      case 'store-new-pin':
        return pinChanges.store(
          { who: effect.who, callSid, reason: effect.reason, pin: effect.confirmation },
          effect.newPin,
        );
      case 'record-sign-in':
        return signIns.record(effect.who, callSid);
    }
  }

  /** Waits for another delivery of this webhook to be answered. If it isn't, its process died: the try is spent, the caller asked again. */
  async function answeredMeanwhile({ callSid, stepId }: CallStep): Promise<CallEvent | null> {
    for (let polls = 0; polls < repeatPolls; polls += 1) {
      const found = await load(store, place(callSid));
      if (found === null || !isLive(found) || found.value.answered === stepId) return null;
      await pause(repeatPollMs);
    }
    return { type: 'pin-unchecked' };
  }

  /** Stores what came of a step and answers with it, unless the call has moved on meanwhile. */
  async function settle(
    callSid: string,
    found: Versioned<CallDocument> | null,
    answered: string | null,
    taken: Settled,
    rules: DialogueRules | undefined,
    locale: Locale,
  ): Promise<Answer> {
    const { state, view } = taken;
    const answer: Answer = { view, stepId: randomId(), locale, handover: handoverOf(state) };
    const document: CallDocument = { schemaVersion: 1, state, answer, answered, ...(rules && { rules }) };
    const expiresAt = clock() + forgottenAfterMs;
    const result = await swap(store, place(callSid), found?.version ?? null, document, expiresAt);
    if (result === 'conflict') return repeatedAnswer(await load(store, place(callSid)), answered);
    if (state.at === 'ended') report({ type: 'call-ended', callSid, outcome: state.outcome });
    return answer;
  }

  function handoverOf(state: AskingState | EndedState): Handover | null {
    if (state.at !== 'ended' || state.signedIn === null) return null;
    return { caller: state.signedIn, id: randomId(), issuedAt: clock() };
  }

  /** The answer to a webhook that was answered before; for any other, that the call can't go on from there. */
  function repeatedAnswer(found: Versioned<StoredCall> | null, stepId: string | null): Answer {
    if (found !== null && isLive(found) && found.value.answered === stepId) return found.value.answer;
    return { view: { code: 'goodbye-stale' }, stepId: randomId(), locale: defaultLocale, handover: null };
  }

  return {
    async start(callSid, from) {
      const [found, recognised, policy] = await Promise.all([
        load(store, place(callSid)),
        from === null ? null : accounts.recognise(from),
        policies.get(null),
      ]);
      if (found !== null) return repeatedAnswer(found, null);
      const rules = dialogueRules(policy);
      const event: CallEvent = { type: 'started', recognised };
      const taken = step(ringing, event, rulesFor(ringing, event, rules));
      if ('effect' in taken) throw new Error('A call starts with a question.');
      report({ type: 'call-started', callSid, recognised: recognised !== null });
      const locale = recognised?.locale ?? firstLocaleOf(callSid) ?? defaultLocale;
      return settle(callSid, null, null, taken, rules, locale);
    },

    async proceed(callStep) {
      const { callSid, stepId, input } = callStep;
      const found = await load(store, place(callSid));
      if (found === null || !isLive(found) || found.value.answer.stepId !== stepId) {
        return repeatedAnswer(found, stepId);
      }
      const taken = await run(found.value, input, callStep);
      if (taken === null) return repeatedAnswer(await load(store, place(callSid)), stepId);
      return settle(
        callSid,
        found,
        stepId,
        taken,
        found.value.rules,
        callerOf(taken.state)?.locale ?? found.value.answer.locale,
      );
    },

    async end(callSid) {
      const hungUp = await change<StoredCall, boolean>(store, place(callSid), (call) => {
        if (call === null || 'over' in call) return { result: false };
        return {
          put: { schemaVersion: 1, over: true },
          expiresAt: clock() + forgottenAfterMs,
          result: call.state.at !== 'ended',
        };
      });
      if (hungUp) report({ type: 'call-ended', callSid, outcome: 'hung-up' });
    },

    async look(callSid) {
      const found = await load(store, place(callSid));
      if (found === null) return null;
      if (!isLive(found)) return { at: 'over', tally: null, reason: null, outcome: null, locale: null };
      const { state, answer } = found.value;
      return {
        at: state.at,
        tally: state.tally,
        reason: 'change' in state ? state.change.reason : null,
        outcome: state.at === 'ended' ? state.outcome : null,
        locale: answer.locale,
      };
    },
  };
}

function isLive(found: Versioned<StoredCall>): found is Versioned<CallDocument> {
  return !('over' in found.value);
}

/** The verified caller that a state or an event speaks of; null before a PIN was verified. */
function callerOf(subject: CallState | CallEvent): Verified | null {
  if ('change' in subject) return subject.change.who;
  if ('signedIn' in subject) return subject.signedIn;
  return 'who' in subject ? subject.who : null;
}
