import { defineConfig } from 'vitest/config';
import { closingLine } from './test/support/closing-line.ts';

/** Long enough for a machine that is busy with something else. What has to be quick is said in its test. */
const common = { testTimeout: 30_000, hookTimeout: 120_000, expect: { poll: { timeout: 10_000 } } };

/** After the fast ones, with as many workers as vitest takes by itself: one core is left to Redis, browsers and services. */
const withOthers = { sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    projects: [
      {
        test: {
          ...common,
          name: 'fast',
          // No other processes stand beside these, so that they take all cores; the others leave one to theirs.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.redis.test.ts', 'test/**/*.browser.test.ts', 'test/**/*.soak.test.ts'],
        },
      },
      { test: { ...common, ...withOthers, name: 'redis', include: ['test/**/*.redis.test.ts'] } },
      {
        test: {
          ...common,
          ...withOthers,
          testTimeout: 90_000,
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
        },
      },
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
