import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { AtOnce } from './secrets-at-once.ts';

it('keeps one set of secrets when several processes start at once with one new folder', async () => {
  const folder = temporaryFolder();
  const [rounds, threads] = [20, 2];
  const ready = new Int32Array(new SharedArrayBuffer(4 * rounds));
  const workerData: AtOnce = { folder, rounds, threads, ready };
  // In a thread, tsx must be registered by what the thread runs.
  const script = JSON.stringify(new URL('secrets-at-once.ts', import.meta.url).href);
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${script}); });`;
  const told = await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(start, { eval: true, workerData });
      const [secrets] = await once(worker, 'message');
      return secrets as string[];
    }),
  );
  const [first, second] = told;
  expect(first).toEqual(second);
  expect(first?.filter((secrets) => !secrets.startsWith('{'))).toEqual([]);
  // Nothing half made is left beside them.
  const kept = ['admin-token', 'assertion-key', 'pin-pepper', 'twilio-auth-token'];
  for (let round = 0; round < rounds; round += 1) {
    expect(readdirSync(join(folder, String(round), 'secrets')).sort()).toEqual(kept);
  }
});
