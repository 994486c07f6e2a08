import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { failureView } from '../../shared/contracts/failure-view.ts';
import type { Failures } from '../../shared/contracts/failures.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { failureRow, waitingFailures } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRows } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['failures'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * What was set aside and waits, the newest first.
 *
 * Requests: Query failures/byTime, which says which there are, and BatchGet of them as they are now.
 */
export function getFailures({ documents, tables }: Dependencies) {
  return ({ query }: Call<(typeof operations)['get-failures']>): Promise<Failures> =>
    settle(async () => {
      const { failureIds, ...rest } = await waitingFailures(documents, tables, query);
      const rows = await readRows(
        documents,
        failureIds.map((failureId) => failureRow(tables, failureId)),
      );
      const waiting = rows.filter((row) => row !== undefined && row.settled === undefined);
      return { failures: waiting.flatMap((row) => (row === undefined ? [] : [failureView(row)])), ...rest };
    });
}
