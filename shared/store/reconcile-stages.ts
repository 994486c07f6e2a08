import type { JobStage } from '../domain/job.ts';
import { MIGRATE_STAGES } from './migrate-stages.ts';

/** What reconciliation goes through, apart from how: whoever starts one needs no more. */

export const RECONCILE = 'reconcile';

/**
 * What is gone through side by side, each table in so many parts: the students, and then what else may tell of somebody
 * of whom there is no row of a student.
 */
export const WALKS = [
  ...lanesOf('students', 8),
  ...lanesOf('enrollments', 2),
  ...lanesOf('studentProgress', 2),
  ...lanesOf('accessRequests', 1),
];

function lanesOf(table: 'students' | 'enrollments' | 'studentProgress' | 'accessRequests', lanes: number) {
  return Array.from({ length: lanes }, (_, lane) => ({ table, lane: { lane, lanes } }));
}

/** Segments that add up the ledger side by side. */
export const LEDGER_LANES = 8;

/** What is added up: the ledger in lanes, and each table of aggregates. */
export const TALLY_SEGMENTS = LEDGER_LANES + 2;

/** Segments that compare side by side; each takes every so-manyth bucket. */
export const COMPARE_SEGMENTS = 4;

/**
 * How long the tally waits for the cut. No function lives longer than 28 seconds: whoever had read the ledger before
 * the cut was taken has written by then, and what was not touched since stays what it was at the cut.
 */
export const CUT_SETTLES_SECONDS = 35;

/** The stages of the job: rows first, and then, when the ledger is whole, the aggregates. */
export const RECONCILE_STAGES: readonly [JobStage, ...JobStage[]] = [
  { segments: WALKS.length },
  { segments: 1 },
  { segments: TALLY_SEGMENTS, afterSeconds: CUT_SETTLES_SECONDS },
  { segments: COMPARE_SEGMENTS },
  { segments: 1 },
];

/**
 * The stages of bringing an old school to full health: its rows into their form of today, and then everything that is
 * derived of them. A dry run ends with the first: what is derived cannot be compared with rows of the old form.
 */
export function migrateSchoolStages(repair: boolean): readonly [JobStage, ...JobStage[]] {
  return repair ? [...MIGRATE_STAGES, ...RECONCILE_STAGES] : MIGRATE_STAGES;
}
