import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import { flowOfSource, Sums } from '../domain/aggregate-sums.ts';
import type { Contribution } from '../domain/contribution.ts';
import { contributedAt, cutNumber } from '../domain/cut.ts';
import { type JobCounts, sumOfCounts } from '../domain/job.ts';
import { countOf } from '../domain/sync-flow.ts';
import { type AggregateStage, AggregateParameters, type Note } from './aggregate-stage.ts';
import type { JobTask } from './jobs.ts';
import { CUT_KEY } from './keys.ts';
import { restoreLedger } from './ledger.ts';
import { MalformedRow, readRows } from './reads.ts';
import { ledgerRow, studentRow } from './rows.ts';
import { settle } from './settle.ts';
import { ledgerEntries, readStudent } from './student-rows.ts';
import { keepTallies, overtaken, type Tallied } from './tallied.ts';
import { talliesOf } from './tallies.ts';

/**
 * Adds up a page of the ledger.
 *
 * Requests: BatchGets of the students that it names, what letting go of orphans takes, and a Put for each bucket.
 */
export async function tallyLedger(
  stage: AggregateStage,
  { task, step, number, rows }: Tallied,
  note: Note,
): Promise<JobCounts> {
  const sums = new Sums();
  const ledgers = rows.flatMap((row) => LedgerLike.safeParse(row).data ?? []);
  const unsourced = await orphansAmong(stage, ledgers);
  // Of one that has changed since the cut, the shards have what it was.
  const orphans = ledgers.filter(({ source, cut }) => unsourced.has(source) && cutNumber(cut) !== number);
  const counts = await letGo(stage, task, number, orphans, note);
  for (const row of ledgers) {
    if (orphans.includes(row)) continue;
    const contribution = contributedAt(number, row);
    if (contribution === undefined) return overtaken(stage, task.jobId);
    sums.addContribution(contribution);
  }
  await keepTallies(stage, step, talliesOf('ledger', sums, new Set()));
  return counts;
}

/** The sources of ledger rows that nothing tells of, of people who are no students: of those the walk has found them. */
async function orphansAmong(
  { documents, tables, options: { settling } }: AggregateStage,
  ledgers: readonly LedgerLike[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(ledgers.map(({ userId }) => userId))].flatMap(
    (userId) => UserId.safeParse(userId).data ?? [],
  );
  const students = await settle(
    () =>
      readRows(
        documents,
        ids.map((userId) => ({ ...studentRow(tables, userId), schema: Anything })),
      ),
    settling,
  );
  const known = new Set<string>(ids.filter((_, index) => students[index] !== undefined));
  const orphans = new Set(ledgers.flatMap(({ userId, source }) => (known.has(userId) ? [] : [source])));
  for (const userId of ids.filter((each) => !known.has(each))) {
    try {
      const { sources } = await settle(() => readStudent(documents, tables, userId), settling);
      for (const { source } of ledgerEntries(sources)) orphans.delete(source);
    } catch (error) {
      if (!(error instanceof MalformedRow)) throw error;
      // What cannot be read may tell of it.
      for (const ledger of ledgers) if (ledger.userId === userId) orphans.delete(ledger.source);
    }
  }
  return orphans;
}

/**
 * Empties ledger rows that nothing tells of. The aggregates are not touched: in what was added up the rows are left out, so
 * that the comparison takes back what there is of them.
 */
async function letGo(
  { documents, tables, options }: AggregateStage,
  { cause, parameters }: JobTask,
  number: string,
  unsourced: readonly LedgerLike[],
  note: Note,
): Promise<JobCounts> {
  const orphans = unsourced.filter(({ contribution }) => Object.keys(contribution).length > 0);
  const { repair } = AggregateParameters.parse(parameters);
  if (repair) {
    await settle(async () => {
      const rows = await readRows(
        documents,
        orphans.map(({ source }) => ledgerRow(tables, source)),
      );
      // By traffic, so that it is as the shards have it: the step is taken anew.
      if (rows.some((row) => cutNumber(row?.cut) === number)) throw new Error('A ledger row has moved');
      const changes = rows.flatMap((previous) =>
        previous === undefined ? [] : [{ ...previous, contribution: {}, ...cause, previous }],
      );
      await restoreLedger(documents, tables, changes, options);
    }, options.settling);
  }
  for (const { source } of orphans) {
    const flow = flowOfSource(source);
    note({ flow, drift: 'orphaned', reason: 'unsourced', subject: `ledger#${source}` });
  }
  return sumOfCounts(orphans.map(({ source }) => counted(flowOfSource(source), 'orphaned', repair)));
}

function counted(flow: ReturnType<typeof flowOfSource>, drift: 'orphaned', repair: boolean): JobCounts {
  return {
    [countOf(flow, 'checked')]: 1,
    [countOf(flow, drift)]: 1,
    ...(repair && { [countOf(flow, 'repaired')]: 1 }),
  };
}

const Anything = z.looseObject({});

/** Of a contribution that somebody has damaged, what can be read: the rest contributes nothing. */
function readable(contribution: unknown): Contribution {
  const whole = (metrics: unknown) =>
    entriesOf(metrics).flatMap(([metric, amount]): [string, number][] =>
      typeof amount === 'number' && Number.isSafeInteger(amount) ? [[metric, amount]] : [],
    );
  return Object.fromEntries(
    entriesOf(contribution)
      .filter(([aggregate]) => aggregate.includes('|'))
      .map(([aggregate, metrics]) => [aggregate, Object.fromEntries(whole(metrics))]),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** A ledger row, whatever has become of it; not the one with the cut. */
const LedgerLike = z
  .looseObject({
    userId: z.string(),
    source: z.string(),
    sourceVersion: z.int().catch(0),
    cut: z.unknown().optional(),
    contribution: z.unknown().optional().transform(readable),
    atCut: z.unknown().optional().transform(readable),
  })
  .refine(({ source }) => source !== CUT_KEY.source);
type LedgerLike = z.infer<typeof LedgerLike>;
