import { type JobState, type SegmentState, sumOfCounts } from '../domain/job.ts';
import { firstOf, flowsOf } from '../domain/sync-flow.ts';
import type { JobDetail, JobView } from './jobs.ts';

/** A job as every list shows it. */
export function jobView(job: JobState): JobView {
  const { jobId, kind, status, segments, segmentsDone, segmentsFailed, done, aside } = job;
  const { stage, later, requestedBy, startedAt, endedAt, version } = job;
  return {
    jobId,
    kind,
    parameters: { ...job.parameters },
    status,
    segments,
    stage,
    stages: stage + later.length,
    segmentsDone,
    segmentsFailed,
    done,
    aside,
    counts: { ...job.counts },
    requestedBy,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    version,
  };
}

/** A job with how far each of its segments has come that has begun. */
export function jobDetail(job: JobState, segments: readonly SegmentState[]): JobDetail {
  const counts = sumOfCounts(segments.map((segment) => segment.counts));
  const flows = flowsOf(counts);
  const examples = segments.flatMap((segment) => segment.examples ?? []);
  const sum = (of: 'done' | 'aside') => segments.reduce((total, each) => total + each[of], 0);
  return {
    ...jobView(job),
    done: sum('done'),
    aside: sum('aside'),
    counts: { ...counts },
    ...(flows.some(({ checked }) => checked > 0) && { flows }),
    ...(examples.length > 0 && { examples: firstOf(examples) }),
    progress: segments.map(
      ({ segment, status, done, aside, counts, failures, lastFailure, notBefore, updatedAt, version }) => ({
        segment,
        status,
        done,
        aside,
        counts: { ...counts },
        failures,
        ...(lastFailure !== undefined && { lastFailure }),
        ...(notBefore !== undefined && { notBefore }),
        updatedAt,
        version,
      }),
    ),
  };
}
