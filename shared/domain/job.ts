import { nextStamp, type Cause, type Stamp } from './stamp.ts';
import { type Finding, firstOf } from './sync-flow.ts';

/**
 * Long work as rows: a job and its segments, each with a cursor into the list that it works through. Every move of a
 * cursor wakes the next step, so a job goes on wherever it was cut off, and a step decided on what is no longer there
 * moves nothing. Where work has to wait for other work, the segments are in stages: those of the next are made by the
 * write that ends the last of the stage before, unless one of them failed.
 */

export const JOB_STATUSES = ['running', 'done', 'stopped', 'failed'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Where in its list a segment is: what the list needs to go on behind it. */
export type JobCursor = Readonly<Record<string, string | number>>;

/** What steps did, by names of the kind of job. */
export type JobCounts = Readonly<Record<string, number>>;

/** What a job is about. */
export type JobParameters = Readonly<Record<string, string | number | boolean>>;

/** Segments that begin when all those before them have ended. */
export type JobStage = {
  readonly segments: number;
  /** How long they wait first; not at all where it is missing. */
  readonly afterSeconds?: number | undefined;
};

// Aliases for the reason that states.ts gives, and times as there.

export type JobState = Stamp & {
  readonly jobId: string;
  readonly part: string;
  readonly kind: string;
  readonly parameters: JobParameters;
  /** Of a job with a segment that failed, `failed` once all of its stage have ended. */
  readonly status: JobStatus;
  /** Of all stages. */
  readonly segments: number;
  /** The stage that runs, or ran last: the first is 1; and the number of its first segment. */
  readonly stage: number;
  readonly stageFrom: number;
  /** The stages that have not begun. */
  readonly later: readonly JobStage[];
  /** Those that have ended, and those of them that gave up. */
  readonly segmentsDone: number;
  readonly segmentsFailed: number;
  /** Items worked on and items set aside, of the segments that have ended, like the counts. */
  readonly done: number;
  readonly aside: number;
  readonly counts: JobCounts;
  /** Of what was found out of step a few of each kind. */
  readonly examples?: readonly Finding[] | undefined;
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  /** A person, or the function whose schedule it was. */
  readonly requestedBy: string;
};

export type SegmentState = Stamp & {
  readonly jobId: string;
  readonly part: string;
  readonly segment: number;
  readonly status: JobStatus;
  /** Missing before its first step. */
  readonly cursor?: JobCursor | undefined;
  readonly done: number;
  readonly aside: number;
  readonly counts: JobCounts;
  readonly examples?: readonly Finding[] | undefined;
  /** Steps that failed in a row, and why the last one did. */
  readonly failures: number;
  readonly lastFailure?: string | undefined;
  /** No step before then; the schedule wakes it. */
  readonly notBefore?: string | undefined;
  /** When the schedule wakes it, unless it has moved by then; of a running segment only. */
  readonly wakeAt?: string | undefined;
};

export const JOB_PART = 'job';

/** What the parts of segments begin with. */
export const SEGMENT_PARTS = 'segment#';

/** Three digits, so that the parts sort by number. */
export function segmentPart(segment: number): string {
  return `${SEGMENT_PARTS}${String(segment).padStart(3, '0')}`;
}

/** Of a stage, so that a job and its segments fit one transaction with what they are started by. */
export const MOST_SEGMENTS = 90;

/** Of a job, as their parts sort by number. */
const MOST_IN_ALL = 1000;

/** After so many failures in a row a segment gives up: about five hours, by `waitSeconds`. */
export const MOST_FAILURES = 10;

const LONGEST_WAIT_SECONDS = 3600;

/** Longer than a step may take and its record is on its way; twice as long after each failure. */
function waitSeconds(failures: number): number {
  return Math.min(LONGEST_WAIT_SECONDS, 60 * 2 ** failures);
}

/** @param seconds may be negative */
export function laterBy(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1000).toISOString();
}

/** A job and the segments of its first stage, of which each is running, or waits. */
export function startJob(given: {
  readonly jobId: string;
  readonly kind: string;
  readonly parameters: JobParameters;
  readonly segments: readonly { readonly notBefore?: string }[];
  /** What comes after them. */
  readonly later?: readonly JobStage[];
  readonly requestedBy: string;
  readonly now: string;
  readonly cause: Cause;
}): { readonly job: JobState; readonly segments: readonly SegmentState[] } {
  const { jobId, kind, parameters, later = [], requestedBy, now, cause } = given;
  const sizes = [given.segments.length, ...later.map(({ segments }) => segments)];
  if (sizes.some((size) => size < 1 || size > MOST_SEGMENTS)) {
    throw new Error(`A stage of a job has 1 to ${MOST_SEGMENTS} segments`);
  }
  const segments = sizes.reduce((sum, size) => sum + size, 0);
  if (segments > MOST_IN_ALL) throw new Error(`A job has ${MOST_IN_ALL} segments at most`);
  const stamp = nextStamp(undefined, now, cause);
  return {
    job: {
      jobId,
      part: JOB_PART,
      kind,
      parameters,
      status: 'running',
      segments,
      stage: 1,
      stageFrom: 0,
      later,
      segmentsDone: 0,
      segmentsFailed: 0,
      ...NOTHING_DONE,
      startedAt: now,
      requestedBy,
      ...stamp,
    },
    segments: given.segments.map(({ notBefore }, segment) =>
      newSegment({ jobId, segment, notBefore, now, stamp }),
    ),
  };
}

const NOTHING_DONE = { done: 0, aside: 0, counts: {} };

function newSegment(given: {
  readonly jobId: string;
  readonly segment: number;
  readonly notBefore: string | undefined;
  readonly now: string;
  readonly stamp: Stamp;
}): SegmentState {
  const { jobId, segment, notBefore, now, stamp } = given;
  return {
    jobId,
    part: segmentPart(segment),
    segment,
    status: 'running',
    ...NOTHING_DONE,
    failures: 0,
    ...(notBefore === undefined ? {} : { notBefore }),
    wakeAt: notBefore ?? laterBy(now, waitSeconds(0)),
    ...stamp,
  };
}

/** What one step did. */
export type Step = {
  /** Behind what was done; undefined at the end of the list. */
  readonly cursor: JobCursor | undefined;
  readonly done: number;
  readonly aside: number;
  readonly counts: JobCounts;
  readonly examples?: readonly Finding[];
};

/** The rows to write, in one transaction; no job: it stays. `begun` are the segments of the next stage. */
export type SegmentDecision = {
  readonly segment: SegmentState;
  readonly job?: JobState;
  readonly begun?: readonly SegmentState[];
};

export function sumOfCounts(counts: readonly JobCounts[]): JobCounts {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

/** Of each flow and kind of drift: enough to look into, and little enough to be written with every step. */
const EXAMPLES_OF_SEGMENT = 2;

/** The examples of a row with those that come to it; nothing where there are none. */
function withExamples(
  { examples = [] }: Pick<SegmentState, 'examples'>,
  added: readonly Finding[],
  most?: number,
): Pick<SegmentState, 'examples'> {
  const kept = firstOf([...examples, ...added], most);
  return kept.length === 0 ? {} : { examples: kept };
}

/** Whether a step of the segment may begin. */
export function isDue({ status, notBefore }: SegmentState, now: string): boolean {
  return status === 'running' && (notBefore === undefined || notBefore <= now);
}

/** Moves a segment behind what a step did, or ends it where that was the last one. */
export function moveSegment(segment: SegmentState, job: JobState, step: Step, now: string): SegmentDecision {
  const { cursor, done, aside, counts, examples = [] } = step;
  const { notBefore: _waited, lastFailure: _mended, ...rest } = segment;
  const moved: SegmentState = {
    ...rest,
    ...(cursor === undefined ? {} : { cursor }),
    done: segment.done + done,
    aside: segment.aside + aside,
    counts: sumOfCounts([segment.counts, counts]),
    ...withExamples(segment, examples, EXAMPLES_OF_SEGMENT),
    failures: 0,
    wakeAt: laterBy(now, waitSeconds(0)),
    ...nextStamp(segment, now, segment),
  };
  return cursor === undefined ? ended(moved, job, 'done', now) : { segment: moved };
}

/** Notes that a step failed: after a while another one begins, or the segment gives up. */
export function failSegment(
  segment: SegmentState,
  job: JobState,
  reason: string,
  now: string,
): SegmentDecision {
  const failures = segment.failures + 1;
  const notBefore = laterBy(now, waitSeconds(failures - 1));
  const failed = { ...segment, failures, lastFailure: reason, ...nextStamp(segment, now, segment) };
  if (failures >= MOST_FAILURES) return ended(failed, job, 'failed', now);
  return { segment: { ...failed, notBefore, wakeAt: notBefore } };
}

/**
 * Wakes a segment whose time has come, by a new version, which a step begins at. Undefined where it has not. One that
 * did not move although nobody said why was cut off: that counts as a failure, so that it does not go on for ever.
 */
export function wakeSegment(segment: SegmentState, job: JobState, now: string): SegmentDecision | undefined {
  if (segment.status !== 'running' || segment.wakeAt === undefined || segment.wakeAt > now) return undefined;
  const { notBefore, ...rest } = segment;
  const cutOff = notBefore === undefined && job.status === 'running';
  const failures = segment.failures + (cutOff ? 1 : 0);
  const woken: SegmentState = {
    ...rest,
    failures,
    ...(cutOff ? { lastFailure: 'The step did not come to its end.' } : {}),
    wakeAt: laterBy(now, waitSeconds(failures)),
    ...nextStamp(segment, now, segment),
  };
  return failures >= MOST_FAILURES ? ended(woken, job, 'failed', now) : { segment: woken };
}

/** Ends a segment of a job that does not run any more. */
export function stopSegment(segment: SegmentState, now: string): SegmentState {
  return { ...resting(segment), status: 'stopped', ...nextStamp(segment, now, segment) };
}

/** Undefined where the job has ended. Steps that are on their way end where they next look at the job. */
export function stopJob(job: JobState, now: string, cause: Cause): JobState | undefined {
  if (job.status !== 'running') return undefined;
  return { ...job, status: 'stopped', endedAt: now, ...nextStamp(job, now, cause) };
}

function resting(segment: SegmentState) {
  const { notBefore: _notBefore, wakeAt: _wakeAt, ...rest } = segment;
  return rest;
}

/** A segment's end counts in its job; the last one of a stage begins the next, or ends the job. `segment` has its new stamp. */
function ended(
  segment: SegmentState,
  job: JobState,
  status: 'done' | 'failed',
  now: string,
): SegmentDecision {
  const segmentsDone = job.segmentsDone + 1;
  const segmentsFailed = job.segmentsFailed + (status === 'failed' ? 1 : 0);
  const waiting = job.later.reduce((sum, { segments }) => sum + segments, 0);
  const stageEnds = job.status === 'running' && segmentsDone === job.segments - waiting;
  const [next, ...later] = segmentsFailed > 0 ? [] : job.later;
  const begins = stageEnds ? next : undefined;
  return {
    segment: { ...resting(segment), status },
    job: {
      ...job,
      segmentsDone,
      segmentsFailed,
      done: job.done + segment.done,
      aside: job.aside + segment.aside,
      counts: sumOfCounts([job.counts, segment.counts]),
      ...withExamples(job, segment.examples ?? []),
      ...(begins === undefined ? {} : { stage: job.stage + 1, stageFrom: segmentsDone, later }),
      ...(stageEnds && begins === undefined
        ? { status: segmentsFailed > 0 ? 'failed' : 'done', endedAt: now }
        : {}),
      ...nextStamp(job, now, job),
    },
    ...(begins === undefined ? {} : { begun: segmentsOf(begins, job, segmentsDone, now) }),
  };
}

function segmentsOf(
  { segments, afterSeconds }: JobStage,
  job: JobState,
  from: number,
  now: string,
): SegmentState[] {
  const { jobId } = job;
  const notBefore = afterSeconds === undefined ? undefined : laterBy(now, afterSeconds);
  const stamp = nextStamp(undefined, now, job);
  return Array.from({ length: segments }, (_, index) =>
    newSegment({ jobId, segment: from + index, notBefore, now, stamp }),
  );
}
