import * as z from 'zod';
import { JOB_STATUSES } from '../domain/job.ts';
import { Timestamp } from './fields.ts';
import { FLOWS } from '../domain/sync-flow.ts';
import { FindingRow, JobId } from './job-rows.ts';

const counted = {
  /** Items worked on. */
  done: z.int(),
  /** Items that could not be worked on whatever was tried; they are kept with the reasons. */
  aside: z.int(),
  /** What was done, by names of the kind of job; less than all where a step was cut off and done again. */
  counts: z.record(z.string(), z.int()),
};

/** A job as lists show it: with the figures of the segments that have ended. */
export const JobView = z.strictObject({
  jobId: JobId,
  kind: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  status: z.enum(JOB_STATUSES),
  /** Of all stages. */
  segments: z.int(),
  /** The stage that runs, or ran last, of so many: each begins with the end of the one before. */
  stage: z.int(),
  stages: z.int(),
  segmentsDone: z.int(),
  segmentsFailed: z.int(),
  ...counted,
  requestedBy: z.string(),
  startedAt: Timestamp,
  endedAt: Timestamp.optional(),
  version: z.int(),
});
export type JobView = z.infer<typeof JobView>;

/** The kinds of jobs that admins start, and the schedule does. */
export const STARTED_KINDS = ['reconcile'] as const;

export const StartJob = z.strictObject({
  kind: z.enum(STARTED_KINDS),
  /** False: tell what is out of step, and leave it. */
  repair: z.boolean().default(true),
  /** What was written in the last so many seconds may be on its way still, and is left to the streams. */
  quietSeconds: z.int().min(1).max(3600).default(60),
});
export type StartJob = z.infer<typeof StartJob>;

/** The newest first; a list ends where `cursor` is missing. */
export const Jobs = z.strictObject({ jobs: z.array(JobView), cursor: z.string().optional() });
export type Jobs = z.infer<typeof Jobs>;

/** A job with the figures of all its segments that have begun, those that are on their way included. */
export const JobDetail = JobView.extend({
  /** Of a job that compares what is derived with its sources: what it compared and found, by flow. */
  flows: z
    .array(
      z.strictObject({
        name: z.enum(FLOWS),
        checked: z.int(),
        missing: z.int(),
        wrong: z.int(),
        orphaned: z.int(),
        repaired: z.int(),
      }),
    )
    .optional(),
  /** A few of what it found, of each kind. */
  examples: z.array(FindingRow).optional(),
  progress: z.array(
    z.strictObject({
      segment: z.int(),
      status: z.enum(JOB_STATUSES),
      ...counted,
      /** Steps that failed in a row, and why the last one did. */
      failures: z.int(),
      lastFailure: z.string().optional(),
      notBefore: Timestamp.optional(),
      updatedAt: Timestamp,
      version: z.int(),
    }),
  ),
});
export type JobDetail = z.infer<typeof JobDetail>;
