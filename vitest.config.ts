import { defineConfig } from 'vitest/config';
import { closingLine } from './test/support/closing-line.ts';

/** Long enough for a machine that is busy with something else. What has to be quick is said in its test. */
const common = { testTimeout: 30_000, hookTimeout: 120_000, expect: { poll: { timeout: 10_000 } } };

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    projects: [
      {
        test: {
          ...common,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.redis.test.ts', 'test/**/*.browser.test.ts', 'test/**/*.soak.test.ts'],
        },
      },
      { test: { ...common, name: 'redis', include: ['test/**/*.redis.test.ts'] } },
      { test: { ...common, testTimeout: 90_000, name: 'browser', include: ['test/**/*.browser.test.ts'] } },
      {
        test: {
          name: 'soak',
          include: ['test/**/*.soak.test.ts'],
          setupFiles: ['test/soak/setup.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
