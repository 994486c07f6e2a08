import * as z from 'zod';
import { JobRow } from '../contracts/job-rows.ts';
import { STARTED_KINDS, type StartJob } from '../contracts/jobs.ts';
import { DomainError } from '../domain/errors.ts';
import { type JobState, startJob } from '../domain/job.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import { ALL_JOBS, jobRow, startJobWrites } from './jobs.ts';
import { INDEXES, jobKey, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { migrateSchoolStages, RECONCILE_STAGES } from './reconcile-stages.ts';
import { readRow, readRows } from './reads.ts';
import { settle } from './settle.ts';
import { transact } from './transact.ts';

/** Of the newest jobs so many are looked at: long before as many have come, one that runs has ended. */
const LOOKED_AT = 50;

const Listed = z.looseObject({ jobId: JobRow.shape.jobId });

/**
 * Starts a job that goes through the whole school; started again by the same id, it is the same job.
 *
 * Requests: Get of the job; where there is none, Query jobs/byStart, BatchGet of those, and a TransactWrite.
 *
 * @throws DomainError job_running while another one is on its way. Of two that begin at the same moment, which the
 * index does not show yet, both run, and the one whose cut of the aggregates is overtaken gives up.
 */
export function startReconciliation(
  documents: Documents,
  tables: Named<'jobs'>,
  given: StartJob & {
    readonly jobId: string;
    readonly requestedBy: string;
    readonly now: string;
    readonly cause: Cause;
  },
): Promise<JobState> {
  const { jobId, kind, repair, quietSeconds, requestedBy, now, cause } = given;
  return settle(async () => {
    const known = await readRow(documents, jobRow(tables, jobId));
    if (known !== undefined) return known;
    const running = await runningJob(documents, tables);
    if (running !== undefined) {
      throw new DomainError('job_running', 'Such a job is on its way: wait for its end, or stop it', {
        jobId: running.jobId,
      });
    }
    const [first, ...later] = kind === 'migrate' ? migrateSchoolStages(repair) : RECONCILE_STAGES;
    const job = {
      jobId,
      kind,
      parameters: { repair, quietSeconds },
      segments: Array.from({ length: first.segments }, () => ({})),
      later,
      requestedBy,
      now,
      cause,
    };
    await transact(documents, startJobWrites(tables, job));
    return startJob(job).job;
  });
}

async function runningJob(documents: Documents, tables: Named<'jobs'>): Promise<JobRow | undefined> {
  const page = await queryRows(documents, {
    table: tables.jobs,
    index: INDEXES.jobsByStart,
    schema: Listed,
    partition: ['listing', ALL_JOBS],
    limit: LOOKED_AT,
    descending: true,
  });
  const kinds: readonly string[] = STARTED_KINDS;
  const jobs = await readRows(
    documents,
    page.rows
      .filter(({ jobId }) => kinds.some((kind) => jobId.startsWith(`${kind}~`)))
      .map(({ jobId }) => ({ table: tables.jobs, key: jobKey(jobId), schema: JobRow })),
  );
  return jobs.find((job) => job?.status === 'running');
}
