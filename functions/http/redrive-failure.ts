import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { failureView, storedFailureId } from '../../shared/contracts/failure-view.ts';
import type { FailureView } from '../../shared/contracts/failures.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { REDRIVABLE } from '../../shared/store/keys.ts';
import { redrive, type RedriveTables } from '../../shared/store/redrive.ts';

export const usedTables = [...REDRIVABLE, 'failures'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: RedriveTables;
}

/**
 * Lets the consumers see the row of a record once more that was set aside.
 *
 * Requests: as `redrive`.
 */
export function redriveFailure({ documents, tables }: Dependencies) {
  return async ({
    caller,
    params: { failureId },
    cause,
    now,
  }: Call<(typeof operations)['redrive-failure']>): Promise<FailureView> => {
    const by = caller.userId;
    return failureView(await redrive(documents, tables, storedFailureId(failureId), { by, now, cause }));
  };
}
