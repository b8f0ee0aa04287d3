/**
 * `/pins/{action}`: the PINs of many accounts at once. The answer is NDJSON: a line per account as it is done, then a summary.
 */
import { once } from 'node:events';
import { type Request, type Response, Router } from 'express';
import type { Operation } from '../../core/roles.ts';
import { Problem } from '../../http/problem.ts';
import type { ManyPins, PinAction } from '../../services/change-many.ts';
import type { AccountSearch } from '../../services/find-accounts.ts';
import { type ApiCaller, permit } from '../caller.ts';
import { idempotencyKeyOf, isDryRun, methodNotAllowed, parseBody } from '../input.ts';
import { manyPins, manyResets } from '../schemas.ts';

interface ManyRequest {
  readonly search: AccountSearch;
  readonly expectedCount: number;
  readonly action: PinAction;
  readonly reveal: boolean;
}

/** The actions besides a reset: what each changes, and the operation that it amounts to. */
const updates: readonly {
  path: `/pins/${'lock' | 'unlock' | 'expire'}`;
  operation: Operation;
  change: PinAction;
}[] = [
  { path: '/pins/lock', operation: 'pins.lock', change: { type: 'update', change: { lockedOut: true } } },
  {
    path: '/pins/unlock',
    operation: 'pins.unlock',
    change: { type: 'update', change: { lockedOut: false } },
  },
  {
    path: '/pins/expire',
    operation: 'pins.expire',
    change: { type: 'update', change: { pinExpired: true } },
  },
];

export function createManyPinsRoutes(pins: ManyPins): Router {
  const router = Router();

  router
    .route('/pins/reset')
    .post(async (request, response) => {
      const caller = permit(request, 'pins.reset');
      const { filter, expectedCount, reveal, ...reset } = parseBody(manyResets, request);
      if (!reveal)
        throw new Problem('pin_not_deliverable', 'Ask for the generated PINs with "reveal": true.');
      permit(request, 'pins.reveal');
      const search = { filter, scope: caller.scope };
      const idempotencyKey = idempotencyKeyOf(request);
      const keyed = { ...reset, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
      const action = { type: 'reset', request: keyed } as const;
      await answer(request, response, caller, { search, expectedCount, action, reveal });
    })
    .all(methodNotAllowed('POST'));

  for (const { path, operation, change } of updates) {
    router
      .route(path)
      .post(async (request, response) => {
        const caller = permit(request, operation);
        const { filter, expectedCount } = parseBody(manyPins, request);
        const search = { filter, scope: caller.scope };
        await answer(request, response, caller, { search, expectedCount, action: change, reveal: false });
      })
      .all(methodNotAllowed('POST'));
  }

  async function answer(
    request: Request<Record<string, string>>,
    response: Response,
    { actor }: ApiCaller,
    { search, expectedCount, action, reveal }: ManyRequest,
  ): Promise<void> {
    const dryRun = isDryRun(request);
    const key = idempotencyKeyOf(request);
    const count = await pins.count(search);
    const description = JSON.stringify([search, expectedCount, action, reveal]);
    const known = key === undefined ? 'new' : await pins.recall(key, description);
    if (known === 'other') {
      throw new Problem('idempotency_key_reused', 'Use a key of its own for each change.');
    }
    if (count !== expectedCount && known === 'new') {
      throw new Problem('count_differs', `The filter fits ${count} accounts; send that as expectedCount.`, {
        count,
      });
    }
    if (key !== undefined && !dryRun) await pins.begin(key, description);
    response.type('application/x-ndjson');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const counts = { done: 0, repeated: 0, failed: 0, 'would-change': 0 };
    const { signal } = gone;
    for await (const done of pins.run(search, action, expectedCount, dryRun, actor, signal)) {
      const { pin, code, ...line } = done;
      counts[line.outcome] += 1;
      const told = {
        ...line,
        ...(code === null ? {} : { code }),
        ...(reveal && pin !== null ? { pin } : {}),
      };
      await writeLine(response, told);
      if (response.destroyed) return;
    }
    if (signal.aborted) return;
    const { done, repeated, failed } = counts;
    await writeLine(response, { summary: { matched: count, done, repeated, failed, dryRun } });
    response.end();
  }

  return router;
}

/** Waits for a client that reads slowly, unless it goes away. */
async function writeLine(response: Response, line: object): Promise<void> {
  if (response.write(`${JSON.stringify(line)}\n`) || response.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}
