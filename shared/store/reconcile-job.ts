import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import type { JobCounts, JobStage } from '../domain/job.ts';
import { countOf, FLOWS } from '../domain/sync-flow.ts';
import {
  AGGREGATE_JOB_TABLES,
  aggregateStages,
  COMPARE_SEGMENTS,
  CUT_SETTLES_SECONDS,
  TALLY_SEGMENTS,
} from './aggregate-job.ts';
import type { Documents } from './documents.ts';
import type { JobItem, JobKind } from './jobs.ts';
import type { Named } from './keys.ts';
import type { LedgerOptions } from './ledger.ts';
import { scanRows } from './pages.ts';
import { readRows } from './reads.ts';
import { type Reconciled, reconcileStudent } from './reconcile-student.ts';
import { STUDENT_TABLES } from './student-rows.ts';
import { studentRow } from './rows.ts';
import type { Meter } from './metered.ts';
import { createOutlines } from './outlines.ts';

export const RECONCILE = 'reconcile';

/** Parts of the list of students that are gone through side by side. */
const WALKS = 8;
/** Parts of the table of progress in which people are looked for whom the list does not have. */
const STRAYS = 2;

/** The stages of the job: rows first, and then, when the ledger is whole, the aggregates. */
export const RECONCILE_STAGES: readonly [JobStage, ...JobStage[]] = [
  { segments: WALKS + STRAYS },
  { segments: 1 },
  { segments: TALLY_SEGMENTS, afterSeconds: CUT_SETTLES_SECONDS },
  { segments: COMPARE_SEGMENTS },
  { segments: 1 },
];

export const ReconcileParameters = z.object({
  /** False: what is out of step is told of and left. */
  repair: z.boolean(),
  quietSeconds: z.number().min(0),
});

const Listed = z.looseObject({ userId: UserId });

export const RECONCILE_TABLES = [...STUDENT_TABLES, ...AGGREGATE_JOB_TABLES] as const;
type Tables = Named<(typeof RECONCILE_TABLES)[number]>;

export interface ReconcileJobOptions extends LedgerOptions {
  /** Random bytes that nobody can guess, as many as a certificate's code is made of. */
  readonly codeBytes: () => Uint8Array;
}

/** Compares all that is derived in the school with its sources, and sets right what is out of step. */
export function reconcileJob(meter: Meter, tables: Tables, options: ReconcileJobOptions): JobKind {
  const { cut, tally, compare, close } = aggregateStages(meter.documents, tables, options);
  return inStages([
    walkStudents(meter, tables, options),
    ...[cut, tally, compare, close].map((stage) => counted(stage, meter)),
  ]);
}

/** A kind of job that has a kind of work for each of its stages. */
export function inStages(stages: readonly JobKind[]): JobKind {
  return (task) => {
    const stage = stages[task.stage - 1];
    if (stage === undefined) throw new Error(`The job has no stage ${task.stage}`);
    return stage(task);
  };
}

/** The same work, with what it costs among its counts. */
function counted(kind: JobKind, { takeUnits }: Meter): JobKind {
  return async (task) => {
    const page = await kind(task);
    return {
      ...page,
      items: page.items.map((item) => ({
        ...item,
        work: async (note) => ({ ...(await item.work(note)), units: Math.round(takeUnits()) }),
      })),
    };
  };
}

/**
 * Goes through all students, and those of whom only a progress is left, and reconciles each. Tables are gone through
 * by themselves, as indexes lag behind.
 *
 * Requests: a Scan a page, for strays a BatchGet too; then those of `reconcileStudent`.
 */
function walkStudents(
  { documents, takeUnits }: Meter,
  tables: Tables,
  options: ReconcileJobOptions,
): JobKind {
  const outlines = createOutlines(documents, tables);
  return async ({ parameters, segment, cursor, limit }) => {
    const given = { ...options, ...ReconcileParameters.parse(parameters), outlines };
    const walks = segment < WALKS;
    const page = await scanRows(documents, {
      table: walks ? tables.students : tables.studentProgress,
      schema: Listed,
      limit,
      consistent: true,
      lane: walks ? { lane: segment, lanes: WALKS } : { lane: segment - WALKS, lanes: STRAYS },
      start: cursor,
    });
    const listed = walks ? page.rows : await strays(documents, tables, page.rows);
    const items = listed.map((row): JobItem => ({
      name: row.userId,
      cursor: keyOf(row),
      work: async (note) => {
        const reconciled = await reconcileStudent(documents, tables, row.userId, given);
        for (const finding of reconciled.findings) note(finding);
        return countsOf(reconciled, takeUnits());
      },
    }));
    const next = page.next === undefined ? undefined : JobKey.parse(page.next);
    return { items, ...(next !== undefined && { next }) };
  };
}

const JobKey = z.record(z.string(), z.string());

/** The key of a student, or of a progress. */
function keyOf(row: z.infer<typeof Listed>): Record<string, string> {
  return 'courseId' in row && typeof row.courseId === 'string'
    ? { userId: row.userId, courseId: row.courseId }
    : { userId: row.userId };
}

async function strays(
  documents: Documents,
  tables: Named<'students'>,
  rows: readonly z.infer<typeof Listed>[],
) {
  const students = await readRows(
    documents,
    rows.map(({ userId }) => studentRow(tables, userId)),
  );
  return rows.filter(
    ({ userId }, index) => students[index] === undefined && rows[index - 1]?.userId !== userId,
  );
}

/** By the names of flows; `units` of capacity, read and written. */
function countsOf({ checked, findings }: Reconciled, units: number): JobCounts {
  const counts: Record<string, number> = { units: Math.round(units) };
  const add = (name: string, amount: number) => {
    if (amount > 0) counts[name] = (counts[name] ?? 0) + amount;
  };
  for (const flow of FLOWS) add(countOf(flow, 'checked'), checked[flow] ?? 0);
  for (const { flow, drift, repaired } of findings) {
    add(countOf(flow, drift), 1);
    if (repaired) add(countOf(flow, 'repaired'), 1);
  }
  return counts;
}
