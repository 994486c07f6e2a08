import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, because tests start worker threads and engines and change the environment.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/assembly.ts'],
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
  },
});
