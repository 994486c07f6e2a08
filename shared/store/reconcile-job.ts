import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import type { JobCounts } from '../domain/job.ts';
import { countOf, FLOWS } from '../domain/sync-flow.ts';
import { aggregateStages } from './aggregate-job.ts';
import { AGGREGATE_JOB_TABLES } from './aggregate-stage.ts';
import type { Documents } from './documents.ts';
import type { JobItem, JobKind } from './jobs.ts';
import type { Named } from './keys.ts';
import type { LedgerOptions } from './ledger.ts';
import { scanRows } from './pages.ts';
import { parseRow, readRows } from './reads.ts';
import { settle } from './settle.ts';
import { type Reconciled, reconcileStudent } from './reconcile-student.ts';
import { WALKS } from './reconcile-stages.ts';
import type { Meter } from './metered.ts';
import { createOutlines } from './outlines.ts';

export const ReconcileParameters = z.object({
  /** False: what is out of step is told of and left. */
  repair: z.boolean(),
  quietSeconds: z.number().min(0),
});

/** Any row of somebody: what is wrong with it is found where that person is looked at. */
const Listed = z.looseObject({ userId: z.string() });

export const RECONCILE_TABLES = AGGREGATE_JOB_TABLES;
type Tables = Named<(typeof RECONCILE_TABLES)[number]>;

export interface ReconcileJobOptions extends LedgerOptions {
  /** Random bytes that nobody can guess, as many as a certificate's code is made of. */
  readonly codeBytes: () => Uint8Array;
}

/** Compares all that is derived in the school with its sources, and sets right what is out of step. */
export function reconcileJob(meter: Meter, tables: Tables, options: ReconcileJobOptions): JobKind {
  return inStages(reconcileStages(meter, tables, options));
}

/** The work of each of RECONCILE_STAGES. */
export function reconcileStages(meter: Meter, tables: Tables, options: ReconcileJobOptions): JobKind[] {
  const { cut, tally, compare, close } = aggregateStages(meter.documents, tables, options);
  return [
    walkStudents(meter, tables, options),
    ...[cut, tally, compare, close].map((stage) => counted(stage, meter)),
  ];
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
 * Goes through all students, and those of whom only other rows tell, and reconciles each. Tables are gone through
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
    const walk = WALKS[segment];
    if (walk === undefined) throw new Error(`There is no walk ${segment}`);
    const { table, lane } = walk;
    const schema = Listed;
    const page = await settle(
      () =>
        scanRows(documents, { table: tables[table], schema, limit, consistent: true, lane, start: cursor }),
      options.settling,
    );
    const listed = table === 'students' ? page.rows : await strays(documents, tables, page.rows);
    const items = listed.map((row): JobItem => ({
      name: row.userId,
      recurs: true,
      cursor: keyOf(row),
      work: async (note) => {
        const { userId } = parseRow(tables[table], Identified, row);
        const reconciled = await reconcileStudent(documents, tables, userId, given);
        for (const finding of reconciled.findings) note(finding);
        return countsOf(reconciled, takeUnits());
      },
    }));
    const next = page.next === undefined ? undefined : JobKey.parse(page.next);
    return { items, ...(next !== undefined && { next }) };
  };
}

const Identified = z.looseObject({ userId: UserId });

const JobKey = z.record(z.string(), z.string());

/** The key of a student, or of a row of one in a course. */
function keyOf(row: z.infer<typeof Listed>): Record<string, string> {
  const { userId, courseId } = row;
  return typeof courseId === 'string' ? { userId, courseId } : { userId };
}

async function strays(
  documents: Documents,
  tables: Named<'students'>,
  rows: readonly z.infer<typeof Listed>[],
) {
  const students = await readRows(
    documents,
    rows.map(({ userId }) => ({ table: tables.students, key: { userId }, schema: z.looseObject({}) })),
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
