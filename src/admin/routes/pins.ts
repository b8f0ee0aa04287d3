/**
 * `/users/{identity}/pin`: the PIN of one account.
 */
import type { PinStatus } from '../../core/pin-status.ts';
import type { Operation } from '../../core/roles.ts';
import { Problem } from '../../http/problem.ts';
import type { Accounts } from '../../services/accounts.ts';
import type { PinAdministration, StatusChange } from '../../services/reset-pin.ts';
import { changedStatusAnswer, dryRunBody, resetAnswer, statusAnswer, statusBody } from '../bodies.ts';
import { permit } from '../caller.ts';
import { findAccount, noSuchAccount } from '../find-account.ts';
import { type Route, route } from '../route.ts';
import { accountChangeQuery, identityParam, pinChange, pinReset, scopeQuery } from '../schemas.ts';

export function createPinRoutes(accounts: Accounts, pins: PinAdministration): Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/users/:identity/pin',
        operation: 'pins.read',
        summary: 'Read the status of a PIN',
        description: 'The look is recorded in the audit trail.',
        params: identityParam,
        query: scopeQuery,
        answers: { 200: { description: 'The status.', json: statusAnswer } },
        problems: ['not_found', 'identity_ambiguous'],
      },
      async ({ caller, params, query, response }) => {
        const { id } = await findAccount(accounts, caller, { ...params, ...query });
        response.json(foundBody(await pins.status(id, caller.actor)));
      },
    ),
    route(
      {
        method: 'patch',
        path: '/users/:identity/pin',
        operation: 'pins.read',
        furtherOperations: ['pins.lock', 'pins.unlock', 'pins.expire'],
        summary: 'Lock, unlock, or ask for another PIN',
        description: 'The PIN stays as it is. The look of a dry run at the status is recorded.',
        params: identityParam,
        query: accountChangeQuery,
        body: pinChange,
        answers: { 200: { description: 'The status as it is now.', json: changedStatusAnswer } },
        problems: ['not_found', 'identity_ambiguous', 'pin_not_set'],
      },
      async ({ caller, params, query, body: statusChange, response }) => {
        for (const operation of operationsOf(statusChange)) permit(caller, operation);
        const account = await findAccount(accounts, caller, { ...params, ...query });
        if (statusChange.pinExpired !== undefined && account.pin === null) {
          throw new Problem('pin_not_set', 'Reset the PIN first: there is none that could be changed.');
        }
        const status = await pins.update(account.id, statusChange, caller.actor, query);
        response.json({ ...foundBody(status), ...dryRunBody(query) });
      },
    ),
    route(
      {
        method: 'post',
        path: '/users/:identity/pin/reset',
        operation: 'pins.reset',
        furtherOperations: ['pins.reveal'],
        summary: 'Reset a PIN',
        description:
          'To a given one, or to one that is generated, and mails it. A reset clears any lock unless it says otherwise. A dry run neither makes nor shows a PIN; the look at the status is recorded.',
        params: identityParam,
        query: accountChangeQuery,
        headers: ['Idempotency-Key'],
        body: pinReset,
        answers: { 200: { description: 'The status as it is now.', json: resetAnswer } },
        problems: ['not_found', 'identity_ambiguous', 'pin_refused', 'pin_not_deliverable', 'busy'],
      },
      async ({ caller, params, query, body: reset, idempotencyKey, response }) => {
        const { reveal, notifyEmail } = reset;
        if (reveal) permit(caller, 'pins.reveal');
        const account = await findAccount(accounts, caller, { ...params, ...query });
        // Whoever may name any address may read the PIN there.
        if (notifyEmail !== null && notifyEmail !== account.profile.email) permit(caller, 'pins.reveal');
        const key = idempotencyKey === undefined ? {} : { idempotencyKey };
        const keyed = { ...reset, ...key, dryRun: query.dryRun };
        const result = await pins.reset(account.id, keyed, caller.actor);
        switch (result.outcome) {
          case 'repeated':
            response.json({ ...statusBody(result.status), repeated: true, ...dryRunBody(query) });
            return;
          case 'would-reset':
            response.json({ ...statusBody(result.status), mailTo: result.mailTo, ...dryRunBody(query) });
            return;
          case 'reset':
            response.json({
              ...statusBody(result.status),
              mailTo: result.mailTo,
              ...(reveal ? { pin: result.pin } : {}),
            });
            return;
          case 'undeliverable':
            throw new Problem(
              'pin_not_deliverable',
              'It would be mailed to no address. Give notifyEmail or a pin, or ask for it with "reveal": true.',
            );
          case 'refused':
            throw new Problem('pin_refused', 'Choose another PIN: each code names a rule that it breaks.', {
              codes: result.codes,
            });
          case 'busy':
            throw new Problem('busy', 'Nothing was changed. Try again in a few seconds.');
          case 'not-found':
            throw noSuchAccount();
        }
      },
    ),
  ];
}

/** What a change of the status amounts to, by the table of roles. */
function operationsOf({ lockedOut, pinExpired }: StatusChange): Operation[] {
  return [
    ...(lockedOut === undefined ? [] : [lockedOut ? ('pins.lock' as const) : ('pins.unlock' as const)]),
    ...(pinExpired === undefined ? [] : ['pins.expire' as const]),
  ];
}

function foundBody(status: PinStatus | null) {
  if (status === null) throw noSuchAccount();
  return statusBody(status);
}
