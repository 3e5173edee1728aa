import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/e2e/sequence.ts'
import { STACKS } from './tests/e2e/stacks.ts'

/**
 * `unit` and `simulation` need neither Docker nor a network; `integration` needs PostgreSQL and Redis, which it starts;
 * `e2e` runs each file on a stack that no other file uses meanwhile, those of the browser too.
 */
export default defineConfig({
  test: {
    // Also where vitest would leave one of two cores free: much of all this waits for others.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Of what runs in Node; what only browsers run is e2e's to prove.
    coverage: {
      provider: 'v8',
      include: ['apps/**/*.ts', 'scripts/**/*.ts'],
      exclude: ['apps/web/src/**', '**/*.d.ts'],
      reporter: ['text-summary', 'lcovonly', 'json-summary'],
      reportsDirectory: '.ecomweb/coverage',
      // What the unit tests alone reach, less a little: the shop's parts are proved by integration and end to end.
      thresholds: { statements: 70, branches: 68, functions: 66, lines: 70 },
      // A run that fails shows it too: a test that is missing may be why.
      reportOnFailure: true,
    },
    projects: [
      {
        extends: true,
        // Also where somebody else has the processors.
        test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 20_000 },
      },
      { extends: true, test: { name: 'simulation', include: ['tests/simulation/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: ['tests/integration/services.setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts', 'tests/browser/**/*.test.ts'],
          globalSetup: ['tests/e2e/stack.setup.ts'],
          setupFiles: ['tests/e2e/contain.ts'],
          // What is measured on a stack is not measured beside ten thousand simulated ones.
          sequence: { groupOrder: 1 },
          maxWorkers: STACKS,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
