import * as z from 'zod';
import type { JobCounts } from '../domain/job.ts';
import type { Documents } from './documents.ts';
import type { JobItem } from './jobs.ts';
import type { Named } from './keys.ts';
import type { LedgerOptions } from './ledger.ts';
import { STUDENT_TABLES } from './student-rows.ts';

/** What the stages that compare aggregates with their ledger share. */

/** What the stages read and write. */
export const AGGREGATE_JOB_TABLES = [
  'analytics',
  'qbankQuestionStatistics',
  'aggregateSnapshots',
  'tallies',
  ...STUDENT_TABLES,
] as const;
export type AggregateJobTables = Named<(typeof AGGREGATE_JOB_TABLES)[number]>;

/** Of each job. */
export const AggregateParameters = z.looseObject({ repair: z.boolean().default(true) });

export interface AggregateStageOptions extends LedgerOptions {
  /** Rows that a step adds up, or aggregates that it compares, about. */
  readonly rowsOfStep?: number;
}

/** What a stage works with. */
export interface AggregateStage {
  readonly documents: Documents;
  readonly tables: AggregateJobTables;
  readonly options: AggregateStageOptions;
}

export const ROWS_OF_STEP = 2000;

const KEPT_SECONDS = 3 * 24 * 3600;

/** Until when what was added up is kept, to be looked at: a time to live. */
export function keptUntil(now: Date): number {
  return Math.floor(now.getTime() / 1000) + KEPT_SECONDS;
}

export type Note = Parameters<JobItem['work']>[0];

/** Work that is one thing. */
export function alone(name: string, work: () => Promise<JobCounts>): JobItem {
  return { name, cursor: { done: 1 }, work };
}

/** All that is left to a job whose cut is not the newest any more. */
export const SUPERSEDED = { items: [alone('superseded', () => Promise.resolve({ superseded: 1 }))] };
