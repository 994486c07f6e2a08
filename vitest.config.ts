import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose tests run on the synthesised system, which is made once for all of them. */
const onTheSystem = ['test/infra/**/*.test.ts', 'test/flows/**/*.test.ts'];

/** Everything goes wrong that can, at every place where it can: minutes as well. */
const faults = [
  ...[
    'at-once',
    'crash',
    'cut-off',
    'delivery',
    'faults',
    'races',
    'reconcile',
    'set-aside',
    'sync-health',
    'transactions',
  ].map((name) => `test/flows/${name}.test.ts`),
  ...['http-at-once', 'streams-reconcile-aggregates'].map((name) => `test/functions/${name}.test.ts`),
];

/** Whole presentations of real learners: minutes, so they are not part of `npm test`. */
const replays = ['test/replay/**/*.test.ts'];

/** The whole requirement, again and again with another link broken: minutes too. */
const matrices = ['test/matrix/**/*.test.ts'];

/** Real pages in a real browser: they are skipped where there is none. */
const browsers = ['test/browser/**/*.test.ts'];

/** Whole schools first: they take longest, and the small tests then fill what is left of both workers' time. */
class FlowsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFlow = ({ moduleId }: TestSpecification) => moduleId.includes('/test/flows/');
    return [...sorted.filter(isFlow), ...sorted.filter((file) => !isFlow(file))];
  }
}

export default defineConfig({
  test: {
    // Processes, because tests start worker threads and engines and change the environment.
    pool: 'forks',
    maxWorkers: 2,
    // Every process of the tests would say on ten lines which Node the SDK wants from next year on.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    sequence: { sequencer: FlowsFirst },
    // Only what hangs may end by the clock: a machine that is busy with other things takes several times as long.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 25 } },
    reporters: ['default', 'json'],
    // Here and not with the reporter, so that a script can name another file.
    outputFile: { json: 'test-report.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...onTheSystem, ...faults, ...replays, ...matrices, ...browsers],
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: onTheSystem,
          exclude: faults,
          globalSetup: 'test/support/assembly.ts',
        },
      },
      {
        extends: true,
        test: { name: 'faults', include: faults, globalSetup: 'test/support/assembly.ts' },
      },
      {
        extends: true,
        test: { name: 'replay', include: replays, globalSetup: 'test/support/assembly.ts' },
      },
      {
        extends: true,
        test: { name: 'matrix', include: matrices, globalSetup: 'test/support/assembly.ts' },
      },
      {
        extends: true,
        test: { name: 'browser', include: browsers, globalSetup: 'test/support/assembly.ts' },
      },
    ],
  },
});
