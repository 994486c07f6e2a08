import * as z from 'zod';
import { StartJob } from '../../shared/contracts/jobs.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { RECONCILE } from '../../shared/store/reconcile-stages.ts';
import { startReconciliation } from '../../shared/store/reconcile-start.ts';

export const usedTables = ['jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly clock: Clock;
  readonly logger: Log;
}

/**
 * Starts the day's reconciliation, once however often it is woken; none where one is on its way already.
 *
 * Requests: those of `startReconciliation`.
 */
export function reconcileSchool({ documents, tables, clock, logger }: Dependencies) {
  return async (): Promise<{ readonly jobId: string }> => {
    const now = clock().toISOString();
    const jobId = `${RECONCILE}~${now.slice(0, 10)}`;
    try {
      const started = await startReconciliation(documents, tables, {
        jobId,
        ...StartJob.parse({ kind: RECONCILE }),
        requestedBy: 'reconcile-school',
        now,
        cause: { causedBy: jobId, causedAt: now },
      });
      return { jobId: started.jobId };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'job_running') throw error;
      logger.info('job_running', { jobId: String(error.details.jobId) });
      return { jobId: String(error.details.jobId) };
    }
  };
}
