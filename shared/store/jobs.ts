import { JobRow, JobSegmentRow } from '../contracts/job-rows.ts';
import {
  type JobCounts,
  type JobCursor,
  type JobParameters,
  type JobState,
  type SegmentDecision,
  SEGMENT_PARTS,
  type SegmentState,
  startJob,
} from '../domain/job.ts';
import { DomainError } from '../domain/errors.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Finding } from '../domain/sync-flow.ts';
import type { Documents } from './documents.ts';
import { jobKey, type Named, segmentKey } from './keys.ts';
import { queryAllRows } from './pages.ts';
import { readRows } from './reads.ts';
import { settle, type SettleOptions } from './settle.ts';
import { asRead, commit, type Put, type Write } from './transact.ts';

type Tables = Named<'jobs'>;

export function jobRow(tables: Tables, jobId: string) {
  return { table: tables.jobs, key: jobKey(jobId), schema: JobRow } as const;
}

export function segmentRow(tables: Tables, jobId: string, segment: number) {
  return { table: tables.jobs, key: segmentKey(jobId, segment), schema: JobSegmentRow } as const;
}

/** The one partition of the index of jobs. */
export const ALL_JOBS = 'job';

/** The one partition of the index of running segments: they are few, and move every few seconds. */
export const RUNNING_SEGMENTS = 'segment';

/** Writes the row of a job as it has become. */
export function jobPut(tables: Tables, read: JobState | undefined, next: JobState): Put {
  const item = { ...next, listing: ALL_JOBS };
  return { kind: 'put', table: tables.jobs, item, when: asRead(read, 'jobId') };
}

/** Writes the row of a segment as it has become; without `wakeAt` it is in the index no more. */
export function segmentPut(tables: Tables, read: SegmentState | undefined, next: SegmentState): Put {
  const item = { ...next, waking: RUNNING_SEGMENTS };
  return { kind: 'put', table: tables.jobs, item, when: asRead(read, 'jobId') };
}

/** The writes that start a job, which its id makes once; in one transaction, with what it follows from. */
export function startJobWrites(tables: Tables, given: Parameters<typeof startJob>[0]): Write[] {
  const { job, segments } = startJob(given);
  return [
    jobPut(tables, undefined, job),
    ...segments.map((segment) => segmentPut(tables, undefined, segment)),
  ];
}

/** The job's row. @throws DomainError job_unknown */
export function existingJob(jobId: string, job: JobRow | undefined): JobRow {
  if (job !== undefined) return job;
  throw new DomainError('job_unknown', 'There is no such job.', { jobId });
}

/** All segments of a job, in their order. */
export function segmentsOf(documents: Documents, tables: Tables, jobId: string): Promise<JobSegmentRow[]> {
  return queryAllRows(documents, {
    table: tables.jobs,
    schema: JobSegmentRow,
    partition: ['jobId', jobId],
    sort: { attribute: 'part', beginsWith: SEGMENT_PARTS },
  });
}

/** Names a segment at the version it was seen at. */
export interface SegmentSeen {
  readonly jobId: string;
  readonly segment: number;
  readonly version: number;
}

/**
 * Writes what `decide` makes of a segment and its job. Nothing where the segment is not at that version any more:
 * somebody else has moved it, or this very call, whose reply was lost.
 *
 * Requests: BatchGet of both rows; Put of the segment, or TransactWrite of both, with the segments of the next stage.
 *
 * @returns what was decided, where it was written
 * @throws MalformedRow, DomainError busy
 */
export function decideOnSegment(
  documents: Documents,
  tables: Tables,
  { jobId, segment: number, version }: SegmentSeen,
  decide: (segment: JobSegmentRow, job: JobRow) => SegmentDecision | undefined,
  settling?: SettleOptions,
): Promise<SegmentDecision | undefined> {
  return settle(async () => {
    const requests = [segmentRow(tables, jobId, number), jobRow(tables, jobId)] as const;
    const [segment, job] = await readRows(documents, requests);
    if (segment === undefined || job === undefined || segment.version !== version) return undefined;
    const decision = decide(segment, job);
    if (decision === undefined) return undefined;
    await commit(documents, [
      segmentPut(tables, segment, decision.segment),
      ...(decision.job === undefined ? [] : [jobPut(tables, job, decision.job)]),
      ...(decision.begun ?? []).map((each) => segmentPut(tables, undefined, each)),
    ]);
    return decision;
  }, settling);
}

/** One of the things that a job works through. */
export interface JobItem {
  /** By ids only: what is set aside is kept under it. */
  readonly name: string;
  /** A step that begins behind it does not see it again. */
  readonly cursor: JobCursor;
  /**
   * Does what the job is for, and says what that was. It comes again after whatever goes wrong, and at the same time
   * as itself: done twice, it must have the effect of once. What it notes is kept with the job, a little of each kind.
   *
   * @throws MalformedRow, which sets the item aside; anything else fails the step
   */
  readonly work: (note: (example: Finding) => void) => Promise<JobCounts>;
  /** Every job of its kind meets it: set aside, it is one failure, and not another one each night. */
  readonly recurs?: true;
  /** What it counts where it is set aside. */
  readonly asideCounts?: JobCounts;
}

export interface JobTask {
  readonly jobId: string;
  readonly parameters: JobParameters;
  /** The first is 1. */
  readonly stage: number;
  /** Its number in its stage, from 0. */
  readonly segment: number;
  /** The segment's rows are all of one cause. */
  readonly cause: Cause;
  /** Undefined at the beginning. */
  readonly cursor: JobCursor | undefined;
  /** The most items of a page. */
  readonly limit: number;
}

/** What a job of a kind works through, page by page; `next` is missing on the last page. */
export type JobKind = (
  task: JobTask,
) => Promise<{ readonly items: readonly JobItem[]; readonly next?: JobCursor }>;
