import { expect, it } from 'vitest';
import { runWebhookFuzz } from './webhook-run.ts';

it('answers wild webhooks as it may, lets none in that was not signed, and is well afterwards', async () => {
  const found = await runWebhookFuzz({ count: 1500, seed: 20_261_121, env: {} });
  // A run in which hardly anything was sent, or everything was refused, shows nothing.
  for (const status of ['200', '400', '403', '404', '415']) {
    expect([status, found.statuses[status] ?? 0]).toEqual([status, expect.toSatisfy((n: number) => n > 10)]);
  }
});
