/**
 * `/users/{identity}/pin`: the PIN of one account.
 */
import { Router } from 'express';
import type { PinStatus } from '../../core/pin-status.ts';
import type { Operation } from '../../core/roles.ts';
import { Problem } from '../../http/problem.ts';
import type { Accounts } from '../../services/accounts.ts';
import type { PinAdministration, StatusChange } from '../../services/reset-pin.ts';
import { statusBody } from '../bodies.ts';
import { permit } from '../caller.ts';
import { findAccount, noSuchAccount } from '../find-account.ts';
import { idempotencyKeyOf, methodNotAllowed, parseBody } from '../input.ts';
import { pinChange, pinReset } from '../schemas.ts';

export function createPinRoutes(accounts: Accounts, pins: PinAdministration): Router {
  const router = Router();

  router
    .route('/users/:identity/pin')
    .get(async (request, response) => {
      const { actor } = permit(request, 'pins.read');
      const status = await pins.status((await findAccount(accounts, request)).id, actor);
      response.json(foundBody(status));
    })
    .patch(async (request, response) => {
      const { actor } = permit(request, 'pins.read');
      const statusChange = parseBody(pinChange, request);
      for (const operation of operationsOf(statusChange)) permit(request, operation);
      const account = await findAccount(accounts, request);
      if (statusChange.pinExpired !== undefined && account.pin === null) {
        throw new Problem('pin_not_set', 'Reset the PIN first: there is none that could be changed.');
      }
      response.json(foundBody(await pins.update(account.id, statusChange, actor)));
    })
    .all(methodNotAllowed('GET, PATCH'));

  router
    .route('/users/:identity/pin/reset')
    .post(async (request, response) => {
      const { actor } = permit(request, 'pins.reset');
      const { reveal, ...reset } = parseBody(pinReset, request);
      if (reveal) permit(request, 'pins.reveal');
      if (reset.pin === undefined && !reveal) {
        throw new Problem(
          'pin_not_deliverable',
          'Give a pin, or ask for the generated one with "reveal": true.',
        );
      }
      const idempotencyKey = idempotencyKeyOf(request);
      const keyed = { ...reset, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
      const result = await pins.reset((await findAccount(accounts, request)).id, keyed, actor);
      switch (result.outcome) {
        case 'repeated':
          response.json({ ...statusBody(result.status), repeated: true });
          return;
        case 'reset':
          response.json({ ...statusBody(result.status), ...(reveal ? { pin: result.pin } : {}) });
          return;
        case 'refused':
          throw new Problem('pin_refused', 'Choose another PIN: each code names a rule that it breaks.', {
            codes: result.codes,
          });
        case 'busy':
          throw new Problem('busy', 'Nothing was changed. Try again in a few seconds.');
        case 'not-found':
          throw noSuchAccount();
      }
    })
    .all(methodNotAllowed('POST'));

  return router;
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
