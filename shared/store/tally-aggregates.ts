import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import { aggregateOfShard, amountsOf, flowOfSource, isSound, Sums } from '../domain/aggregate-sums.ts';
import type { Contribution } from '../domain/contribution.ts';
import { contributedAt, cutNumber } from '../domain/cut.ts';
import { type JobCounts, sumOfCounts } from '../domain/job.ts';
import { countOf } from '../domain/sync-flow.ts';
import {
  type AggregateStage,
  AggregateParameters,
  keptUntil,
  type Note,
  ROWS_OF_STEP,
  SUPERSEDED,
} from './aggregate-stage.ts';
import { RawShard } from './aggregates.ts';
import { cutOfJob } from './cut.ts';
import type { JobKind, JobTask } from './jobs.ts';
import { CUT_KEY } from './keys.ts';
import { restoreLedger } from './ledger.ts';
import { scanRows } from './pages.ts';
import { MalformedRow, readRows } from './reads.ts';
import { LEDGER_LANES } from './reconcile-stages.ts';
import { ledgerRow, studentRow } from './rows.ts';
import { settle } from './settle.ts';
import { ledgerEntries, readStudent } from './student-rows.ts';
import { claimedEnd, claimEnd, type PageEnd, putTally, type StepOfJob, talliesOf } from './tallies.ts';

/** Adds up, as they were at the cut, the ledger in lanes and each table of aggregates: TALLY_SEGMENTS. */
export function tallyStage({ documents, tables, options }: AggregateStage): JobKind {
  const { now, settling, rowsOfStep = ROWS_OF_STEP } = options;

  /**
   * Requests a step: BatchGet of the cut, Get and Put of where the step ends, Scans; of the ledger BatchGets of the
   * students that it names, of shards a BatchGet of what was kept of those that have changed; a Put for each bucket.
   */
  const tally: JobKind = async (task) => {
    const number = await settle(() => cutOfJob(documents, tables, task.jobId), settling);
    if (number === undefined) return SUPERSEDED;
    const step = { jobId: task.jobId, segment: task.segment, step: Number(task.cursor?.step ?? 0) };
    const { rows, end } = await settle(() => pageOf(task, step), settling);
    const behind = { step: step.step + 1, ...end };
    const work = task.segment < LEDGER_LANES ? ofLedger : ofShards;
    const item = {
      name: `${task.segment}#${step.step}`,
      cursor: behind,
      work: (note: Note) => whole(work({ task, step, number, rows }, note)),
    };
    return { items: [item], ...(end !== null && { next: behind }) };
  };

  interface Page {
    readonly rows: readonly Row[];
    readonly end: PageEnd;
  }

  /** The page of a step, which is the same whoever takes it: rows that are new since are none of its concern. */
  async function pageOf({ cursor, segment }: JobTask, step: StepOfJob): Promise<Page> {
    const { step: _step, ...after } = cursor ?? {};
    const list = LISTS[segment] ?? { table: 'ledger', lane: { lane: segment, lanes: LEDGER_LANES } };
    const claimed = await claimedEnd(documents, tables, step);
    const rows: Row[] = [];
    let start: Readonly<Record<string, unknown>> | undefined = cursor === undefined ? undefined : after;
    do {
      const page = await scanRows(documents, {
        table: tables[list.table],
        schema: Row,
        limit: Math.min(rowsOfStep, 1000),
        start,
        consistent: true,
        ...(list.lane !== undefined && { lane: list.lane }),
      });
      rows.push(...page.rows);
      start = page.next;
      const last = claimed?.end ? rows.findIndex((row) => isAt(row, claimed.end)) : -1;
      if (claimed !== undefined && last >= 0) return { rows: rows.slice(0, last + 1), end: claimed.end };
    } while (
      start !== undefined &&
      (claimed === undefined ? rows.length < rowsOfStep : rows.length < 4 * rowsOfStep)
    );
    if (claimed !== undefined) {
      // Nothing is ever deleted. To add up more than the page would count it twice.
      if (claimed.end !== null || start !== undefined) throw new Error('The end of the page is gone');
      return { rows, end: null };
    }
    const end = start === undefined ? null : PagePosition.parse(start);
    await claimEnd(documents, tables, step, end, keptUntil(now()));
    return { rows, end };
  }

  interface Tallied {
    readonly task: JobTask;
    readonly step: StepOfJob;
    readonly number: string;
    readonly rows: readonly Row[];
  }

  const ofLedger = async ({ task, step, number, rows }: Tallied, note: Note): Promise<JobCounts> => {
    const sums = new Sums();
    const ledgers = rows.flatMap((row) => LedgerLike.safeParse(row).data ?? []);
    const unsourced = await orphansAmong(ledgers);
    // Of one that has changed since the cut, the shards have what it was.
    const orphans = ledgers.filter(({ source, cut }) => unsourced.has(source) && cutNumber(cut) !== number);
    const counts = await letGo(task, number, orphans, note);
    for (const row of ledgers) {
      if (orphans.includes(row)) continue;
      const contribution = contributedAt(number, row);
      if (contribution === undefined) return overtaken(task.jobId);
      sums.addContribution(contribution);
    }
    await write(step, talliesOf('ledger', sums, new Set()));
    return counts;
  };

  /** The sources of ledger rows that nothing tells of, of people who are no students: of those the walk has found them. */
  async function orphansAmong(ledgers: readonly LedgerLike[]): Promise<ReadonlySet<string>> {
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
      }, settling);
    }
    for (const { source } of orphans) {
      const flow = flowOfSource(source);
      note({ flow, drift: 'orphaned', reason: 'unsourced', subject: `ledger#${source}` });
    }
    return sumOfCounts(orphans.map(({ source }) => counted(flowOfSource(source), 'orphaned', repair)));
  }

  const ofShards = async ({ step, number, rows }: Tallied): Promise<JobCounts> => {
    const shards = rows.flatMap((row) => {
      const raw = RawShard.safeParse(row).data;
      const aggregate = raw && aggregateOfShard(raw);
      return raw === undefined || aggregate === undefined
        ? []
        : [{ aggregate, raw, cut: cutNumber(raw.cut) }];
    });
    if (shards.some(({ raw }) => isByHand(raw)))
      throw new Error('There are figures of an old school: migrate it first');
    const touched = shards.filter(({ cut: of }) => of >= number);
    const kept = await settle(
      () =>
        readRows(
          documents,
          touched.map(({ raw: { scope, part } }) => ({
            table: tables.aggregateSnapshots,
            key: { scope, part },
            schema: RawShard,
          })),
        ),
      settling,
    );
    const newer = [...touched.map(({ cut: of }) => of), ...kept.map((row) => cutNumber(row?.cut))];
    if (newer.some((of) => of > number)) return overtaken(step.jobId);
    const before = new Map(touched.map(({ raw }, index) => [raw, kept[index]]));
    const sums = new Sums();
    const malformed = new Set<string>();
    for (const { aggregate, raw, cut: of } of shards) {
      const snapshot = before.get(raw);
      // A shard that was made since had nothing at the cut; what is kept of an older cut is not of this shard.
      const atCut = of < number ? raw : cutNumber(snapshot?.cut) === number ? snapshot : undefined;
      if (atCut !== undefined) sums.add(aggregate, amountsOf(atCut));
      if (isSound(raw)) continue;
      sums.add(aggregate, []);
      malformed.add(aggregate);
    }
    await write(step, talliesOf('shards', sums, malformed));
    return {};
  };

  /** There is a row of a newer cut. @throws Error where nobody has taken one: what is not added up would be missed */
  async function overtaken(jobId: string): Promise<JobCounts> {
    const number = await settle(() => cutOfJob(documents, tables, jobId), settling);
    if (number !== undefined) throw new Error('A row is of a cut that was never taken');
    return { superseded: 1 };
  }

  async function write(step: StepOfJob, rows: ReturnType<typeof talliesOf>): Promise<void> {
    const expiresAt = keptUntil(now());
    const all = [...rows];
    for (let start = 0; start < all.length; start += WRITES_AT_ONCE) {
      await Promise.all(
        all
          .slice(start, start + WRITES_AT_ONCE)
          .map(([bucket, row]) =>
            settle(() => putTally(documents, tables, step, bucket, { row, expiresAt }), settling),
          ),
      );
    }
  }

  return tally;
}

/** A step is one thing: what cannot be read fails all of it, and is not passed over with the rest of its page. */
async function whole(work: Promise<JobCounts>): Promise<JobCounts> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MalformedRow) throw new Error(error.message, { cause: error });
    throw error;
  }
}

const WRITES_AT_ONCE = 16;

function counted(flow: ReturnType<typeof flowOfSource>, drift: 'orphaned', repair: boolean): JobCounts {
  return {
    [countOf(flow, 'checked')]: 1,
    [countOf(flow, drift)]: 1,
    ...(repair && { [countOf(flow, 'repaired')]: 1 }),
  };
}

/** By segment, behind those of the ledger. */
const LISTS: Readonly<
  Record<number, { readonly table: 'analytics' | 'qbankQuestionStatistics'; readonly lane?: undefined }>
> = {
  [LEDGER_LANES]: { table: 'analytics' },
  [LEDGER_LANES + 1]: { table: 'qbankQuestionStatistics' },
};

const Anything = z.looseObject({});
const Row = z.looseObject({});
type Row = z.infer<typeof Row>;

const PagePosition = z.record(z.string(), z.string());

function isAt(row: Row, end: PageEnd): boolean {
  return end !== null && Object.entries(end).every(([name, value]) => row[name] === value);
}

/** Nothing of what every row carries since there are versions. */
function isByHand(row: RawShard): boolean {
  return ['version', 'updatedAt', 'causedBy', 'causedAt'].every((name) => row[name] === undefined);
}

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
