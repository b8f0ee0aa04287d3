/**
 * What callers and administrators do, as commands that are run against the model and the service at once. Each reads as a sentence, so
 * that a counterexample is a story.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { manualCall } from '../support/manual-call.ts';
import {
  addUser,
  callerTriesLeft,
  dueChange,
  initialPolicy,
  type Model,
  type ModelPolicy,
  type ModelUser,
  type PinAnswer,
  refusalOf,
  setLock,
  setPin,
  signIn,
  statusOf,
  triesLeft,
  tryPin,
} from './model.ts';

/** One of the services that share a store. */
export interface Instance {
  readonly url: string;
  api(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Readonly<Record<string, unknown>> }>;
  /** How many hashes it has computed. */
  hashes(): Promise<number>;
}

/** The services under test, and the names that this run alone goes by. */
export interface Real {
  readonly instances: readonly Instance[];
  readonly publicOrigin: string;
  readonly authToken: string;
  /** The extension of a slot, and a caller's number. */
  readonly extension: (slot: number) => string;
  readonly caller: (index: number) => string;
  /** A number that nobody has called from. */
  readonly nextCaller: () => string;
  advance(ms: number): Promise<void>;
}

type Command = fc.AsyncCommand<Model, Real>;

/** Users of a run: the first two are there from the start. */
const slots = [0, 1, 2];

/** PINs that every policy of these tests takes, if they are long enough. */
const pins = ['596183', '740296', '271803', '59618374'];

/** A PIN that nobody may have, so it is always wrong. */
const wrongPin = '111111';

const minute = 60_000;

/** What a caller keys when asked for a PIN. */
type Keyed = 'right' | 'wrong' | 'earlier';

function digitsOf(keyed: Keyed, user: ModelUser | undefined): string {
  if (keyed === 'right') return user?.pin?.digits ?? wrongPin;
  return keyed === 'earlier' ? (user?.earlier[0] ?? wrongPin) : wrongPin;
}

/** What an answer says, in one word. */
function heardIn(body: string): string {
  const phrases: readonly [RegExp, string][] = [
    [/You are signed in/, 'signed-in'],
    [/do not match/, 'wrong'],
    [/not your current PIN/, 'wrong'],
    [/account is locked/, 'locked'],
    [/temporary PIN has run out/, 'ran-out'],
    [/too many failed tries/, 'too-many-tries'],
    [/first sign-in, so it is time/, 'new-pin: first-use'],
    [/administrator asks you/, 'new-pin: administrator'],
    [/PIN has expired/, 'new-pin: expired'],
    [/have become stricter/, 'new-pin: policy'],
    [/You can now choose/, 'new-pin: voluntary'],
    [/PIN is too short/, 'too_short'],
    [/used that PIN before/, 'recently_used'],
    [/Enter it once more/, 'confirm'],
    [/PIN has been changed/, 'changed'],
    [/enter the PIN that you have now/, 'current-pin'],
    [/Enter your PIN, then pound/, 'pin'],
    [/Enter your extension/, 'extension'],
  ];
  return phrases.find(([pattern]) => pattern.test(body))?.[1] ?? body;
}

const isOver = (body: string) => body.includes('<Hangup/>');

function toldFailures(body: string): number {
  const [, count = '0'] = /there (?:was|were) (one|\d+) failed/.exec(body) ?? [];
  return count === 'one' ? 1 : Number(count);
}

interface CallPlan {
  readonly slot: number;
  readonly caller: number;
  /** Which instance gets the first webhook; the next one goes to the next. */
  readonly first: number;
  readonly tries: readonly Keyed[];
  /** Whether each PIN's webhook is delivered to two instances at once. */
  readonly isDoubled: boolean;
  /** The new PIN that is keyed if one is asked for, or in the menu. Null: the caller hangs up then. */
  readonly newPin: string | null;
}

/** A caller keys an extension and PINs until they are in or are hung up on, and perhaps sets a new PIN. */
function call(plan: CallPlan): Command {
  const { slot, tries, isDoubled, newPin } = plan;
  return {
    check: () => true,
    toString() {
      const twice = isDoubled ? ', each delivered twice' : '';
      const change = newPin === null ? '' : `, then ${newPin} as a new PIN`;
      return `caller ${plan.caller} keys extension ${slot} and ${tries.join(', ')} PIN${twice}${change}`;
    },
    async run(model, real) {
      const extension = real.extension(slot);
      const caller = real.caller(plan.caller);
      let turn = plan.first;
      const nextUrl = () => real.instances[turn++ % real.instances.length]?.url ?? '';
      const made = manualCall(real.publicOrigin, real.authToken, caller);
      await made.start(nextUrl());
      expect(heardIn((await made.key(nextUrl(), extension)).body)).toBe('pin');

      const keyPin = async (digits: string): Promise<string> => {
        // Both deliveries count against the caller until one has charged the account, so the last try is turned away if it comes twice.
        const isTwice = isDoubled && callerTriesLeft(model, caller) > 1;
        const urls = isTwice ? [nextUrl(), nextUrl()] : [nextUrl()];
        const answers = await Promise.all(urls.map((url) => made.key(url, digits)));
        expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
        return answers[0]?.body ?? '';
      };

      let wrongInCall = 0;
      for (const keyed of tries) {
        const user = model.users.get(extension);
        const digits = digitsOf(keyed, user);
        const body = await keyPin(digits);
        const expected = tryPin(model, extension, digits, caller);
        if (expected === 'right' && user !== undefined) {
          await afterRightPin(
            model,
            user,
            body,
            newPin,
            async (keys) => (await made.key(nextUrl(), keys)).body,
            caller,
            extension,
          );
          break;
        }
        expect(heardIn(body)).toBe(expected satisfies PinAnswer);
        if (expected === 'wrong') wrongInCall += 1;
        const ends = expected !== 'wrong' || wrongInCall >= model.policy.logonFailuresBeforeDisconnect;
        expect(isOver(body)).toBe(ends);
        if (ends) break;
      }
      await compareStatus(model, real, slot, turn);
    },
  };
}

async function afterRightPin(
  model: Model,
  user: ModelUser,
  body: string,
  newPin: string | null,
  key: (keys: string) => Promise<string>,
  caller: string,
  extension: string,
): Promise<void> {
  const due = dueChange(model, user);
  if (due === null) {
    expect([heardIn(body), toldFailures(body)]).toEqual(['signed-in', signIn(user)]);
    if (newPin === null) return;
    expect(heardIn(await key('2'))).toBe('current-pin');
    expect(tryPin(model, extension, user.pin?.digits ?? '', caller)).toBe('right');
    expect(heardIn(await key(user.pin?.digits ?? ''))).toBe('new-pin: voluntary');
  } else {
    expect(heardIn(body)).toBe(`new-pin: ${due}`);
    if (newPin === null) return;
  }
  const refusal = refusalOf(model, user, newPin);
  expect(heardIn(await key(newPin))).toBe(refusal ?? 'confirm');
  if (refusal !== null) return;
  setPin(model, user, newPin, 'owner', false);
  const changed = await key(newPin);
  if (due === null) expect(heardIn(changed)).toBe('changed');
  else expect([heardIn(changed), toldFailures(changed)]).toEqual(['signed-in', signIn(user)]);
}

/** Wrong PINs for one extension, all in flight at once, each from a caller of its own. */
function guessAtOnce(slot: number, guesses: number): Command {
  return {
    check: () => true,
    toString: () => `${guesses} wrong PINs at once for extension ${slot}`,
    async run(model, real) {
      const extension = real.extension(slot);
      const left = Math.min(guesses, triesLeft(model, extension));
      const hashed = async () => {
        const counts = await Promise.all(real.instances.map((instance) => instance.hashes()));
        return counts.reduce((sum, count) => sum + count, 0);
      };
      const calls = await Promise.all(
        Array.from({ length: guesses }, async (_, index) => {
          const url = real.instances[index % real.instances.length]?.url ?? '';
          const made = manualCall(real.publicOrigin, real.authToken, real.nextCaller());
          await made.start(url);
          await made.key(url, extension);
          return () => made.key(url, wrongPin);
        }),
      );
      const before = await hashed();
      const heard = (await Promise.all(calls.map((guess) => guess()))).map(({ body }) => heardIn(body));
      const expected = heard.map(() => tryPin(model, extension, wrongPin, real.nextCaller()));
      expect({ hashes: (await hashed()) - before, heard: heard.sort() }).toEqual({
        hashes: left,
        heard: expected.sort(),
      });
      await compareStatus(model, real, slot, guesses);
    },
  };
}

interface ResetPlan {
  readonly slot: number;
  readonly at: number;
  /** Null: one is generated. */
  readonly pin: string | null;
  readonly pinExpired: boolean;
  readonly lockedOut: boolean;
}

/** An administrator sets a PIN. */
function reset({ slot, at, pin, pinExpired, lockedOut }: ResetPlan): Command {
  return {
    check: () => true,
    toString() {
      const what = pin === null ? 'a generated PIN' : `PIN ${pin}`;
      const how = [...(pinExpired ? ['to be changed'] : []), ...(lockedOut ? ['locked'] : [])];
      return `user ${slot} is given ${[what, ...how].join(', ')}`;
    },
    async run(model, real) {
      const user = model.users.get(real.extension(slot));
      const asked = {
        pinExpired,
        lockedOut,
        sendEmail: false,
        reveal: true,
        ...(pin === null ? {} : { pin }),
      };
      const answer = await instanceOf(real, at).api(
        'POST',
        `/users/${real.extension(slot)}/pin/reset`,
        asked,
      );
      const isTooShort = pin !== null && pin.length < model.policy.minLength;
      expect(answer.status).toBe(user === undefined ? 404 : isTooShort ? 422 : 200);
      if (user === undefined || isTooShort) return;
      setPin(model, user, String(answer.body.pin), pin === null ? 'generated' : 'administrator', pinExpired);
      setLock(user, lockedOut);
      expectStatus(answer.body, model, user);
    },
  };
}

/** An administrator locks, unlocks, or asks for a change. */
function patch(
  slot: number,
  at: number,
  change: { readonly lockedOut?: boolean; readonly pinExpired?: boolean },
): Command {
  return {
    check: () => true,
    toString: () => `user ${slot} is set to ${JSON.stringify(change)}`,
    async run(model, real) {
      const user = model.users.get(real.extension(slot));
      const answer = await instanceOf(real, at).api('PATCH', `/users/${real.extension(slot)}/pin`, change);
      const hasNoPin = change.pinExpired !== undefined && user?.pin === null;
      expect(answer.status).toBe(user === undefined ? 404 : hasNoPin ? 422 : 200);
      if (user === undefined || hasNoPin) return;
      if (change.lockedOut !== undefined) setLock(user, change.lockedOut);
      if (change.pinExpired !== undefined && user.pin !== null) user.pin.changeAsked = change.pinExpired;
      expectStatus(answer.body, model, user);
    },
  };
}

/** The default policy is replaced. */
function setPolicy(at: number, policy: ModelPolicy): Command {
  return {
    check: () => true,
    toString: () => `the policy becomes ${JSON.stringify(differences(policy))}`,
    async run(model, real) {
      await putPolicy(real, policy, at);
      model.policy = policy;
    },
  };
}

function differences(policy: ModelPolicy): Partial<ModelPolicy> {
  const initial: Readonly<Record<string, number>> = { ...initialPolicy };
  return Object.fromEntries(Object.entries(policy).filter(([name, value]) => initial[name] !== value));
}

function addOrRemove(slot: number, at: number): Command {
  return {
    check: () => true,
    toString: () => `user ${slot} is removed, or added if there is none`,
    async run(model, real) {
      const extension = real.extension(slot);
      if (model.users.delete(extension)) {
        expect((await instanceOf(real, at).api('DELETE', `/users/${extension}`)).status).toBe(204);
      } else {
        addUser(model, extension);
        expect((await instanceOf(real, at).api('POST', '/users', { extension })).status).toBe(201);
      }
    },
  };
}

function wait(ms: number, text: string): Command {
  return {
    check: () => true,
    toString: () => `${text} pass`,
    async run(model, real) {
      model.now += ms;
      await real.advance(ms);
    },
  };
}

/** Sets the default policy to that of the model. */
export async function putPolicy(real: Real, policy: ModelPolicy, at = 0): Promise<void> {
  const { status } = await instanceOf(real, at).api('PUT', '/policies/default', {
    ...policy,
    expiryWarningDays: 0,
  });
  expect(status).toBe(200);
}

/** Begins a run: two users with a PIN of their own. */
export async function addFirstUsers(model: Model, real: Real): Promise<void> {
  for (const slot of [0, 1]) {
    const extension = real.extension(slot);
    const pin = pins[slot] ?? '';
    const instance = instanceOf(real, slot);
    await instance.api('POST', '/users', { extension });
    await instance.api('POST', `/users/${extension}/pin/reset`, { pin, pinExpired: false, sendEmail: false });
    addUser(model, extension);
    const user = model.users.get(extension);
    if (user !== undefined) setPin(model, user, pin, 'administrator', false);
  }
}

/** What an administrator reads of a user is what the model says. */
async function compareStatus(model: Model, real: Real, slot: number, at: number): Promise<void> {
  const extension = real.extension(slot);
  const user = model.users.get(extension);
  const answer = await instanceOf(real, at).api('GET', `/users/${extension}/pin`);
  if (user === undefined) {
    expect(answer.status).toBe(404);
    return;
  }
  expectStatus(answer.body, model, user);
}

/** Every user of a run is what the model says, those too that no command was about. */
export async function compareAll(model: Model, real: Real): Promise<void> {
  for (const slot of slots) await compareStatus(model, real, slot, slot);
}

function expectStatus(told: Readonly<Record<string, unknown>>, model: Model, user: ModelUser): void {
  const { lockedUntil, ...expected } = statusOf(model, user);
  const until = lockedUntil === null ? null : new Date(lockedUntil).toISOString();
  expect(told).toMatchObject({ ...expected, lockedUntil: until });
}

function instanceOf({ instances }: Real, at: number): Instance {
  const instance = instances[at % instances.length];
  if (instance === undefined) throw new Error('There is no service to test.');
  return instance;
}

/** The first user has most of it, so that one thing leads to another. */
const anySlot = fc.constantFrom(0, 0, 0, 1, 2);
const anyInstance = fc.constantFrom(0, 1);
const anyPin = fc.constantFrom(...pins);

/** All commands, those of callers more often. */
export function anyCommand(): fc.Arbitrary<Command>[] {
  const plan = fc.record({
    slot: anySlot,
    caller: fc.constantFrom(0, 0, 1),
    first: anyInstance,
    tries: fc.array(fc.constantFrom<Keyed>('right', 'wrong', 'wrong', 'earlier'), {
      minLength: 1,
      maxLength: 4,
    }),
    isDoubled: fc.boolean(),
    newPin: fc.option(anyPin, { nil: null }),
  });
  const policy = fc.record({
    minLength: fc.constantFrom(6, 8),
    lifetimeDays: fc.constantFrom(0, 10),
    maxLogonAttempts: fc.integer({ min: 1, max: 5 }),
    lockoutMinutes: fc.constantFrom(0, 30, 30),
    maxFailuresBeforeHardLock: fc.integer({ min: 5, max: 9 }),
    logonFailuresBeforeDisconnect: fc.integer({ min: 1, max: 3 }),
    temporaryPinHours: fc.constantFrom(0, 72),
  });
  const resetPlan = fc.record({
    slot: anySlot,
    at: anyInstance,
    pin: fc.option(anyPin, { nil: null }),
    pinExpired: fc.boolean(),
    lockedOut: fc.boolean(),
  });
  const change = fc.constantFrom(
    { lockedOut: true },
    { lockedOut: false },
    { lockedOut: false },
    { pinExpired: true },
    { pinExpired: false },
  );
  const someTime = fc.constantFrom<[number, string]>(
    [30 * minute, '30 minutes'],
    [61 * minute, '61 minutes'],
    [11 * 24 * 60 * minute, '11 days'],
  );
  const calls = plan.map(call);
  const guesses = fc
    .tuple(anySlot, fc.integer({ min: 2, max: 7 }))
    .map(([slot, count]) => guessAtOnce(slot, count));
  const patches = fc.tuple(anySlot, anyInstance, change).map(([slot, at, wanted]) => patch(slot, at, wanted));
  const waits = someTime.map(([ms, text]) => wait(ms, text));
  return [
    ...[calls, calls, calls, guesses, guesses, patches, patches, waits, waits],
    resetPlan.map(reset),
    fc.tuple(anyInstance, policy).map(([at, wanted]) => setPolicy(at, wanted)),
    fc.tuple(anySlot, anyInstance).map(([slot, at]) => addOrRemove(slot, at)),
  ];
}
