/**
 * Calls and administration that run while the store fails, and a model in step with them that knows what must hold by then:
 *
 * 1. nobody hears that they are signed in without their PIN having been verified, by a hash that said so;
 * 2. on an account, no more wrong PINs are hashed than its limit;
 * 3. what was answered as changed is there afterwards;
 * 4. every webhook is answered, with TwiML, in time.
 *
 * Where the store itself may lose what it has answered, as at a failover (`losses`), 3 is counted instead, and each loss may give an account
 * its limit once more, but no more than that.
 *
 * A try that was charged and whose answer the fault ate is never hashed, so what is attacked meanwhile may see fewer hashes than its limit.
 * One account is attacked once all is well again: there the limit is met exactly, or the counting of hashes shows nothing.
 */
import { performance } from 'node:perf_hooks';
import { onTestFinished } from 'vitest';
import { defaultPolicy } from '../../src/core/pin/policy.ts';
import { refusals } from '../../src/core/pin/refusals.ts';
import { WebhookError } from '../../src/phone/webhook-client.ts';
import type { Random } from '../soak/budget.ts';
import { manualCall } from '../support/manual-call.ts';
import type { TestService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';
import { waitedForCoreMs } from './core-wait.ts';
import type { Verification } from './hash-watch.ts';

/** Wrong PINs that an account may be tried with. */
export const limit = 5;

/**
 * The spec's own bound (caller.md, Webhooks); the service answers after 4.5 s at the latest. Requests go straight to the service and faults
 * lie behind it, so no delay of the tests' is in it. But service and callers share a thread here: what that waited for a core, since the
 * machine had other things to do, is taken off.
 */
const inTimeMs = 5000;

/** Settings of the service, so that nothing but an account's own limit ends the guessing. */
export const unlimitedCallers = {
  CALLER_FAILURES_PER_HOUR: '1000000',
  SERVICE_FAILURES_PER_HOUR: '1000000',
};

interface User {
  readonly extension: string;
  /** One of these is the PIN; more than one where a change wasn't answered. */
  pins: string[];
  /** Every PIN that it ever had. */
  readonly formerPins: string[];
  locked: 'yes' | 'no' | 'unknown';
}

/** An account that is only guessed at, by everybody at once, until it is locked; then the next one is. */
interface Victim {
  readonly extension: string;
  readonly pin: string;
  readonly guesses: Set<string>;
}

export interface Findings {
  /** What must not happen and did, each with what led to it. */
  readonly violations: string[];
  readonly webhooks: number;
  /** Webhooks that were answered with an apology. */
  readonly apologies: number;
  readonly slowestMs: number;
  readonly signIns: number;
  /** Changes that were answered as made. */
  readonly changes: number;
  /** Where the store may lose: answered changes that were gone. */
  readonly lostChanges: number;
  /** The most wrong PINs that were hashed for one account. */
  readonly mostHashes: number;
  /** Wrong PINs that were hashed beyond the limits of their accounts, in all. More than none only where the store may lose. */
  readonly guessesGivenBack: number;
}

export interface CallModel {
  /** Makes the users; to be called while all is well. */
  prepare(): Promise<void>;
  /** Lets everybody call and administrate until told to stop. */
  begin(): void;
  /** Resolves once so many webhooks more were answered. */
  answered(webhooks: number): Promise<void>;
  /** Resets the PIN of a user whom nothing else changes, so that what was answered to that is seen at the end. */
  resetWitness(): Promise<void>;
  apologies(): number;
  /** Stops them, looks at everything once all is well again, and says what was found. */
  end(): Promise<Findings>;
}

type Heard = 'signed-in' | 'changed' | 'wrong' | 'locked' | 'refused' | 'apology' | 'other';

interface Options {
  readonly users?: number;
  readonly victims?: number;
  /** Calls at once that guess. */
  readonly guessers?: number;
  /** How often the store may have lost what it had answered, until now. Without it: never. */
  readonly losses?: () => Promise<number>;
}

export function callModel(
  ringkey: TestService,
  verifications: readonly Verification[],
  random: Random,
  { users: userCount = 3, victims: victimCount = 6, guessers = 4, losses }: Options = {},
): CallModel {
  const mayLose = losses !== undefined;
  const violations: string[] = [];
  const story: string[] = [];
  const usedPins = new Set<string>();
  const counts = { webhooks: 0, apologies: 0, signIns: 0, changes: 0, lostChanges: 0, slowestMs: 0 };
  const users: User[] = [];
  const witness = newUser('400000');
  const victims: Victim[] = [];
  /** Attacked at the end alone, one after the other. */
  const lastVictims = ['300000', '300001', '300002'].map(
    (extension): Victim => ({ extension, pin: newPin(), guesses: new Set() }),
  );
  const workers: Promise<void>[] = [];
  let underAttack = 0;
  let isOver = false;

  function newUser(extension: string): User {
    const pin = newPin();
    return { extension, pins: [pin], formerPins: [pin], locked: 'no' };
  }

  function violate(what: string): void {
    violations.push(`${what}\n  after:\n  ${story.slice(-12).join('\n  ')}`);
  }

  function lose(what: string): void {
    if (mayLose) counts.lostChanges += 1;
    else violate(what);
  }

  /** A PIN that no rule refuses and that nobody had or guessed before, so that it tells whose it is. */
  function newPin(): string {
    for (;;) {
      const pin = String(random.below(1_000_000)).padStart(6, '0');
      const person = { extension: '900000', displayName: null, phoneNumbers: [] };
      if (usedPins.has(pin) || refusals(pin, defaultPolicy, person).length > 0) continue;
      usedPins.add(pin);
      return pin;
    }
  }

  /** One call. Every webhook of it is held to invariant 4. */
  function call() {
    const from = `+1555${String(random.below(10_000_000)).padStart(7, '0')}`;
    const by = manualCall(ringkey.service.publicUrl.origin, ringkey.secrets.twilioAuthToken, from);
    async function posted(what: string, post: () => ReturnType<typeof by.start>): Promise<Heard> {
      const [began, waitedBefore] = [performance.now(), waitedForCoreMs()];
      const answer = await post().catch((error: unknown) => {
        if (!(error instanceof WebhookError)) throw error;
        violate(`A webhook wasn't answered: ${error.message}`);
        return null;
      });
      if (answer === null) return 'apology';
      const ms = performance.now() - began;
      const heard = heardIn(answer.body);
      counts.webhooks += 1;
      counts.slowestMs = Math.max(counts.slowestMs, ms);
      if (heard === 'apology') counts.apologies += 1;
      story.push(`${what}: ${heard}`);
      if (story.length > 50) story.shift();
      const type = answer.headers.get('content-type') ?? '';
      if (answer.status !== 200 || !type.startsWith('text/xml') || !answer.body.includes('<Response')) {
        violate(`A webhook was answered with ${answer.status}, ${type}`);
      }
      const waitedMs = waitedForCoreMs() - waitedBefore;
      if (ms - waitedMs > inTimeMs) {
        const times = `${Math.round(ms)} ms, ${Math.round(waitedMs)} ms of them without a core`;
        violate(`A webhook was answered after ${times}`);
      }
      return heard;
    }
    return {
      /** Calls and keys the extension. Whether a PIN is asked for then. */
      async reach(extension: string): Promise<boolean> {
        if ((await posted('call', () => by.start(ringkey.service.url))) !== 'other') return false;
        const heard = await posted(extension, () => by.key(ringkey.service.url, extension));
        return heard === 'other';
      },
      /** Keys a PIN to sign in with. Held to invariant 1. */
      async sign(extension: string, pin: string): Promise<Heard> {
        const before = verifications.length;
        const heard = await posted(`${extension} with ${pin}`, () => by.key(ringkey.service.url, pin));
        if (heard !== 'signed-in') return heard;
        counts.signIns += 1;
        const isVerified = verifications.slice(before).some((one) => one.pin === pin && one.right);
        if (!isVerified) violate(`${extension} is in with ${pin}, which wasn't verified`);
        return heard;
      },
      key: (digits: string) => posted(`keys ${digits}`, () => by.key(ringkey.service.url, digits)),
    };
  }

  async function signIn(user: User, pin: string): Promise<Heard> {
    const caller = call();
    if (!(await caller.reach(user.extension))) return 'apology';
    const heard = await caller.sign(user.extension, pin);
    if (heard === 'signed-in') {
      if (!user.pins.includes(pin)) lose(`${user.extension} is in with ${pin}, which isn't its PIN`);
      if (user.locked === 'yes') lose(`${user.extension} is in although it was locked`);
      user.pins = [pin];
      user.locked = 'no';
    } else if (heard === 'wrong') {
      const others = user.pins.filter((other) => other !== pin);
      if (user.pins.length > 0 && others.length === 0) {
        lose(`${user.extension} isn't let in with ${pin}, which is its PIN`);
        user.pins = [...user.formerPins];
      } else user.pins = others;
    }
    // A try that wasn't answered may have been charged, and the fifth of them locks.
    if (heard !== 'signed-in' && user.locked === 'no') user.locked = 'unknown';
    return heard;
  }

  async function changeByPhone(user: User): Promise<void> {
    const [pin = ''] = user.pins;
    const next = newPin();
    const caller = call();
    if (!(await caller.reach(user.extension))) return;
    if ((await caller.sign(user.extension, pin)) !== 'signed-in') {
      user.locked = 'unknown';
      return;
    }
    if (!user.pins.includes(pin) || user.locked === 'yes') lose(`${user.extension} is in, and shouldn't be`);
    user.pins = [pin];
    for (const keys of ['2', pin, next]) if ((await caller.key(keys)) !== 'other') return;
    user.formerPins.push(next);
    const heard = await caller.key(next);
    if (heard === 'changed') {
      counts.changes += 1;
      user.pins = [next];
      user.locked = 'no';
    } else user.pins = [pin, next];
  }

  async function administrate(
    user: User,
    method: 'POST' | 'PATCH',
    path: string,
    body: object,
    made: () => void,
    perhaps: () => void,
  ): Promise<void> {
    const { status } = await ringkey.api(method, `/users/${user.extension}/pin${path}`, body);
    story.push(`${user.extension} ${JSON.stringify(body)}: ${status}`);
    if (status === 200) {
      counts.changes += 1;
      made();
    } else if (status === 503) perhaps();
    else violate(`The API answered ${status}`);
  }

  async function resetByAdministrator(user: User): Promise<void> {
    const next = newPin();
    user.formerPins.push(next);
    const set = (pins: string[], locked: User['locked']) => () => Object.assign(user, { pins, locked });
    await administrate(
      user,
      'POST',
      '/reset',
      { pin: next, pinExpired: false, sendEmail: false },
      set([next], 'no'),
      set([...user.pins, next], 'unknown'),
    );
  }

  async function setLock(user: User, lockedOut: boolean): Promise<void> {
    const set = (locked: User['locked']) => () => Object.assign(user, { locked });
    await administrate(user, 'PATCH', '', { lockedOut }, set(lockedOut ? 'yes' : 'no'), set('unknown'));
  }

  async function act(user: User): Promise<void> {
    const [pin = ''] = user.pins;
    const actions = [
      () => signIn(user, random.pick(user.pins)),
      () => signIn(user, random.pick(user.pins)),
      () => signIn(user, newPin()),
      () => changeByPhone(user),
      () => resetByAdministrator(user),
      () => setLock(user, true).then(() => signIn(user, pin)),
      () => setLock(user, false),
    ];
    await random.pick(actions)();
  }

  async function guess(victim: Victim): Promise<Heard> {
    const caller = call();
    if (!(await caller.reach(victim.extension))) return 'apology';
    for (;;) {
      const pin = newPin();
      victim.guesses.add(pin);
      const heard = await caller.sign(victim.extension, pin);
      if (heard === 'signed-in') violate(`${victim.extension} is in with the wrong PIN ${pin}`);
      if (heard !== 'wrong' || random.below(2) === 0) return heard;
    }
  }

  async function attack(): Promise<void> {
    const number = underAttack % victims.length;
    const victim = victims[number];
    if (victim !== undefined && (await guess(victim)) === 'locked' && underAttack % victims.length === number)
      underAttack += 1;
  }

  function repeat(act: () => Promise<unknown>): Promise<void> {
    const again = async () => {
      while (!isOver) await act();
    };
    return again().catch((error: unknown) => violate(`Something failed: ${String(error)}`));
  }

  function hashesOf({ guesses }: Victim): number {
    return verifications.filter(({ pin }) => guesses.has(pin)).length;
  }

  async function lookAtUser(user: User): Promise<void> {
    const { body } = await ringkey.api('GET', `/users/${user.extension}/pin`);
    if (user.locked === 'yes' && body.lockedOut !== true) lose(`${user.extension} isn't locked any more`);
    // The likeliest first. Where many changes weren't answered, there are more than may be tried without an unlock.
    const likely = [...new Set([...user.pins].reverse())];
    for (const pin of likely) {
      await setLock(user, false);
      if ((await signIn(user, pin)) === 'signed-in') return;
    }
    for (const pin of [...user.formerPins].reverse()) {
      await setLock(user, false);
      if (mayLose && (await signIn(user, pin)) === 'signed-in') return;
    }
    violate(`${user.extension} is let in with none of its PINs: ${likely.join(', ')}`);
  }

  /** @param most wrong PINs that may have been hashed for it. */
  async function lookAtVictim(victim: Victim, most: number): Promise<void> {
    let heard: Heard = 'other';
    for (let calls = 0; calls < 3 * limit && heard !== 'locked'; calls += 1) heard = await guess(victim);
    if (heard !== 'locked') violate(`${victim.extension} isn't locked after ${limit} wrong PINs`);
    const caller = call();
    await caller.reach(victim.extension);
    if ((await caller.sign(victim.extension, victim.pin)) === 'signed-in')
      violate(`${victim.extension} is in although it is locked`);
    const hashes = hashesOf(victim);
    if (hashes > most)
      violate(`${hashes} wrong PINs were hashed for ${victim.extension}, and ${most} are allowed`);
  }

  /** With the store well, the limit is met exactly. A try that ends with an apology may be charged and not hashed, so it says nothing. */
  async function lookAtLastVictims(): Promise<void> {
    for (const victim of lastVictims) {
      const before = counts.apologies;
      await lookAtVictim(victim, limit);
      if (counts.apologies > before) continue;
      if (hashesOf(victim) !== limit)
        violate(`With the store well, ${hashesOf(victim)} wrong PINs were hashed, not ${limit}`);
      return;
    }
    violate('The store never became well');
  }

  return {
    async prepare() {
      for (let number = 0; number < userCount; number += 1) {
        users.push(newUser(String(100_000 + number)));
      }
      for (const { extension, pins } of [...users, witness]) await ringkey.addUser({ extension }, pins[0]);
      for (let number = 0; number < victimCount; number += 1) {
        const extension = String(200_000 + number);
        const pin = newPin();
        await ringkey.addUser({ extension }, pin);
        victims.push({ extension, pin, guesses: new Set() });
      }
      for (const { extension, pin } of lastVictims) await ringkey.addUser({ extension }, pin);
    },
    begin() {
      onTestFinished(() => {
        isOver = true;
      });
      for (const user of users) workers.push(repeat(() => act(user)));
      for (let number = 0; number < guessers && victims.length > 0; number += 1) workers.push(repeat(attack));
    },
    async answered(webhooks) {
      const enough = counts.webhooks + webhooks;
      await waitUntil(`${webhooks} webhooks are answered`, async () => counts.webhooks >= enough);
    },
    resetWitness: () => resetByAdministrator(witness),
    apologies: () => counts.apologies,
    async end() {
      await waitUntil('the service is ready again', async () => {
        const { status } = await fetch(`${ringkey.service.url}/readyz`);
        return status === 200;
      });
      isOver = true;
      await Promise.all(workers);
      for (const user of [...users, witness]) await lookAtUser(user);
      const attacked = victims.filter(({ guesses }) => guesses.size > 0);
      const most = limit * (1 + ((await losses?.()) ?? 0));
      for (const victim of attacked) await lookAtVictim(victim, most);
      await lookAtLastVictims();
      const hashes = attacked.map(hashesOf);
      return {
        ...counts,
        violations,
        mostHashes: Math.max(0, ...hashes),
        guessesGivenBack: hashes.reduce((sum, count) => sum + Math.max(0, count - limit), 0),
      };
    },
  };
}

function heardIn(body: string): Heard {
  if (/PIN has been changed/.test(body)) return 'changed';
  if (/You are signed in/.test(body)) return 'signed-in';
  if (/do not match/.test(body)) return 'wrong';
  if (/account is locked/.test(body)) return 'locked';
  if (/Enter a different PIN/.test(body)) return 'refused';
  return /technical problem|cannot go on|could not be checked|Many people/.test(body) ? 'apology' : 'other';
}
