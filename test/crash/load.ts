/**
 * Administrators and callers at work, and a ledger of what they were answered: what was answered must be there after a crash, what was
 * under way may be.
 */
import { WebhookError } from '../../src/phone/webhook-client.ts';
import type { Random } from '../soak/budget.ts';
import { manualCall } from '../support/manual-call.ts';
import type { CheapService, ServiceProcess } from '../support/service-process.ts';

/** What is known of a user. */
export interface KnownUser {
  readonly id: string;
  readonly extension: string;
  readonly email: string;
  /** The PINs that it may have now: one, or two while a change isn't answered. Null: none. */
  pins: readonly (string | null)[];
  /** The failures that it must have at least, and may have at most. */
  failed: { least: number; most: number };
  /** Whether it may be locked, and may be open. */
  locked: readonly boolean[];
}

export interface Ledger {
  readonly users: Map<string, KnownUser>;
  /** Extensions that several administrators wanted at once; who was answered that they have it. */
  readonly contested: Map<string, string[]>;
  /** PINs that were to be mailed, by address, and answered. */
  readonly mailed: { readonly to: string; readonly pin: string }[];
  answers: number;
}

export function newLedger(): Ledger {
  return { users: new Map(), contested: new Map(), mailed: [], answers: 0 };
}

export interface Work {
  /** Resolves when so many more requests were answered. */
  answered(count: number): Promise<void>;
  /** Resolves when all that was under way has ended. No new work is begun from then on. */
  stop(): Promise<void>;
}

/** What was under way got no answer, a broken one, or one that says nothing. */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** Administrators, each with users of its own, so that the order of what was answered is known. */
const workers = 6;

/** Begins to work, and goes on until it is stopped, whatever becomes of the service. */
export function beginWork(service: ServiceProcess, ledger: Ledger, random: Random, round: number): Work {
  let isStopped = false;
  let wanted = Number.POSITIVE_INFINITY;
  let reached = () => {};

  async function work(worker: number): Promise<void> {
    let own: KnownUser | null = null;
    for (let turn = 0; !isStopped; turn += 1) {
      try {
        if (own === null || random.below(12) === 0) {
          await contest(service, ledger, round, turn);
          own = await addUser(service, ledger, `${round}${worker}${turn}`);
        } else await random.pick(actions)(service, ledger, own, random);
        ledger.answers += 1;
        if (ledger.answers >= wanted) reached();
      } catch (error) {
        if (!isExpected(error)) throw error;
        // What became of this user is known at the next look.
        own = null;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  const all = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return {
    async answered(count) {
      const enough = new Promise<void>((resolve) => {
        wanted = ledger.answers + count;
        reached = resolve;
      });
      await Promise.race([enough, all]);
    },
    async stop() {
      isStopped = true;
      await all;
    },
  };
}

/** No answer, of the API or to a webhook. Any other error is a mistake of the service or of these tests. */
function isExpected(error: unknown): boolean {
  return error instanceof Unanswered || error instanceof WebhookError;
}

/** @throws Unanswered when the connection breaks, before the answer or in the middle of it, or when the answer says nothing. */
async function ask(service: ServiceProcess, method: string, path: string, body?: unknown) {
  const answer = await service.api(method, path, body).catch((cause: unknown) => {
    throw new Unanswered(`${method} ${path} was not answered.`, { cause });
  });
  if (answer.status >= 500) throw new Unanswered(String(answer.body.code));
  return answer;
}

async function addUser(service: ServiceProcess, ledger: Ledger, name: string): Promise<KnownUser> {
  const email = `user-${name}@example.com`;
  const extension = `7${name.padStart(10, '0')}`;
  const { status, body } = await ask(service, 'POST', '/users', {
    extension,
    email,
    displayName: 'Ada Lovelace',
  });
  if (status !== 201) throw new Unanswered(JSON.stringify(body));
  const user = {
    id: String(body.id),
    extension,
    email,
    pins: [null],
    failed: { least: 0, most: 0 },
    locked: [false],
  };
  ledger.users.set(user.id, user);
  return user;
}

/** All administrators want the same extension. */
async function contest(service: ServiceProcess, ledger: Ledger, round: number, turn: number): Promise<void> {
  const extension = `8${String(round).padStart(5, '0')}${String(turn % 3)}`;
  const winners = ledger.contested.get(extension) ?? [];
  ledger.contested.set(extension, winners);
  const { status, body } = await ask(service, 'POST', '/users', { extension });
  if (status === 201) winners.push(String(body.id));
}

type Action = (service: ServiceProcess, ledger: Ledger, user: KnownUser, random: Random) => Promise<void>;

const actions: readonly Action[] = [
  async function reset(service, ledger, user, random) {
    const pin = newPin(random);
    const { failed } = user;
    user.pins = [...user.pins, pin];
    user.failed = { ...failed, least: 0 };
    user.locked = [...user.locked, false];
    const { status, body } = await ask(service, 'POST', `/users/${user.id}/pin/reset`, {
      pin,
      pinExpired: false,
    });
    if (status !== 200) throw new Unanswered(JSON.stringify(body));
    ledger.mailed.push({ to: user.email, pin });
    Object.assign(user, { pins: [pin], failed: { least: 0, most: 0 }, locked: [false] });
  },
  async function lockOrUnlock(service, _ledger, user, random) {
    const lockedOut = random.below(2) === 0;
    user.locked = [...user.locked, lockedOut];
    if (!lockedOut) user.failed = { ...user.failed, least: 0 };
    const { status, body } = await ask(service, 'PATCH', `/users/${user.id}/pin`, { lockedOut });
    if (status !== 200) throw new Unanswered(JSON.stringify(body));
    user.locked = [lockedOut];
    if (!lockedOut) user.failed = { least: 0, most: 0 };
  },
  guess,
  guess,
  async function change(service, _ledger, user, random) {
    const [pin] = user.pins;
    if (pin === undefined || pin === null || user.locked.includes(true)) return;
    const chosen = newPin(random);
    user.failed = { least: 0, most: user.failed.most + 1 };
    const call = await callTo(service, user.extension);
    const inside = await call.key(service.url, pin);
    if (!/You are signed in/.test(inside.body)) throw new Unanswered(inside.body);
    user.failed = { least: 0, most: 0 };
    await call.key(service.url, '2');
    user.failed = { least: 0, most: 1 };
    const asked = await call.key(service.url, pin);
    if (!/choose a new PIN/.test(asked.body)) throw new Unanswered(asked.body);
    user.failed = { least: 0, most: 0 };
    await call.key(service.url, chosen);
    user.pins = [pin, chosen];
    const changed = await call.key(service.url, chosen);
    if (!/PIN has been changed/.test(changed.body)) throw new Unanswered(changed.body);
    user.pins = [chosen];
  },
];

/** A wrong PIN. */
async function guess(service: ServiceProcess, _ledger: Ledger, user: KnownUser): Promise<void> {
  const call = await callTo(service, user.extension);
  user.failed = { ...user.failed, most: user.failed.most + 1 };
  const { body } = await call.key(service.url, '111111');
  if (/account is locked/.test(body)) user.failed = { ...user.failed, most: user.failed.most - 1 };
  else if (/do not match/.test(body)) user.failed = { ...user.failed, least: user.failed.least + 1 };
  else throw new Unanswered(body);
}

/** A call that was asked for its PIN. */
async function callTo(service: CheapService, extension: string) {
  const call = manualCall(service.publicOrigin, service.authToken);
  await call.start(service.url);
  const asked = await call.key(service.url, extension);
  if (!/Enter your PIN/.test(asked.body)) throw new Unanswered(asked.body);
  return call;
}

/** Eight digits that no rule refuses but by a very long chance. */
function newPin(random: Random): string {
  return `${4 + random.below(6)}${1_000_000 + random.below(8_999_999)}`;
}

/** What isn't there of what was answered, in sentences. Users that were looked at are known for certain afterwards. */
export async function missing(service: ServiceProcess, users: Iterable<KnownUser>): Promise<string[]> {
  const problems: string[] = [];
  for (const user of users) {
    const { id, failed, locked, pins } = user;
    const { status, body } = await answered(
      () => service.api('GET', `/users/${id}/pin`),
      (answer) => answer.status === 503,
    );
    if (status !== 200) {
      problems.push(`User ${id} was made and is gone (${status}).`);
      continue;
    }
    const failures = Number(body.failedAttempts);
    if (failures < failed.least || failures > failed.most)
      problems.push(`User ${id} has ${failures} failures, not ${failed.least} to ${failed.most}.`);
    if (!locked.includes(body.lockedOut === true)) problems.push(`User ${id} has lost or gained a lock.`);
    user.pins = pins.filter((pin) => (pin !== null) === body.pinSet);
    if (user.pins.length === 0) problems.push(`User ${id} has lost or gained a PIN.`);
    Object.assign(user, { failed: { least: failures, most: failures }, locked: [body.lockedOut === true] });
    if (body.lockedOut !== true && body.pinSet === true) problems.push(...(await findPin(service, user)));
  }
  return problems;
}

async function signIn(service: ServiceProcess, extension: string, pin: string) {
  const call = manualCall(service.publicOrigin, service.authToken);
  await call.start(service.url);
  await call.key(service.url, extension);
  return call.key(service.url, pin);
}

/** Asks again, a few times: that the store didn't answer for a moment, as while a disk stands still, says nothing of what is in it. */
async function answered<Answer>(
  ask: () => Promise<Answer>,
  isNone: (answer: Answer) => boolean,
): Promise<Answer> {
  let answer = await ask();
  for (let again = 0; again < 5 && isNone(answer); again += 1) answer = await ask();
  return answer;
}

/** Tries the PINs that a user may have. */
async function findPin(service: ServiceProcess, user: KnownUser): Promise<string[]> {
  for (const pin of user.pins) {
    if (pin === null) continue;
    const { body } = await answered(
      () => signIn(service, user.extension, pin),
      (answer) => answer.body.includes('technical problem'),
    );
    if (!/You are signed in/.test(body)) continue;
    Object.assign(user, { pins: [pin], failed: { least: 0, most: 0 } });
    return [];
  }
  return [`User ${user.id} can't sign in with any PIN that was answered.`];
}
