import * as z from 'zod';
import { JobSegmentRow } from '../../shared/contracts/job-rows.ts';
import {
  failSegment,
  isDue,
  JOB_PART,
  type JobCounts,
  type JobCursor,
  moveSegment,
  type Step,
  stopSegment,
  sumOfCounts,
} from '../../shared/domain/job.ts';
import type { Finding } from '../../shared/domain/sync-flow.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import {
  type BatchOutcome,
  createStreamHandler,
  type Delivery,
  type StreamRecord,
} from '../../shared/runtime/stream-loop.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import { decideOnSegment, type JobItem, type JobKind, jobRow, segmentRow } from '../../shared/store/jobs.ts';
import type { Named } from '../../shared/store/keys.ts';
import { MalformedRow, readRows } from '../../shared/store/reads.ts';
import { settle, type SettleOptions } from '../../shared/store/settle.ts';
import { MIGRATE_JOB_TABLES } from '../../shared/store/migrate-stages.ts';
import { PREVIEW_TABLES } from '../../shared/store/preview-job.ts';
import { RECONCILE_TABLES } from '../../shared/store/reconcile-job.ts';
import { RECALCULATE_JOB_TABLES } from '../../shared/store/recalculate-job.ts';
import { VOID_JOB_TABLES } from '../../shared/store/void-job.ts';

export const uses = [
  'jobs',
  'failures',
  ...VOID_JOB_TABLES,
  ...RECALCULATE_JOB_TABLES,
  ...PREVIEW_TABLES,
  ...RECONCILE_TABLES,
  ...MIGRATE_JOB_TABLES,
] as const;

export const environment = z.object({
  ...tableVariables(uses),
  ANALYTICS_SHARDS: z.coerce.number().int().min(1).max(24),
});

export interface RunJobsDeps {
  readonly documents: Documents;
  readonly tables: Named<'jobs' | 'failures'>;
  /** By the `kind` of jobs. */
  readonly kinds: Readonly<Record<string, JobKind>>;
  readonly logger: Log;
  readonly clock: Clock;
  readonly settling?: SettleOptions;
}

/** Segments of a batch, and items of a page, that are worked on at once. */
const SEGMENT_LANES = 4;
const ITEM_LANES = 8;

/** Items of a step at most: what is kept in memory. */
const PAGE = 200;

/** Milliseconds in which the items of a batch may begin: well within what the function may take. */
const LONGEST_BATCH = 12_000;

/**
 * Follows the rows of jobs: a segment that has moved takes its next step, a page of work after which it moves its
 * cursor, and so on to its end. What it follows is what it writes, and yet it comes to an end: a segment moves behind
 * what was done, or ends, or waits for the schedule, which wakes one that fails a few times only.
 *
 * A record tells of one version of a segment. Where the segment is at another one, the record is old, or comes again,
 * and nothing is done. Of two steps that begin at the same version, both do the same work, which the kinds of jobs
 * make repeatable, and one moves the cursor; its counts stand.
 *
 * A failing step is not left to the stream, which would hold up the segments behind it: the failure is noted in the
 * row, and the schedule begins the step anew. Only where even that fails does the stream deliver it again.
 *
 * Requests a step: BatchGet of segment and job, what the kind of job takes, BatchGet again, and Put of the segment;
 * TransactWrite of both at its end.
 */
export function runJobs(deps: RunJobsDeps) {
  const { documents, tables, kinds, logger, clock, settling } = deps;
  const now = () => clock().toISOString();

  const take = async (seen: JobSegmentRow, milliseconds: number): Promise<void> => {
    const { jobId, segment: number } = seen;
    const [segment, job] = await settle(
      () => readRows(documents, [segmentRow(tables, jobId, number), jobRow(tables, jobId)]),
      settling,
    );
    if (segment?.version !== seen.version || job === undefined || !isDue(segment, now())) return;
    if (job.status !== 'running') {
      const stop = (standing: JobSegmentRow) => ({ segment: stopSegment(standing, now()) });
      await decideOnSegment(documents, tables, seen, stop, settling);
      return;
    }
    let step: Step;
    try {
      const kind = Object.hasOwn(kinds, job.kind) ? kinds[job.kind] : undefined;
      if (kind === undefined) throw new Error(`There is no kind of job ${job.kind}`);
      const { parameters, stage, stageFrom } = job;
      const { cursor, causedBy, causedAt } = segment;
      const cause = { causedBy, causedAt };
      const task = { jobId, parameters, stage, segment: number - stageFrom, cause, cursor };
      const page = await kind({ ...task, limit: PAGE });
      step = await workThrough(page, clock().getTime() + milliseconds, async (item, reason) => {
        // A dry run writes nothing, not even what it would set aside.
        if (parameters.repair === false) return;
        const raw = { jobId, kind: job.kind, parameters, segment: number, item: item.name };
        const { recurs = false } = item;
        const eventId = `${recurs ? job.kind : jobId}#${item.name}`;
        const record = { table: tables.jobs, eventId, raw };
        await keepFailure(documents, tables, { consumer: 'run-jobs', record, reason, recurs }, clock());
        logger.warn('record_set_aside', { table: tables.jobs, eventId: record.eventId, reason });
      });
    } catch (error) {
      logger.error('job_step_failed', { jobId, segment: number }, error);
      const noted = await decideOnSegment(
        documents,
        tables,
        seen,
        (standing, of) => failSegment(standing, of, reasonOf(error), now()),
        settling,
      );
      if (noted?.segment.status === 'failed') logger.error('job_gave_up', { jobId, segment: number });
      return;
    }
    const move = (standing: JobSegmentRow, of: typeof job) => moveSegment(standing, of, step, now());
    await decideOnSegment(documents, tables, seen, move, settling);
  };

  const workThrough = async (
    { items, next }: Awaited<ReturnType<JobKind>>,
    deadline: number,
    setAside: (item: JobItem, reason: string) => Promise<void>,
  ): Promise<Step> => {
    const counts: JobCounts[] = [];
    const examples: Finding[] = [];
    let [done, aside] = [0, 0];
    let reached: JobCursor | undefined;
    for (let start = 0; start < items.length; start += ITEM_LANES) {
      // At least the first few, so that every step gets somewhere.
      if (reached !== undefined && clock().getTime() >= deadline) {
        return { cursor: reached, done, aside, counts: sumOfCounts(counts), examples };
      }
      const together = items.slice(start, start + ITEM_LANES);
      await inParallel(together, ITEM_LANES, async (item) => {
        try {
          counts.push(await item.work((example) => examples.push(example)));
          done += 1;
        } catch (error) {
          if (!(error instanceof MalformedRow)) throw error;
          await setAside(item, error.message);
          counts.push(item.asideCounts ?? {});
          aside += 1;
        }
      });
      reached = together.at(-1)?.cursor;
    }
    return { cursor: next, done, aside, counts: sumOfCounts(counts), examples };
  };

  return createStreamHandler<JobSegmentRow | undefined>({
    parse: segmentIn,
    apply: async (batch): Promise<BatchOutcome> => {
      const due = newestOf(batch).filter(({ change }) => isDue(change, now()));
      const milliseconds = LONGEST_BATCH / Math.ceil(due.length / SEGMENT_LANES);
      const failed: { record: StreamRecord; error: unknown }[] = [];
      const aside: { record: StreamRecord; reason: string }[] = [];
      await inParallel(due, SEGMENT_LANES, async ({ record, change }) => {
        try {
          await take(change, milliseconds);
        } catch (error) {
          if (error instanceof MalformedRow) aside.push({ record, reason: error.message });
          else failed.push({ record, error });
        }
      });
      return { failed, aside };
    },
    setAside: (record, reason) =>
      keepFailure(documents, tables, { consumer: 'run-jobs', record, reason }, clock()),
    logger,
  });
}

/** The segment as a record has it; undefined for a job as a whole, or for what is gone. */
function segmentIn({ newImage }: StreamRecord): JobSegmentRow | undefined {
  return newImage === undefined || newImage.part === JOB_PART ? undefined : JobSegmentRow.parse(newImage);
}

/** Of each segment the newest of its records: the others are old already. */
function newestOf(
  batch: readonly Delivery<JobSegmentRow | undefined>[],
): (Delivery<JobSegmentRow> & { readonly record: StreamRecord })[] {
  const newest = new Map<string, Delivery<JobSegmentRow>>();
  for (const { record, change } of batch) {
    if (change === undefined) continue;
    const name = `${change.jobId}#${change.part}`;
    if ((newest.get(name)?.change.version ?? 0) < change.version) newest.set(name, { record, change });
  }
  return [...newest.values()];
}

/** For admins to read: what the program says of itself, not what people wrote. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'malformed';
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
}
