/**
 * The account that a request names in its address, as far as the caller sees it.
 */
import type { Request } from 'express';
import type { Account } from '../core/account.ts';
import { isDirectoryName } from '../core/directory-name.ts';
import { Problem } from '../http/problem.ts';
import type { Accounts, Resolution } from '../services/accounts.ts';
import { type ApiCaller, callerOf, isInScope } from './caller.ts';

/**
 * Finds the account. One that is out of the caller's scope is answered for like one that isn't there.
 * @throws Problem when none, or several, have this identity; or when the caller may not ignore the scope as asked.
 */
export async function findAccount(
  accounts: Accounts,
  request: Request<{ identity: string }>,
): Promise<Account> {
  const { identity } = request.params;
  const scope = scopeOf(request, callerOf(request));
  const candidates = candidatesOf(await accounts.resolve(identity)).filter(({ profile }) =>
    isInScope(scope, profile.dn),
  );
  const [account] = candidates;
  if (account === undefined) throw noSuchAccount();
  if (candidates.length === 1) return account;
  throw ambiguous(candidates);
}

export function ambiguous(candidates: readonly Account[]): Problem {
  return new Problem('identity_ambiguous', 'Name the account by its id or extension.', {
    candidates: candidates.map(({ id, profile }) => ({ id, extension: profile.extension })),
  });
}

export function noSuchAccount(): Problem {
  return new Problem('not_found', 'No account has this identity.');
}

function candidatesOf(resolution: Resolution): readonly Account[] {
  switch (resolution.outcome) {
    case 'found':
      return [resolution.account];
    case 'not-found':
      return [];
    case 'ambiguous':
      return resolution.candidates;
  }
}

/** The scope that holds for this request: Exchange's IgnoreDefaultScope too asks for a DN as identity. */
function scopeOf(
  request: Request<{ identity: string }>,
  { scope, mayIgnoreScope }: ApiCaller,
): string | null {
  const ignoreScope = new URLSearchParams(request.url.split('?')[1] ?? '').getAll('ignoreScope');
  if (ignoreScope.length === 0) return scope;
  if (ignoreScope.join() !== 'true') {
    throw new Problem('invalid_request', 'Give ignoreScope once, as true, or leave it out.');
  }
  if (!mayIgnoreScope) throw new Problem('not_permitted', 'The token may not ignore its scope.');
  if (!isDirectoryName(request.params.identity)) {
    throw new Problem('invalid_request', 'With ignoreScope, name the account by its dn.');
  }
  return null;
}
