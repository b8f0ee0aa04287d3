/**
 * Who a request to the API comes from, and what they may do.
 */
import { isWithin } from '../core/directory-name.ts';
import { mayDo, type Operation, type Role } from '../core/roles.ts';
import { Problem } from '../http/problem.ts';
import type { Actor } from '../services/audit.ts';

/** Whoever bears a valid token. */
export interface ApiCaller {
  readonly actor: Actor;
  readonly role: Role;
  /** The organisational unit that the token is confined to, as a DN; null: all. */
  readonly scope: string | null;
  /** Whether `?ignoreScope=true` lifts that for one request. */
  readonly mayIgnoreScope: boolean;
  /** Unix ms from which the token is refused; null: never. */
  readonly expiresAt: number | null;
}

const callers = new WeakMap<object, ApiCaller>();

/** Notes who a request comes from; done once, by the authentication. */
export function setCaller(request: object, caller: ApiCaller): void {
  callers.set(request, caller);
}

/** @throws Problem when the request wasn't authenticated: a programming mistake that must not open a door. */
export function callerOf(request: object): ApiCaller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Problem('not_authenticated', 'Send a bearer token.');
  return caller;
}

/** @throws Problem `not_permitted` unless the token may do this. */
export function permit({ role, scope }: ApiCaller, operation: Operation): void {
  const isScoped = scope !== null;
  if (mayDo(role, operation, isScoped)) return;
  const who = isScoped ? `The role ${role} within a scope` : `The role ${role}`;
  throw new Problem('not_permitted', `${who} may not do this (${operation}).`);
}

/**
 * Holds a user that is to be stored to the caller's scope.
 * @throws Problem `not_permitted` when its DN, or having none, would put it out of the caller's sight.
 */
export function requireInScope({ scope }: ApiCaller, dn: string | null): void {
  if (isInScope(scope, dn)) return;
  throw new Problem('not_permitted', 'Give a dn within the scope of the token.');
}

/** Whether a token with this scope sees an account with this DN. */
export function isInScope(scope: string | null, dn: string | null): boolean {
  return scope === null || (dn !== null && isWithin(dn, scope));
}
