import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import type { ApiClient } from '../shared/client/api.ts';
import { createApiClient } from '../shared/client/api.ts';
import { DRIFTS, type Finding, FLOWS } from '../shared/domain/sync-flow.ts';
import { startFreshStack } from './fresh-stack.ts';
import { type Damage, damageSchool } from './reconcile/damage-school.ts';
import { fillSchool } from './reconcile/fill-school.ts';
import { createLostRecords } from './reconcile/lost-records.ts';
import {
  foundIn,
  repairedIn,
  type Run,
  runReconciliation,
  type Told,
} from './reconcile/run-reconciliation.ts';
import { schoolAt, schoolOf } from './school.ts';

interface Flags {
  readonly url: string;
  readonly token?: string;
  readonly dryRun?: true;
  readonly twice?: true;
  readonly quiet?: number;
  readonly damage?: number;
  readonly learners: number;
  readonly rows?: number;
  readonly json?: string;
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0)
    throw new InvalidArgumentError('It must be a whole number from 0.');
  return number;
}

function barOf(format: string): SingleBar {
  // A log gets a line now and then.
  return new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 5_000 });
}

/** Whether everything is in step in the end, and with `--dry-run` was in the beginning. */
async function reconcile(flags: Flags): Promise<boolean> {
  if (flags.damage !== undefined) return reconcileDamaged(flags, flags.damage);
  // A school on this machine gives out tokens; one on AWS does not.
  const token = flags.token ?? (await (await schoolAt(flags.url)).token('operator', ['admin']));
  return reconcileBy(createApiClient({ url: flags.url, token }), flags, 60);
}

async function reconcileDamaged(flags: Flags, seed: number): Promise<boolean> {
  const { learners, rows = Math.ceil(learners / 20) } = flags;
  const lost = createLostRecords();
  console.error('Starting a fresh school ...');
  const stack = await startFreshStack({ intercept: lost.intercept });
  try {
    const school = schoolOf(stack);
    const bar = barOf('filling it {bar} {value}/{total} learners, {duration_formatted}');
    bar.start(learners, 0);
    const onLearners = (more: number) => bar.increment(more);
    await fillSchool(school, { seed, learners, coursesEach: 2, onLearners });
    bar.stop();
    const damages = await damageSchool(school, lost, { seed, rows });
    await school.quiet();
    console.log('Damaged rows:');
    console.table(byTable(damages));
    console.log(`${lost.lost()} rows of sources of which the streams told nobody.`);
    // What was just derived counts as on its way for so long.
    await sleep(1000 * (flags.quiet ?? QUIET_IF_DAMAGED));
    const admin = createApiClient({ url: school.url, token: await school.token('operator', ['admin']) });
    const wake = () => stack.schedules.fireNow('lockstep-wake-jobs');
    return await reconcileBy(admin, flags, QUIET_IF_DAMAGED, wake);
  } finally {
    await stack.stop();
  }
}

const QUIET_IF_DAMAGED = 5;

function byTable(damages: readonly Damage[]): Record<string, Record<string, number>> {
  const tables: Record<string, Record<string, number>> = {};
  for (const { table, harm } of damages) {
    const counts = (tables[table] ??= { removed: 0, invented: 0, changed: 0 });
    const kind = harm === 'removed' || harm === 'invented' ? harm : 'changed';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return tables;
}

async function reconcileBy(
  admin: ApiClient,
  flags: Flags,
  quietSeconds: number,
  wake?: () => Promise<unknown>,
): Promise<boolean> {
  const runs: Run[] = [];
  let aside = 0;
  for (let time = 1; time <= (flags.twice === true ? 2 : 1); time += 1) {
    const bar = barOf(
      'reconciling {bar} part {value} of {total}, {students} looked at, {duration_formatted}',
    );
    const told = await runReconciliation(admin, {
      jobId: `reconcile~${new Date().toISOString()}`,
      repair: flags.dryRun !== true,
      quietSeconds: flags.quiet ?? quietSeconds,
      ...(wake !== undefined && { wake }),
      onProgress: ({ segments, progress, segmentsDone }) => {
        const students = progress.reduce((sum, { done }) => sum + done, 0);
        if (!bar.isActive) bar.start(segments, segmentsDone, { students });
        bar.update(segmentsDone, { students });
      },
    });
    bar.stop();
    show(told, flags.dryRun === true);
    runs.push(told.run);
    aside = told.aside;
  }
  if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify({ runs }, null, 2)}\n`);
  const last = runs.at(-1);
  const strict = flags.dryRun === true || flags.twice === true;
  return last !== undefined && aside === 0 && foundIn(last) === (strict ? 0 : repairedIn(last));
}

function show({ run, examples, aside }: Told, dryRun: boolean): void {
  const rows = run.flows.map(({ name, ...figures }) => [name, figures] as const);
  console.table(Object.fromEntries(rows));
  if (examples.length > 0) {
    console.log('For example:');
    const inOrder = examples.toSorted((one, other) => orderOf(one) - orderOf(other));
    for (const { flow, drift, reason, subject } of inOrder) {
      console.log(`  ${flow}: ${drift} (${REASONS[reason]}) ${subject}`);
    }
  }
  if (aside > 0)
    console.log(`${aside} students could not be looked at: npm run redrive -- --dry-run says why.`);
  const left = dryRun ? 'nothing was repaired' : `${repairedIn(run)} repaired`;
  console.log(
    `${foundIn(run)} values out of step, ${left}; ${run.seconds.toFixed(1)} s, ${run.units} units.`,
  );
}

function orderOf({ flow, drift }: Finding): number {
  return FLOWS.indexOf(flow) * DRIFTS.length + DRIFTS.indexOf(drift);
}

const REASONS = {
  not_applied: 'news of its source never arrived',
  altered: 'something else changed it',
  unsourced: 'nothing tells of it',
} as const;

const program = new Command('npm run reconcile --')
  .description(
    'Compares everything that a running school derives with its sources, both ways, and sets right what is out of step ' +
      'while people go on. With --damage it starts a fresh school on this machine, fills it, damages it, and reconciles that.',
  )
  .option('--url <address>', 'the API of the school', 'http://127.0.0.1:4000')
  .option('--token <token>', "an admin's access token; a school on this machine gives one by itself")
  .option('--dry-run', 'tell what is out of step, and repair nothing')
  .option('--twice', 'once more when it is done; the second time has to find nothing')
  .option(
    '--quiet <seconds>',
    'leave to the streams what was written in the last so many seconds (default: 60, with --damage 5)',
    whole,
  )
  .option('--damage <seed>', 'reconcile a fresh school that is filled and damaged by this seed', whole)
  .option('--learners <number>', 'with --damage: how many learners it has, each in two courses', whole, 500)
  .option(
    '--rows <number>',
    'with --damage: how many rows of each derived table are damaged, and how many records lost (default: 1 for 20 learners)',
    whole,
  )
  .option('--json <file>', 'write what was found to this file')
  .addHelpText(
    'after',
    `
The file: { runs: [{ flows: [{ name, checked, missing, wrong, orphaned, repaired }], seconds, units }] }, one run, or
two with --twice. Of each flow it counts values; units are those of the database, read and written.

Exit code 1 when something stays out of step, or with --dry-run is, or with --twice was the second time.`,
  )
  .action(async (flags: Flags) => {
    process.exitCode = (await reconcile(flags)) ? 0 : 1;
  });

await program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
