import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { DeliveryMode } from '../infra/local/streams/stream-delivery.ts';
import { checkConsistency, type Consistency } from './consistency/check-consistency.ts';
import { startFreshStack } from './fresh-stack.ts';
import { ouladReplay } from './replay/oulad-replay.ts';
import { readOulad } from './replay/oulad.ts';
import { patternReplay } from './replay/pattern-replay.ts';
import { readPatterns } from './replay/patterns.ts';
import type { Replay, Told } from './replay/replay.ts';
import { schoolAt, schoolOf } from './school.ts';

interface Flags {
  readonly presentation?: string;
  readonly url?: string;
  readonly json?: string;
  readonly concurrency: number;
  readonly delivery: DeliveryMode;
  readonly engine: 'dynoxide' | 'dynamodb-local';
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}

async function readReplay(source: string, { presentation }: Flags): Promise<Replay> {
  if (path.extname(source) !== '.csv') return ouladReplay(await readOulad(source, presentation));
  if (presentation !== undefined)
    throw new Error(`${source} is a table of answer patterns: it has no presentations`);
  return patternReplay(await readPatterns(source));
}

/** How much is out of step in the end. */
async function replay(source: string, flags: Flags): Promise<number> {
  const wanted = await readReplay(source, flags);
  const stack =
    flags.url === undefined
      ? await startFreshStack({ engine: flags.engine, delivery: flags.delivery })
      : undefined;
  try {
    const school = stack === undefined ? await schoolAt(flags.url ?? '') : schoolOf(stack);
    const bar = new SingleBar({
      format: `replaying {bar} {value}/{total} ${wanted.unit}, {duration_formatted}`,
      // A log gets a line now and then.
      noTTYOutput: true,
      notTTYSchedule: 5_000,
    });
    bar.start(wanted.steps, 0);
    const started = performance.now();
    await wanted.run(school, { atOnce: flags.concurrency, onStep: () => bar.increment() });
    const seconds = Math.round(performance.now() - started) / 1000;
    bar.stop();
    const consistency = await checkConsistency(school);
    const told = await wanted.tell(school, { seconds, consistency });
    print(told, consistency);
    if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(told.json, null, 2)}\n`);
    return consistency.progressMismatches + consistency.aggregateMismatches + consistency.testMismatches;
  } finally {
    await stack?.stop();
  }
}

function print({ table, lines }: Told, consistency: Consistency): void {
  console.table(table);
  console.log(
    `${consistency.enrollments} enrollments, ${consistency.progressMismatches} out of step; ` +
      `${consistency.aggregates} aggregates, ${consistency.aggregateMismatches} unequal to their ledger or sources; ` +
      `${consistency.tests} tests, ${consistency.testMismatches} out of step`,
  );
  for (const line of lines) console.log(line);
}

const program = new Command('npm run replay --')
  .description(
    'Sends what learners did through the API of a school. Of an OULAD folder: registration = enrollment, assessment = ' +
      'quiz attempt marked by hand, withdrawn = unenrollment. Of a table of answer patterns: everybody takes a test of ' +
      'the question bank. Then reads the figures back and checks that everything is in step.',
  )
  .argument(
    '<source>',
    'folder with courses.csv, assessments.csv, studentInfo.csv, ..., or a file q1,q2,...,count (.csv)',
  )
  .option('--presentation <name>', 'of a folder, only this one, for example AAA/2014J')
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
  .action(async (source: string, flags: Flags) => {
    process.exitCode = (await replay(source, flags)) === 0 ? 0 : 1;
  });

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
