import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { failureView } from '../../shared/contracts/failure-view.ts';
import type { Redriven } from '../../shared/contracts/failures.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { existingFailure, waitingFailures } from '../../shared/store/failures.ts';
import { REDRIVABLE } from '../../shared/store/keys.ts';
import { redrive, type RedriveTables } from '../../shared/store/redrive.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = [...REDRIVABLE, 'failures'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: RedriveTables;
}

/** Redriven at once: two failures of one row meet and try again. */
const LANES = 4;

/**
 * Redrives a page of what waits. What cannot be redriven stays, and is told with why.
 *
 * Requests: Query failures/byTime, and those of `redrive` for each.
 */
export function redriveFailures({ documents, tables }: Dependencies) {
  return async ({
    caller,
    query,
    cause,
    now,
  }: Call<(typeof operations)['redrive-failures']>): Promise<Redriven> => {
    const page = await settle(() => waitingFailures(documents, tables, query));
    const { failureIds, ...rest } = page;
    const outcomes = await inParallel(failureIds, LANES, async (failureId) => {
      try {
        const by = caller.userId;
        const failure = await redrive(documents, tables, failureId, { by, now, cause });
        return { redriven: [failureView(failure)], left: [] };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const failure = await settle(() => existingFailure(documents, tables, failureId));
        const { code, message: because } = error;
        return { redriven: [], left: [{ ...failureView(failure), code, because }] };
      }
    });
    return {
      redriven: outcomes.flatMap(({ redriven }) => redriven),
      left: outcomes.flatMap(({ left }) => left),
      ...rest,
    };
  };
}
