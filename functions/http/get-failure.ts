import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { failureView, storedFailureId } from '../../shared/contracts/failure-view.ts';
import type { FailureDetail } from '../../shared/contracts/failures.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { existingFailure } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['failures'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * What was set aside, with its content.
 *
 * Request: Get of the failure.
 */
export function getFailure({ documents, tables }: Dependencies) {
  return ({ params: { failureId } }: Call<(typeof operations)['get-failure']>): Promise<FailureDetail> =>
    settle(async () => {
      const failure = await existingFailure(documents, tables, storedFailureId(failureId));
      const record: unknown = JSON.parse(failure.record);
      return { ...failureView(failure), record };
    });
}
