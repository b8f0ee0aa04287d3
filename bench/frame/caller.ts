/** Callers: whole calls, a webhook after the other, as the provider would send them. */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type Answer, type Connection, createConnection } from './connection.ts';
import { appUrl, authToken, publicUrl } from './settings.ts';
import { extensionOf, numberOf, pin } from './users.ts';
import { createWebhookRequests, type WebhookFacts } from './webhooks.ts';

/** What a caller was told, by what the TwiML does; `other` is an apology, or anything else that ends the call. */
export type Told = 'keys' | 'in' | 'busy' | 'wrong' | 'other';

/** A call that waits for keys. */
export interface OpenCall {
  readonly callSid: string;
  readonly from: string;
  /** Where the next keys go. */
  readonly keysPath: string;
}

export interface Heard {
  readonly status: number;
  readonly told: Told;
  /** How long the webhook took, in ms, from when it was due if that was before it was sent. */
  readonly ms: number;
  readonly open: OpenCall | null;
}

const requestOf = createWebhookRequests({ publicUrl, authToken });
const actionPattern = /action="https?:\/\/[^/"]+(\/[^"]+)"/;

const newCallSid = (): string => `CA${randomBytes(16).toString('hex')}`;

async function post(connection: Connection, facts: WebhookFacts, dueAt?: number): Promise<Heard> {
  const request = requestOf(facts);
  const began = dueAt ?? performance.now();
  const answer = await connection.send(request);
  const ms = performance.now() - began;
  const keysPath = actionPattern.exec(answer.body)?.[1];
  const open = keysPath === undefined ? null : { callSid: facts.callSid, from: facts.from, keysPath };
  return { status: answer.status, told: toldBy(answer, open !== null), ms, open };
}

function toldBy({ body }: Answer, asksForKeys: boolean): Told {
  if (asksForKeys) return body.includes('do not match') ? 'wrong' : 'keys';
  if (body.includes(appUrl)) return 'in';
  return body.includes('Many people are calling') ? 'busy' : 'other';
}

/**
 * A call comes in.
 * @param caller who calls: each number from a telephone of its own.
 * @param dueAt when it was to come in, as `performance.now()` tells; absent: now.
 */
export function startCall(connection: Connection, caller: number, dueAt?: number): Promise<Heard> {
  return post(connection, { path: '/voice', callSid: newCallSid(), from: numberOf(caller) }, dueAt);
}

export function keyIn(connection: Connection, { callSid, from, keysPath }: OpenCall, digits: string) {
  return post(connection, { path: keysPath, callSid, from, digits });
}

/** The provider reports that a call has ended. */
export function reportEnd(connection: Connection, { callSid, from }: OpenCall): Promise<Heard> {
  return post(connection, { path: '/voice/status', callSid, from, ended: true });
}

export interface WholeCall {
  readonly told: Told;
  /** How long the step with the PIN took, in ms; NaN when the call ended before. */
  readonly pinMs: number;
  /** The slowest of the three webhooks. */
  readonly slowestMs: number;
  /** Whether each was answered with 200. */
  readonly answered: boolean;
}

/**
 * A user calls, keys extension and PIN.
 * @param keyed instead of the right PIN.
 * @param dueAt when the call was to come in, as `performance.now()` tells; absent: now.
 */
export async function signIn(
  connection: Connection,
  user: number,
  keyed = pin,
  dueAt?: number,
): Promise<WholeCall> {
  const incoming = await startCall(connection, user, dueAt);
  if (incoming.open === null) return ended([incoming]);
  const found = await keyIn(connection, incoming.open, extensionOf(user));
  if (found.open === null) return ended([incoming, found]);
  const tried = await keyIn(connection, found.open, keyed);
  return { ...ended([incoming, found, tried]), pinMs: tried.ms };
}

function ended(heard: readonly Heard[]): WholeCall {
  return {
    told: heard.at(-1)?.told ?? 'other',
    pinMs: Number.NaN,
    slowestMs: Math.max(...heard.map(({ ms }) => ms)),
    answered: heard.every(({ status }) => status === 200),
  };
}

/** What came of a call; the last is whatever should not come of it. */
export type Outcome = 'checked' | 'turned away' | 'something else';

/**
 * @param call null: a webhook of it had no answer.
 * @param keyed who keys the right PIN is let in, who keys a wrong one hears so; either may be turned away.
 */
export function outcomeOf(call: WholeCall | null, keyed: 'right' | 'wrong'): Outcome {
  if (call?.told === (keyed === 'right' ? 'in' : 'wrong')) return 'checked';
  return call?.told === 'busy' ? 'turned away' : 'something else';
}

/**
 * Who is turned away hears an apology, and then nobody is on that line for a while: so long until another call takes it. Begun again at
 * once, calls that are turned away within a millisecond would crowd out those that are measured.
 */
export const apologyMs = 3000;

/** Connections to a port, by slot, each made when it is first needed. */
export function connectionsTo(port: number): { of(slot: number): Connection; close(): void } {
  const connections = new Map<number, Connection>();
  return {
    of(slot) {
      const connection = connections.get(slot) ?? createConnection(port);
      connections.set(slot, connection);
      return connection;
    },
    close() {
      for (const connection of connections.values()) connection.close();
      connections.clear();
    },
  };
}
