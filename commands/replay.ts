import { writeFile } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { aggregateMismatches } from './consistency/aggregates.ts';
import { progressMismatches } from './consistency/naive-progress.ts';
import { readTables } from './consistency/read-tables.ts';
import { startFreshStack } from './fresh-stack.ts';
import { percentile, type PresentationFigures } from './replay/figures.ts';
import { createStopwatch } from './replay/latency.ts';
import { readOulad } from './replay/oulad.ts';
import { readFigures, replayPresentation } from './replay/replay-presentation.ts';
import { schoolAt, schoolOf, type School } from './school.ts';

/** What `--json` writes. Latencies are in milliseconds from an HTTP reply to the subscriber's event. */
interface ReplayReport {
  readonly presentations: readonly PresentationFigures[];
  readonly consistency: {
    readonly enrollments: number;
    readonly progressMismatches: number;
    readonly aggregates: number;
    readonly aggregateMismatches: number;
  };
  readonly seconds: number;
  /** HTTP commands a second, from the first to the last one's reply and quiet streams. */
  readonly eventsPerSecond: number;
  readonly latency: { readonly p50: number | null; readonly p99: number | null };
}

interface Flags {
  readonly presentation?: string;
  readonly url?: string;
  readonly json?: string;
  readonly concurrency: number;
  readonly delivery: 'once' | 'twice' | 'shuffled';
  readonly engine: 'dynoxide' | 'dynamodb-local';
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}

async function replay(folder: string, flags: Flags): Promise<number> {
  const histories = await readOulad(folder, flags.presentation);
  const stack =
    flags.url === undefined
      ? await startFreshStack({ engine: flags.engine, delivery: flags.delivery })
      : undefined;
  try {
    const school = stack === undefined ? await schoolAt(flags.url ?? '') : schoolOf(stack);
    const stopwatch = createStopwatch();
    const steps = histories.reduce((sum, history) => sum + history.steps.length, 0);
    const bar = new SingleBar({
      format: 'replaying {bar} {value}/{total} steps, {duration_formatted}',
      // A log gets a line now and then.
      noTTYOutput: true,
      notTTYSchedule: 5_000,
    });
    bar.start(steps, 0);
    const started = performance.now();
    for (const history of histories) {
      await replayPresentation(school, history, {
        atOnce: flags.concurrency,
        stopwatch,
        onStep: () => bar.increment(),
      });
    }
    const seconds = (performance.now() - started) / 1000;
    bar.stop();
    const presentations: PresentationFigures[] = [];
    for (const history of histories) presentations.push(await readFigures(school, history));
    const latencies = stopwatch.latencies();
    const report: ReplayReport = {
      presentations,
      consistency: await checkConsistency(school),
      seconds: Math.round(seconds * 1000) / 1000,
      eventsPerSecond: Math.round(commandsOf(histories) / seconds),
      latency: { p50: rounded(percentile(latencies, 0.5)), p99: rounded(percentile(latencies, 0.99)) },
    };
    print(report);
    if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(report, null, 2)}\n`);
    return report.consistency.progressMismatches + report.consistency.aggregateMismatches;
  } finally {
    await stack?.stop();
  }
}

function commandsOf(histories: Awaited<ReturnType<typeof readOulad>>): number {
  const steps = histories.flatMap((history) => history.steps);
  return steps.reduce((sum, step) => sum + (step.kind === 'attempt' && step.score !== null ? 2 : 1), 0);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

async function checkConsistency(school: School): Promise<ReplayReport['consistency']> {
  const tables = await readTables(school.documents, (name) => name);
  const progress = progressMismatches(tables);
  const { aggregates, wrong } = aggregateMismatches(tables);
  for (const learner of progress.slice(0, 10)) console.error(`The progress of ${learner} is out of step`);
  for (const aggregate of wrong.slice(0, 10))
    console.error(`The aggregate ${aggregate} is not the sum of its ledger`);
  return {
    enrollments: tables.enrollments.length,
    progressMismatches: progress.length,
    aggregates,
    aggregateMismatches: wrong.length,
  };
}

function print({ presentations, consistency, seconds, eventsPerSecond, latency }: ReplayReport): void {
  console.table(
    Object.fromEntries(
      presentations.map(({ name, mean, deviation, ...counts }) => [
        name,
        { ...counts, mean: mean?.toFixed(4), deviation: deviation?.toFixed(4) },
      ]),
    ),
  );
  console.log(
    `${consistency.enrollments} enrollments, ${consistency.progressMismatches} out of step; ` +
      `${consistency.aggregates} aggregates, ${consistency.aggregateMismatches} unequal to their ledger`,
  );
  console.log(
    `${seconds} s, ${eventsPerSecond} commands a second; ` +
      `from reply to subscriber p50 ${latency.p50} ms, p99 ${latency.p99} ms`,
  );
}

const program = new Command('npm run replay --')
  .description(
    'Sends an OULAD folder through the API of a school: registration = enrollment, assessment = quiz attempt ' +
      'marked by hand, withdrawn = unenrollment. Then reads the figures back and checks that everything is in step.',
  )
  .argument('<folder>', 'folder with courses.csv, assessments.csv, studentInfo.csv, ...')
  .option('--presentation <name>', 'only this one, for example AAA/2014J')
  .option('--url <address>', 'a school that runs already, instead of a fresh one')
  .option('--json <file>', 'write the report to this file')
  .option('--concurrency <n>', 'calls under way together', wholeNumber, 16)
  .addOption(
    new Option('--delivery <mode>', 'how a fresh school delivers its streams')
      .choices(['once', 'twice', 'shuffled'])
      .default('once'),
  )
  .addOption(
    new Option('--engine <name>', 'the database of a fresh school')
      .choices(['dynoxide', 'dynamodb-local'])
      .default('dynoxide'),
  )
  .addHelpText('after', '\nExit code 1 when anything is out of step.')
  .action(async (folder: string, flags: Flags) => {
    process.exitCode = (await replay(folder, flags)) === 0 ? 0 : 1;
  });

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
