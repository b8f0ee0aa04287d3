/** Each soak that fails says how to repeat it. */
import { beforeEach } from 'vitest';
import { soakSeed } from './budget.ts';

beforeEach(({ onTestFailed }) => {
  onTestFailed(() => {
    process.stderr.write(`To repeat it: SOAK_SEED=${soakSeed} SOAK_SCALE=${process.env.SOAK_SCALE ?? '1'}\n`);
  });
});
