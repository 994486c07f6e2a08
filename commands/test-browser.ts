import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import * as z from 'zod';

interface Flags {
  readonly json?: string;
}

const REPORT = 'test-report-browser.json';

const Milliseconds = z.number();
const Figures = z.object({
  /** How many of the nine views were seen to change in one window by what was done in the other. */
  views: z.int(),
  /** From a click in one window to the change in the other, in milliseconds. */
  latency: z.object({ p50: Milliseconds, p99: Milliseconds }),
});

/** What vitest writes, as far as it is read. */
const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ meta: z.object({ console: Figures.optional() }).optional() })),
    }),
  ),
});

async function testBrowser(flags: Flags): Promise<void> {
  // What an earlier run left must not be taken for the report of this one, which may end without any.
  await rm(REPORT, { force: true });
  if (flags.json !== undefined) await rm(flags.json, { force: true });
  // One file after the other: what is measured in one is not to wait for another.
  const args = ['run', '--project', 'browser', '--no-file-parallelism', `--outputFile.json=${REPORT}`];
  const vitest = spawn('vitest', args, { stdio: 'inherit' });
  const [code] = await once(vitest, 'exit');
  const written = await readFile(REPORT, 'utf8').catch(() => undefined);
  if (written === undefined) {
    console.error(`no ${REPORT} was written: there is nothing to sum up`);
    process.exitCode = 1;
    return;
  }
  const report = Report.parse(JSON.parse(written));
  const [figures] = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ meta }) => meta?.console ?? []),
  );
  const summary = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    views: figures?.views ?? 0,
    latency: figures?.latency ?? { p50: null, p99: null },
  };
  if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(summary, null, 2)}\n`);
  console.log(JSON.stringify(summary));
  process.exitCode = code === 0 ? 0 : 1;
}

await new Command('npm run test:browser --')
  .description(
    'Tests the console in a real browser: the one that CHROMIUM names, or a Chromium or Chrome on the PATH. Without ' +
      'one everything is skipped.',
  )
  .option(
    '--json <file>',
    'write { passed, failed, views, latency: { p50, p99 } } to this file, see README.md',
  )
  .action(testBrowser)
  .parseAsync();
