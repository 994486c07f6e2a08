import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { SyncHealth } from '../../shared/contracts/sync-health.ts';
import { NOTHING_MEASURED } from '../../shared/domain/sync-health.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { healthRow } from '../../shared/store/health.ts';
import { readHistory } from '../../shared/store/health-history.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['health', 'measurements'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * The figures as the schedule `measure-health` last made them, the very ones that subscribers are told of and that
 * CloudWatch gets; where minutes are asked for, with each of those.
 *
 * Request: Get of the one row of health; with minutes, the Queries of `readHistory`.
 */
export function getSyncHealth({ documents, tables }: Dependencies) {
  return ({ query: { minutes }, now }: Call<(typeof operations)['get-sync-health']>): Promise<SyncHealth> =>
    settle(async () => {
      const [row, history] = await Promise.all([
        readRow(documents, healthRow(tables)),
        minutes === undefined ? undefined : readHistory(documents, tables, minutes, now),
      ]);
      const { flows, scores, score, setAside } = row ?? NOTHING_MEASURED;
      return {
        measuredAt: row?.measuredAt ?? null,
        flows: [...flows],
        scores: [...scores],
        score,
        setAside,
        ...(history !== undefined && { history }),
      };
    });
}
