import * as z from 'zod';
import { JobSegmentRow } from '../../shared/contracts/job-rows.ts';
import { wakeSegment } from '../../shared/domain/job.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { decideOnSegment, RUNNING_SEGMENTS } from '../../shared/store/jobs.ts';
import { INDEXES, type Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readRow } from '../../shared/store/reads.ts';
import type { SettleOptions } from '../../shared/store/settle.ts';

export const usedTables = ['jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly clock: Clock;
  readonly logger: Log;
  readonly settling?: SettleOptions;
}

/** Of a run; what is left is for the next one. */
const MOST_WOKEN = 200;
const LANES = 8;

const Waking = z.looseObject({ jobId: z.string(), part: z.string() });

/**
 * Wakes the segments of jobs that have waited long enough, or should have moved and did not: whatever cut a step off,
 * the next one begins here. Two runs at once wake a segment once.
 *
 * Requests: a Query of jobs/byWaking; for each segment a Get, a BatchGet of it and its job, and a Put.
 *
 * @returns how many were woken
 * @throws Error at the end of the run, so that the alarm hears of it, where a segment could not be woken
 */
export function wakeJobs({ documents, tables, clock, logger, settling }: Dependencies) {
  return async (): Promise<{ readonly woken: number }> => {
    const now = clock().toISOString();
    const failed: unknown[] = [];
    const { rows } = await queryRows(documents, {
      table: tables.jobs,
      index: INDEXES.jobsByWaking,
      schema: Waking,
      partition: ['waking', RUNNING_SEGMENTS],
      sort: { attribute: 'wakeAt', from: '0', to: now },
      limit: MOST_WOKEN,
    });
    const woken = await inParallel(rows, LANES, async ({ jobId, part }) => {
      try {
        // The index may be behind: whether its time has come is decided on the row.
        const request = { table: tables.jobs, key: { jobId, part }, schema: JobSegmentRow };
        const seen = await readRow(documents, request);
        if (seen === undefined) return 0;
        const decision = await decideOnSegment(
          documents,
          tables,
          seen,
          (segment, job) => wakeSegment(segment, job, now),
          settling,
        );
        if (decision?.segment.status === 'failed') logger.error('job_gave_up', { jobId, part });
        return decision === undefined ? 0 : 1;
      } catch (error) {
        logger.error('job_not_woken', { jobId, part }, error);
        failed.push(error);
        return 0;
      }
    });
    if (failed.length > 0)
      throw new Error(`${failed.length} of ${rows.length} segments could not be woken`, { cause: failed[0] });
    return { woken: woken.reduce<number>((sum, each) => sum + each, 0) };
  };
}
