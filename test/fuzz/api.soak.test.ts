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
  const { heldEarly, heldLate, statuses, succeeded } = found;
  const sum = (pattern: RegExp) =>
    Object.entries(statuses).reduce(
      (total, [status, times]) => total + (pattern.test(status) ? times : 0),
      0,
    );
  reportRow('Wild requests to the API: twenty thousand, made from its own document', {
    service: where,
    sent: found.sent,
    operations: Object.keys(succeeded).length,
    done: sum(/^2/),
    'refused, 400 to 405': sum(/^40[0-5]/),
    'refused, 409 to 429': sum(/^4(?:09|[12])/),
    'busy with another file, 503': sum(/^503/),
    'answers that were wrong': found.mistakes.length,
    'MB held after a fifth': (heldEarly / 2 ** 20).toFixed(1),
    'MB held after all': (heldLate / 2 ** 20).toFixed(1),
  });
});
