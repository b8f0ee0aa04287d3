import { expect, it } from 'vitest';
import { runs, soakSeed } from '../soak/budget.ts';
import { reportRow } from '../soak/report.ts';
import { useRedis } from '../support/redis-for-service.ts';
import { runWebhookFuzz } from './webhook-run.ts';

const appUrl = 'https://app.example.com/calls';

it.each([
  ['the embedded store, with a menu', async () => ({}), 45_000],
  ['the embedded store, with an application', async () => ({ APP_URL: appUrl }), 45_000],
  ['Redis, with a menu', useRedis('node').emptied, 10_000],
] as const)('answers wild webhooks as it may, on %s', async (where, env, full) => {
  const count = runs(full);
  const found = await runWebhookFuzz({ count, seed: soakSeed, env: await env() });
  expect(found.sent).toBeGreaterThanOrEqual(count);
  const { heldEarly, heldLate, statuses } = found;
  reportRow('Wild webhooks: a hundred thousand, signed and unsigned, whole and broken', {
    service: where,
    sent: found.sent,
    'signed and well-formed': found.genuine,
    ...Object.fromEntries(
      ['200', '400', '403', '404', '413', '415', '431', 'none'].map((status) => [
        status === 'none' ? 'connection closed' : `answered ${status}`,
        statuses[status] ?? 0,
      ]),
    ),
    'answers that were wrong': found.mistakes.length,
    'MB held after a fifth': (heldEarly / 2 ** 20).toFixed(1),
    'MB held after all': (heldLate / 2 ** 20).toFixed(1),
  });
});
