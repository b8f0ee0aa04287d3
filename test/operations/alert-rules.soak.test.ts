/** The alerts, tried by Prometheus' own tool on made-up figures: each of them fires when it should, and none on a quiet service. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/check-alerts.sh', import.meta.url));

it('raises each alert on the figures that are made up for it, and none on those of a quiet service', async () => {
  const told = await promisify(execFile)(script).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      out: `${stdout}${stderr}`,
    }),
  );
  expect(told.code, told.out).toBe(0);
  expect(told.out).toMatch(/^Unit Testing: +ringkey\.tests\.yml\n +SUCCESS$/m);
});
