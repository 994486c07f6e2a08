import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { jobDetail } from '../../shared/contracts/job-view.ts';
import type { JobDetail } from '../../shared/contracts/jobs.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { existingJob, jobRow, segmentsOf } from '../../shared/store/jobs.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * A job with its segments.
 *
 * Requests: Get of the job and Query of its segments, at once.
 */
export function getJob({ documents, tables }: Dependencies) {
  return ({ params: { jobId } }: Call<(typeof operations)['get-job']>): Promise<JobDetail> =>
    settle(async () => {
      const [job, segments] = await Promise.all([
        readRow(documents, jobRow(tables, jobId)),
        segmentsOf(documents, tables, jobId),
      ]);
      return jobDetail(existingJob(jobId, job), segments);
    });
}
