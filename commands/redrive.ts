import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import type { ApiClient, Reply } from '../shared/client/api.ts';
import { createApiClient } from '../shared/client/api.ts';
import { schoolAt } from './school.ts';

interface Flags {
  readonly url: string;
  readonly token?: string;
  readonly consumer?: string;
  readonly dryRun?: true;
}

type Failure = Reply<'get-failures'>['failures'][number];
type Left = Reply<'redrive-failures'>['left'][number];

/** Goes through a list to its end. */
async function everyPage<Page extends { readonly cursor?: string | undefined }>(
  read: (query: { cursor?: string }) => Promise<{ readonly body: Page }>,
  take: (page: Page) => void,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const { body } = await read(cursor === undefined ? {} : { cursor });
    take(body);
    cursor = body.cursor;
  } while (cursor !== undefined);
}

async function adminOf({ url, token }: Flags): Promise<ApiClient> {
  // A school on this machine gives out tokens; one on AWS does not.
  return createApiClient({ url, token: token ?? (await (await schoolAt(url)).token('operator', ['admin'])) });
}

function show(failures: readonly (Failure | Left)[]): void {
  console.table(
    failures.map((failure) => ({
      'set aside': failure.setAsideAt,
      consumer: failure.consumer,
      table: failure.table,
      reason: failure.reason.slice(0, 80),
      ...('because' in failure && { 'stays, as': failure.because }),
    })),
  );
}

/** How many records stay that could not be redriven. */
async function redrive(flags: Flags): Promise<number> {
  const admin = await adminOf(flags);
  const of = { limit: 25, ...(flags.consumer !== undefined && { consumer: flags.consumer }) };
  const waiting: Failure[] = [];
  await everyPage(
    (cursor) => admin.call('get-failures', { query: { ...of, limit: 100, ...cursor } }),
    ({ failures }) => waiting.push(...failures),
  );
  if (waiting.length === 0) {
    console.log('Nothing waits to be redriven.');
    return 0;
  }
  if (flags.dryRun === true) {
    show(waiting);
    console.log(`${waiting.length} records wait; none was redriven.`);
    return 0;
  }
  const bar = new SingleBar({
    format: 'redriving {bar} {value}/{total} records, {duration_formatted}',
    // A log gets a line now and then.
    noTTYOutput: true,
    notTTYSchedule: 5_000,
  });
  bar.start(waiting.length, 0);
  const left: Left[] = [];
  let redriven = 0;
  await everyPage(
    (cursor) => admin.call('redrive-failures', { query: { ...of, ...cursor } }),
    (page) => {
      redriven += page.redriven.length;
      left.push(...page.left);
      bar.increment(page.redriven.length + page.left.length);
    },
  );
  bar.stop();
  if (left.length > 0) show(left);
  console.log(`${redriven} records were redriven, ${left.length} stay.`);
  return left.length;
}

const program = new Command('npm run redrive --')
  .description(
    'Hands the records that consumers of a running school could not process to them once more: each row is written ' +
      'again as it is now, in a new version. Mend malformed rows first. What the row of which is gone stays until an ' +
      'admin drops it.',
  )
  .option('--url <address>', 'the API of the school', 'http://127.0.0.1:4000')
  .option('--token <token>', "an admin's access token; a school on this machine gives one by itself")
  .option('--consumer <name>', 'only what this consumer could not process, for example project-progress')
  .option('--dry-run', 'list what waits, and redrive nothing')
  .addHelpText('after', '\nExit code 1 when a record stays.')
  .action(async (flags: Flags) => {
    process.exitCode = (await redrive(flags)) === 0 ? 0 : 1;
  });

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
