/**
 * `/pins/{action}`: the PINs of many accounts at once. The answer is NDJSON: a line per account as it is done, then a summary.
 */
import type { z } from 'zod';
import type { Operation } from '../../core/roles.ts';
import { Problem } from '../../http/problem.ts';
import type { ManyPins, PinAction } from '../../services/change-many.ts';
import type { AccountSearch } from '../../services/find-accounts.ts';
import { permit } from '../caller.ts';
import { manyPinsLine } from '../many-pins-schemas.ts';
import { writeLine } from '../ndjson.ts';
import { type Input, type Route, route } from '../route.ts';
import { dryRunQuery, manyPins, manyResets } from '../schemas.ts';

type ManyInput = Pick<
  Input<z.ZodType, typeof dryRunQuery, z.ZodType>,
  'caller' | 'query' | 'idempotencyKey' | 'response'
>;

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
  summary: string;
  change: PinAction;
}[] = [
  {
    path: '/pins/lock',
    operation: 'pins.lock',
    summary: 'Lock many accounts',
    change: { type: 'update', change: { lockedOut: true } },
  },
  {
    path: '/pins/unlock',
    operation: 'pins.unlock',
    summary: 'Unlock many accounts',
    change: { type: 'update', change: { lockedOut: false } },
  },
  {
    path: '/pins/expire',
    operation: 'pins.expire',
    summary: 'Ask many users for another PIN',
    change: { type: 'update', change: { pinExpired: true } },
  },
];

/** What all changes of many share. */
const changing = {
  method: 'post',
  description: 'One failing account does not stop the others. Whoever hangs up stops the work.',
  query: dryRunQuery,
  headers: ['Idempotency-Key'],
  answers: {
    200: { description: 'A line for each account as it is done, then a summary.', ndjson: manyPinsLine },
  },
} as const;

export function createManyPinsRoutes(pins: ManyPins): Route[] {
  async function answer(
    { caller: { actor }, query: { dryRun }, idempotencyKey: key, response }: ManyInput,
    { search, expectedCount, action, reveal }: ManyRequest,
  ): Promise<void> {
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

  return [
    route(
      {
        ...changing,
        path: '/pins/reset',
        operation: 'pins.reset',
        furtherOperations: ['pins.reveal'],
        summary: 'Give many users a new PIN each',
        body: manyResets,
        problems: ['count_differs', 'pin_not_deliverable', 'idempotency_key_reused'],
      },
      async (input) => {
        const { caller, body, idempotencyKey } = input;
        const { filter, expectedCount, ...reset } = body;
        const { reveal, sendEmail } = reset;
        if (reveal) permit(caller, 'pins.reveal');
        if (!reveal && !sendEmail) {
          throw new Problem(
            'pin_not_deliverable',
            'Let the PINs be mailed, or ask for them with "reveal": true.',
          );
        }
        const search = { filter, scope: caller.scope };
        const keyed = {
          ...reset,
          notifyEmail: null,
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        };
        await answer(input, { search, expectedCount, action: { type: 'reset', request: keyed }, reveal });
      },
    ),
    ...updates.map(({ path, operation, summary, change }) =>
      route(
        {
          ...changing,
          path,
          operation,
          summary,
          body: manyPins,
          problems: ['count_differs', 'idempotency_key_reused'],
        },
        async (input) => {
          const { filter, expectedCount } = input.body;
          const search = { filter, scope: input.caller.scope };
          await answer(input, { search, expectedCount, action: change, reveal: false });
        },
      ),
    ),
  ];
}
