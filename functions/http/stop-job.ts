import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { jobView } from '../../shared/contracts/job-view.ts';
import type { JobView } from '../../shared/contracts/jobs.ts';
import { stopJob as stop } from '../../shared/domain/job.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { existingJob, jobPut, jobRow } from '../../shared/store/jobs.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';
import { commit } from '../../shared/store/transact.ts';

export const usedTables = ['jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Stops a job. Its segments end where they next look at it: after the steps that are on their way, or when the
 * schedule would have woken them.
 *
 * Requests: Get of the job; Put of it, unless it has ended.
 */
export function stopJob({ documents, tables }: Dependencies) {
  return ({ params: { jobId }, cause, now }: Call<(typeof operations)['stop-job']>): Promise<JobView> =>
    settle(async () => {
      const job = existingJob(jobId, await readRow(documents, jobRow(tables, jobId)));
      const stopped = stop(job, now.toISOString(), cause);
      if (stopped !== undefined) await commit(documents, [jobPut(tables, job, stopped)]);
      return jobView(stopped ?? job);
    });
}
