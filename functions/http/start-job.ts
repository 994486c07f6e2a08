import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { jobView } from '../../shared/contracts/job-view.ts';
import type { JobView } from '../../shared/contracts/jobs.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { startReconciliation } from '../../shared/store/reconcile-start.ts';

export const usedTables = ['jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/** Starts a job that goes through the whole school. Requests: those of `startReconciliation`. */
export function startJob({ documents, tables }: Dependencies) {
  return async ({
    caller,
    params: { jobId },
    body,
    cause,
    now,
  }: Call<(typeof operations)['start-job']>): Promise<JobView> => {
    if (!jobId.startsWith(`${body.kind}~`)) {
      throw new DomainError('invalid_request', `The id must begin with ${body.kind}~`, { field: 'kind' });
    }
    const requestedBy = caller.userId;
    return jobView(
      await startReconciliation(documents, tables, {
        jobId,
        ...body,
        requestedBy,
        now: now.toISOString(),
        cause,
      }),
    );
  };
}
