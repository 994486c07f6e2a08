import * as z from 'zod';
import type { SyncHealth } from '../../shared/contracts/sync-health.ts';
import { NOTHING_MEASURED } from '../../shared/domain/sync-health.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { healthRow } from '../../shared/store/health.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['health'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * The figures as the schedule `measure-health` last made them, the very ones that subscribers are told of and that
 * CloudWatch gets.
 *
 * Request: Get of the one row of health.
 */
export function getSyncHealth({ documents, tables }: Dependencies) {
  return (): Promise<SyncHealth> =>
    settle(async () => {
      const row = await readRow(documents, healthRow(tables));
      const { flows, scores, score, setAside } = row ?? NOTHING_MEASURED;
      return {
        measuredAt: row?.measuredAt ?? null,
        flows: [...flows],
        scores: [...scores],
        score,
        setAside,
      };
    });
}
