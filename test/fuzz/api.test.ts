import { expect, it } from 'vitest';
import { runApiFuzz } from './api-run.ts';

it('answers wild requests to the API as its document says, and is well afterwards', async () => {
  const found = await runApiFuzz({ count: 500, seed: 20_261_121, env: {} });
  // A run in which hardly anything was done, or everything was refused, shows nothing.
  expect(Object.keys(found.succeeded).length).toBeGreaterThan(15);
  for (const status of ['200', '201', '400', '403', '404', '409']) {
    expect([status, found.statuses[status] ?? 0]).toEqual([status, expect.toSatisfy((n: number) => n > 0)]);
  }
});
