import * as z from 'zod';
import { JOB_STATUSES } from '../domain/job.ts';
import { DRIFT_REASONS, DRIFTS, FLOWS } from '../domain/sync-flow.ts';
import { Timestamp } from './fields.ts';
import { stamp } from './rows.ts';

/** The rows of the table `jobs`, read as those of rows.ts are. */

/** Its kind, and the ids that it is about, apart by what no id holds: two jobs can never have one id. */
export const JobId = z
  .string()
  .regex(/^[a-z][a-z-]{0,39}(~[A-Za-z0-9._:-]{1,64}){0,5}$/, 'must be the id of a job');

/** A value that was found out of step. */
export const FindingRow = z.object({
  flow: z.enum(FLOWS),
  drift: z.enum(DRIFTS),
  reason: z.enum(DRIFT_REASONS),
  subject: z.string(),
});

const counted = {
  done: z.int().min(0),
  aside: z.int().min(0),
  counts: z.record(z.string(), z.int()),
  examples: z.array(FindingRow).readonly().optional(),
};

/** Part `job`: the job as a whole. */
export const JobRow = z.looseObject({
  jobId: JobId,
  part: z.string(),
  kind: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  status: z.enum(JOB_STATUSES),
  segments: z.int().positive(),
  /** Rows from before there were stages have one. */
  stage: z.int().positive().default(1),
  stageFrom: z.int().min(0).default(0),
  later: z
    .array(z.object({ segments: z.int().positive(), afterSeconds: z.number().optional() }))
    .readonly()
    .default([]),
  segmentsDone: z.int().min(0),
  segmentsFailed: z.int().min(0),
  ...counted,
  startedAt: Timestamp,
  endedAt: Timestamp.optional(),
  requestedBy: z.string(),
  ...stamp,
});
export type JobRow = z.infer<typeof JobRow>;

/** Part `segment#000`: how far one part of its work has come. */
export const JobSegmentRow = z.looseObject({
  jobId: JobId,
  part: z.string(),
  segment: z.int().min(0),
  status: z.enum(JOB_STATUSES),
  cursor: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  ...counted,
  failures: z.int().min(0),
  lastFailure: z.string().optional(),
  notBefore: Timestamp.optional(),
  wakeAt: Timestamp.optional(),
  ...stamp,
});
export type JobSegmentRow = z.infer<typeof JobSegmentRow>;

/** Any row of the table. */
export const AnyJobRow = z.union([JobRow, JobSegmentRow]);
