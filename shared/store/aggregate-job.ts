import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import {
  type AggregateFinding,
  aggregateOfShard,
  amountsOf,
  findingOf,
  flowOfAggregate,
  flowOfSource,
  isSound,
  mendedShard,
  Sums,
} from '../domain/aggregate-sums.ts';
import type { Contribution } from '../domain/contribution.ts';
import { contributedAt, cutNumber } from '../domain/cut.ts';
import { type JobCounts, sumOfCounts } from '../domain/job.ts';
import type { Cause } from '../domain/stamp.ts';
import { countOf } from '../domain/sync-flow.ts';
import { RawShard } from './aggregates.ts';
import { closeCut, cutOfJob, takeCut } from './cut.ts';
import type { Documents } from './documents.ts';
import type { JobItem, JobKind, JobTask } from './jobs.ts';
import { aggregateTable, analyticsKey, CUT_KEY, type Named } from './keys.ts';
import { asSeen, type LedgerOptions, restoreLedger } from './ledger.ts';
import { queryAllRows, scanRows } from './pages.ts';
import { readRow, readRows } from './reads.ts';
import { COMPARE_SEGMENTS, LEDGER_LANES } from './reconcile-stages.ts';
import { ledgerRow, studentRow } from './rows.ts';
import { settle } from './settle.ts';
import { ledgerEntries, readStudent, STUDENT_TABLES } from './student-rows.ts';
import {
  BUCKETS,
  claimedEnd,
  claimEnd,
  type PageEnd,
  putTally,
  type StepOfJob,
  talliesIn,
  talliesOf,
} from './tallies.ts';
import { transact } from './transact.ts';

/** What the stages read and write. */
export const AGGREGATE_JOB_TABLES = [
  'analytics',
  'qbankQuestionStatistics',
  'aggregateSnapshots',
  'tallies',
  ...STUDENT_TABLES,
] as const;
type Tables = Named<(typeof AGGREGATE_JOB_TABLES)[number]>;

/** How long what was added up is kept, to be looked at. */
const KEPT_SECONDS = 3 * 24 * 3600;

export interface AggregateStages {
  /** One segment. */
  readonly cut: JobKind;
  /** TALLY_SEGMENTS, which begin CUT_SETTLES_SECONDS after the cut. */
  readonly tally: JobKind;
  /** COMPARE_SEGMENTS. */
  readonly compare: JobKind;
  /** One segment. Until then traffic keeps what is changed as it was at the cut. */
  readonly close: JobKind;
}

const Parameters = z.looseObject({ repair: z.boolean().default(true) });

export interface AggregateStagesOptions extends LedgerOptions {
  /** Rows that a step adds up, or aggregates that it compares, about. */
  readonly rowsOfStep?: number;
}

/**
 * The stages of a job that compares every aggregate with the sum of its ledger rows while traffic goes on, and repairs
 * what differs once. Both are added up as they were at a cut (cut.ts): what has not changed since by itself, what has
 * by what was kept of it. So a difference is one, and not a transaction that was seen in one of them only, and what is
 * added to an aggregate sets it right whatever was added to it meanwhile.
 *
 * A job that meets a newer cut than its own ends without another word, and counts that as `superseded`.
 */
export function aggregateStages(
  documents: Documents,
  tables: Tables,
  options: AggregateStagesOptions,
): AggregateStages {
  const { now, settling, rowsOfStep = 2000 } = options;
  const seconds = () => Math.floor(now().getTime() / 1000) + KEPT_SECONDS;

  /** Requests: BatchGet of the cut and of what the job took, and TransactWrite of both. */
  const cut: JobKind = async ({ jobId, cause }) => ({
    items: [
      alone('cut', () =>
        settle(async () => {
          const at = now().toISOString();
          const taken = await takeCut(documents, tables, { jobId, now: at, cause, expiresAt: seconds() });
          return { cuts: taken ? 1 : 0 };
        }, settling),
      ),
    ],
  });

  /** Requests: BatchGet of the cut and of what the job took, and TransactWrite of the cut. */
  const close: JobKind = async ({ jobId, cause }) => ({
    items: [
      alone('close', () =>
        settle(async () => {
          await closeCut(documents, tables, { jobId, now: now().toISOString(), cause });
          return {};
        }, settling),
      ),
    ],
  });

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
      work: (note: Note) => work({ task, step, number, rows }, note),
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
    await claimEnd(documents, tables, step, end, seconds());
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
    const orphans = await orphansAmong(ledgers);
    for (const row of ledgers) {
      if (orphans.has(row.source)) continue;
      const contribution = contributedAt(number, row);
      if (contribution === undefined) return { superseded: 1 };
      sums.addContribution(contribution);
    }
    await write(step, talliesOf('ledger', sums, new Set()));
    const counting = ({ contribution }: LedgerLike) => Object.keys(contribution).length > 0;
    return letGo(
      task,
      ledgers.filter((row) => orphans.has(row.source) && counting(row)),
      note,
    );
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
      const { sources } = await settle(() => readStudent(documents, tables, userId), settling);
      for (const { source } of ledgerEntries(sources)) orphans.delete(source);
    }
    return orphans;
  }

  /**
   * Empties ledger rows that nothing tells of. The aggregates are not touched: in what was added up the rows are left out, so
   * that the comparison takes back what there is of them.
   */
  async function letGo(
    { cause, parameters }: JobTask,
    orphans: readonly LedgerLike[],
    note: Note,
  ): Promise<JobCounts> {
    const { repair } = Parameters.parse(parameters);
    if (repair) {
      const rows = await settle(
        () =>
          readRows(
            documents,
            orphans.map(({ source }) => ledgerRow(tables, source)),
          ),
        settling,
      );
      const changes = rows.flatMap((previous) =>
        previous === undefined ? [] : [{ ...previous, contribution: {}, ...cause, previous }],
      );
      await settle(() => restoreLedger(documents, tables, changes, options), settling);
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
    if (newer.some((of) => of > number)) return { superseded: 1 };
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

  async function write(step: StepOfJob, rows: ReturnType<typeof talliesOf>): Promise<void> {
    const expiresAt = seconds();
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

  /**
   * Requests a step: BatchGet of the cut, Queries of the tallies of buckets; for each aggregate that is out of step a
   * Get of its first shard and a TransactWrite, and where it is malformed a Query of its shards, and one of each.
   */
  const compare: JobKind = async (task) => {
    const { jobId, segment, cursor, limit } = task;
    const number = await settle(() => cutOfJob(documents, tables, jobId), settling);
    if (number === undefined) return SUPERSEDED;
    const items: JobItem[] = [];
    let bucket = Number(cursor?.bucket ?? segment);
    let after = String(cursor?.after ?? '');
    for (let looked = 0; bucket < BUCKETS; bucket += COMPARE_SEGMENTS, after = '') {
      if (items.length >= limit || looked >= rowsOfStep) return { items, next: { bucket, after } };
      const { counts, findings, aggregates } = await settle(() => findingsIn(jobId, bucket), settling);
      looked += aggregates;
      const place = bucket;
      if (after === '' && aggregates > 0) {
        items.push({
          name: `bucket#${place}`,
          cursor: { bucket, after: FIRST },
          work: () => Promise.resolve(counts),
        });
      }
      for (const finding of findings.filter(({ aggregate }) => aggregate > after)) {
        if (items.length >= limit) return { items, next: items.at(-1)?.cursor ?? { bucket, after } };
        items.push({
          name: finding.aggregate,
          cursor: { bucket: place, after: finding.aggregate },
          work: (note) => {
            const { flow, drift, reason, subject } = finding;
            note({ flow, drift, reason, subject });
            return repaired(task, number, finding);
          },
        });
      }
    }
    return { items };
  };

  /** The aggregates of a bucket, those that are out of step in the order of their names. */
  async function findingsIn(jobId: string, bucket: number) {
    const [ledger, shards, malformed] = [new Sums(), new Sums(), new Set<string>()];
    for await (const rows of talliesIn(documents, tables, jobId, bucket)) {
      for (const row of rows) {
        const sums = row.of === 'ledger' ? ledger : shards;
        for (const [aggregate, amounts] of Object.entries(row.sums))
          sums.add(aggregate, Object.entries(amounts));
        for (const aggregate of row.malformed) malformed.add(aggregate);
      }
    }
    const aggregates = [...new Set([...ledger.byAggregate.keys(), ...shards.byAggregate.keys()])].sort();
    const findings = aggregates.flatMap(
      (aggregate) =>
        findingOf({
          aggregate,
          ledger: ledger.byAggregate.get(aggregate),
          shards: shards.byAggregate.get(aggregate),
          malformed: malformed.has(aggregate),
        }) ?? [],
    );
    const counts = sumOfCounts(
      aggregates.map((aggregate) => ({ [countOf(flowOfAggregate(aggregate), 'checked')]: 1 })),
    );
    return { aggregates: aggregates.length, findings, counts };
  }

  async function repaired(
    { parameters, cause }: JobTask,
    number: string,
    finding: AggregateFinding,
  ): Promise<JobCounts> {
    const { repair } = Parameters.parse(parameters);
    if (repair) {
      if (finding.malformed) await mend(finding.aggregate, cause);
      if (finding.lacks.size > 0 && !(await settle(() => correct(number, finding, cause), settling))) {
        return { superseded: 1 };
      }
    }
    const { flow, drift } = finding;
    return { [countOf(flow, drift)]: 1, ...(repair && { [countOf(flow, 'repaired')]: 1 }) };
  }

  /** Mends the shards of an aggregate that are not sound. */
  async function mend(aggregate: string, cause: Cause): Promise<void> {
    const table = tables[aggregateTable(aggregate)];
    const { scope, part } = analyticsKey(aggregate, 0);
    await settle(async () => {
      const shards = await queryAllRows(documents, {
        table,
        schema: RawShard,
        partition: ['scope', scope],
        sort: { attribute: 'part', beginsWith: part.slice(0, -1) },
      });
      for (const row of shards) {
        if (aggregateOfShard(row) !== aggregate || isSound(row)) continue;
        const item = mendedShard(row, now().toISOString(), cause);
        await transact(documents, [{ kind: 'put', table, item, when: asSeen(row) }]);
      }
    }, settling);
  }

  /**
   * Adds what an aggregate lacks to its first shard, which says of which cut that was: so it is done once, whatever
   * comes again. Before any newer cut, or not at all.
   *
   * @returns false where there is a newer cut
   */
  async function correct(
    number: string,
    { aggregate, lacks }: AggregateFinding,
    cause: Cause,
  ): Promise<boolean> {
    const table = tables[aggregateTable(aggregate)];
    const key = analyticsKey(aggregate, 0);
    const row = await readRow(documents, { table, key, schema: RawShard });
    if (row !== undefined && !isSound(row)) await mend(aggregate, cause);
    if (cutNumber(row?.corrected) === number) return true;
    if (cutNumber(row?.cut) > number || cutNumber(row?.corrected) > number) return false;
    await transact(documents, [
      {
        kind: 'add',
        table,
        key,
        add: { ...Object.fromEntries(lacks), version: 1 },
        set: { updatedAt: now().toISOString(), ...cause, corrected: number },
        when: {
          expression:
            '(attribute_not_exists(#corrected) OR #corrected < :cut) AND (attribute_not_exists(#cut) OR #cut <= :cut)',
          names: { '#corrected': 'corrected', '#cut': 'cut' },
          values: { ':cut': number },
        },
        once: true,
      },
    ]);
    return true;
  }

  return { cut, tally, compare, close };
}

type Note = Parameters<JobItem['work']>[0];

const SUPERSEDED = { items: [alone('superseded', () => Promise.resolve({ superseded: 1 }))] };

const WRITES_AT_ONCE = 16;

/** Before the names of all aggregates, and behind the beginning. */
const FIRST = '!';

function alone(name: string, work: () => Promise<JobCounts>): JobItem {
  return { name, cursor: { done: 1 }, work };
}

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
