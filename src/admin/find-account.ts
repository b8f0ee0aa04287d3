/**
 * The account that a request names in its address, as far as the caller sees it.
 */
import type { Account } from '../core/account.ts';
import { isDirectoryName } from '../core/directory-name.ts';
import { Problem } from '../http/problem.ts';
import type { Accounts } from '../services/accounts.ts';
import { type ApiCaller, isInScope } from './caller.ts';

/** How a request names an account. `ignoreScope`: although it is out of the caller's scope. */
interface Sought {
  readonly identity: string;
  readonly ignoreScope: boolean;
}

/**
 * Finds the account. One that is out of the caller's scope is answered for like one that isn't there.
 * @throws Problem when none, or several, have this identity; or when the caller may not ignore the scope as asked.
 */
export async function findAccount(accounts: Accounts, caller: ApiCaller, sought: Sought): Promise<Account> {
  const scope = scopeOf(caller, sought);
  const resolution = await accounts.resolve(sought.identity, ({ profile }) => isInScope(scope, profile.dn));
  switch (resolution.outcome) {
    case 'found':
      return resolution.account;
    case 'not-found':
      throw noSuchAccount();
    case 'ambiguous':
      throw ambiguous(resolution.candidates);
  }
}

export function ambiguous(candidates: readonly Account[]): Problem {
  return new Problem('identity_ambiguous', 'Name the account by its id or extension.', {
    candidates: candidates.map(({ id, profile }) => ({ id, extension: profile.extension })),
  });
}

export function noSuchAccount(): Problem {
  return new Problem('not_found', 'No account has this identity.');
}

/** The scope that holds for this request: Exchange's IgnoreDefaultScope too asks for a DN as identity. */
function scopeOf({ scope, mayIgnoreScope }: ApiCaller, { identity, ignoreScope }: Sought): string | null {
  if (!ignoreScope) return scope;
  if (!mayIgnoreScope) throw new Problem('not_permitted', 'The token may not ignore its scope.');
  if (!isDirectoryName(identity)) {
    throw new Problem('invalid_request', 'With ignoreScope, name the account by its dn.');
  }
  return null;
}
