import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { failureView, storedFailureId } from '../../shared/contracts/failure-view.ts';
import type { FailureView } from '../../shared/contracts/failures.ts';
import { settleFailure } from '../../shared/domain/failure.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { existingFailure, failurePut } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import { settle } from '../../shared/store/settle.ts';
import { commit } from '../../shared/store/transact.ts';

export const usedTables = ['failures'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Lets a record be that was set aside. What it was stays known, without its content.
 *
 * Requests: Get of the failure; Put of it, unless it was dropped before.
 */
export function dropFailure({ documents, tables }: Dependencies) {
  return ({
    caller,
    params: { failureId },
    body: { reason },
    cause,
    now,
  }: Call<(typeof operations)['drop-failure']>): Promise<FailureView> =>
    settle(async () => {
      const failure = await existingFailure(documents, tables, storedFailureId(failureId));
      const dropped = settleFailure({
        failure,
        how: 'dropped',
        reason,
        by: caller.userId,
        now: now.toISOString(),
        cause,
      });
      if (dropped !== undefined) await commit(documents, [failurePut(tables, failure, dropped)]);
      return failureView(dropped ?? failure);
    });
}
