import { writeFile } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { DeliveryMode } from '../infra/local/streams/stream-delivery.ts';
import { startFreshStack } from './fresh-stack.ts';
import { proveMatrix } from './matrix/prove-matrix.ts';
import { printed, reportOf } from './matrix/report.ts';
import { schoolOf } from './school.ts';

interface Flags {
  readonly json?: string;
  readonly engine: 'dynoxide' | 'dynamodb-local';
  readonly delivery: DeliveryMode;
  readonly timeout: number;
  readonly lanes: number;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be 1 or more.');
  return number;
}

async function matrix(flags: Flags): Promise<void> {
  const bar = new SingleBar({ format: 'Proving {bar} {value} of {total} rows', clearOnComplete: true });
  console.error('Starting a fresh school ...');
  const stack = await startFreshStack({ engine: flags.engine, delivery: flags.delivery });
  try {
    const cells = await proveMatrix({
      school: schoolOf(stack),
      stack,
      timeoutMs: flags.timeout * 1000,
      lanes: flags.lanes,
      onRow: (done, rows) => {
        if (!bar.isActive) bar.start(rows, 0);
        bar.update(done);
      },
    });
    bar.stop();
    const report = reportOf(cells);
    if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(report, null, 2)}\n`);
    console.log(printed(report));
    if (report.cells.some(({ ok }) => !ok)) process.exitCode = 1;
  } finally {
    bar.stop();
    await stack.stop();
  }
}

const program = new Command('npm run matrix --')
  .description(
    'Proves the requirement: starts a fresh school, does everything the matrix names, and watches every place where it ' +
      'must arrive, over HTTP and by subscription. Exit code 1 when a cell does not hold.',
  )
  .option('--json <file>', 'write the cells and scores to this file, see README.md')
  .addOption(
    new Option('--engine <name>', 'the database').choices(['dynoxide', 'dynamodb-local']).default('dynoxide'),
  )
  .addOption(
    new Option('--delivery <mode>', 'how streams are delivered: twice gives every batch again')
      .choices(['once', 'twice', 'shuffled'])
      .default('once'),
  )
  .option('--timeout <seconds>', 'how long a change may take to arrive', positive, 15)
  .option('--lanes <number>', 'rows proved at once; latencies are truest with 1', positive, 2)
  .action(matrix);

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
