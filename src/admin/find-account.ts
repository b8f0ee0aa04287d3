/**
 * The account that a request names in its address.
 */
import type { Request } from 'express';
import type { Account } from '../core/account.ts';
import { Problem } from '../http/problem.ts';
import type { Accounts } from '../services/accounts.ts';

/** @throws Problem when none, or several, have this identity. */
export async function findAccount(
  accounts: Accounts,
  request: Request<{ identity: string }>,
): Promise<Account> {
  const resolution = await accounts.resolve(request.params.identity);
  switch (resolution.outcome) {
    case 'found':
      return resolution.account;
    case 'not-found':
      throw noSuchAccount();
    case 'ambiguous':
      throw new Problem('identity_ambiguous', 'Name the account by its id or extension.', {
        candidates: resolution.candidates.map(({ id, profile }) => ({ id, extension: profile.extension })),
      });
  }
}

export function noSuchAccount(): Problem {
  return new Problem('not_found', 'No account has this identity.');
}
