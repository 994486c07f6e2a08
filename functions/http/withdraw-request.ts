import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { accessRequestKey, type Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { accessRequestRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { atVersion, commit } from '../../shared/store/transact.ts';

export const usedTables = ['accessRequests'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Takes back the caller's request, waiting or rejected; where there is none, nothing is to be done.
 *
 * Requests: Get and Delete of the request.
 */
export function withdrawRequest({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId },
  }: Call<(typeof operations)['withdraw-request']>): Promise<{ courseId: typeof courseId }> =>
    settle(async () => {
      const request = await readRow(documents, accessRequestRow(tables, userId, courseId));
      if (request !== undefined) {
        await commit(documents, [
          {
            kind: 'delete',
            table: tables.accessRequests,
            key: accessRequestKey(userId, courseId),
            when: atVersion(request.version),
          },
        ]);
      }
      return { courseId };
    });
}
