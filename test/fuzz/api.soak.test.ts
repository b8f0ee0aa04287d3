import { expect, it } from 'vitest';
import { runs, soakSeed } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { runApiFuzz } from './api-run.ts';

it.each([
  ['the embedded store', async () => ({}), 17_000],
  ['Redis', useRedis('node').emptied, 3000],
] as const)('answers wild requests to the API as its document says, on %s', async (where, env, full) => {
  const count = runs(full);
  const found = await runApiFuzz({ count, seed: soakSeed, env: await env() });
  expect(found.sent).toBeGreaterThanOrEqual(count);
  const { heldEarly, heldLate, statuses, succeeded, operations } = found;
  const columns = {
    done: /^2/,
    'refused, 400 to 405': /^40[0-5]/,
    'refused, 409 to 429': /^4(?:09|[12])/,
    'busy with another file, 503': /^503/,
  };
  const counted = Object.entries(columns).map(([column, pattern]): [string, number] => [
    column,
    Object.entries(statuses).reduce(
      (total, [status, times]) => total + (pattern.test(status) ? times : 0),
      0,
    ),
  ]);
  const others = Object.entries(statuses).filter(
    ([status]) => !Object.values(columns).some((pattern) => pattern.test(status)),
  );
  const all = [...counted, ...others].reduce((total, [, times]) => total + times, 0);
  expect(all).toBe(found.sent);
  reportRow('Wild requests to the API: twenty thousand, made from its own document', {
    service: where,
    sent: found.sent,
    'operations that did something': `${Object.keys(succeeded).length} of ${operations}`,
    ...Object.fromEntries(counted),
    // Such as 431, by which Node's parser refuses headers that are too long, before the service hears of them.
    'answered otherwise': others.map(([status, times]) => `${times} with ${status}`).join(', ') || 'none',
    'answers that were wrong': found.mistakes.length,
    'MB held after a fifth': (heldEarly / 2 ** 20).toFixed(1),
    'MB held after all': (heldLate / 2 ** 20).toFixed(1),
  });
});
