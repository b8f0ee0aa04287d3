import { defineConfig } from 'vitest/config';
import { loadFailures } from './test/support/load-failures.ts';

/** The tests that `npm run test:mutation` tries mutants with: those of the rules themselves, which need nothing else. */
export default defineConfig({
  test: { include: ['test/core/**/*.test.ts'], testTimeout: 30_000, reporters: [loadFailures()] },
});
