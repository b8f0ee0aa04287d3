/**
 * Who a request to the API comes from, and what they may do.
 */
import type { Request } from 'express';
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

/** The caller, if the role may do this. @throws Problem `not_permitted` otherwise. */
export function permit(request: Request<Record<string, string>>, operation: Operation): ApiCaller {
  const caller = callerOf(request);
  if (mayDo(caller.role, operation)) return caller;
  throw new Problem('not_permitted', `The role ${caller.role} may not do this (${operation}).`);
}
