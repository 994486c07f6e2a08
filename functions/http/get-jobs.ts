import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { Timestamp } from '../../shared/contracts/fields.ts';
import { JobId } from '../../shared/contracts/job-rows.ts';
import { jobView } from '../../shared/contracts/job-view.ts';
import type { Jobs } from '../../shared/contracts/jobs.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { cursorAfter, decodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { ALL_JOBS, jobRow } from '../../shared/store/jobs.ts';
import { INDEXES, jobKey, type Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readRows } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Listed = z.looseObject({ jobId: JobId, startedAt: Timestamp });
const Cursor = z.strictObject({ jobId: JobId, startedAt: Timestamp });

/**
 * The jobs, the newest first.
 *
 * Requests: Query jobs/byStart, which says which there are, and BatchGet of them as they are now.
 */
export function getJobs({ documents, tables }: Dependencies) {
  return ({ query }: Call<(typeof operations)['get-jobs']>): Promise<Jobs> =>
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const page = await queryRows(documents, {
        table: tables.jobs,
        index: INDEXES.jobsByStart,
        schema: Listed,
        partition: ['listing', ALL_JOBS],
        limit: query.limit,
        start: after && { listing: ALL_JOBS, startedAt: after.startedAt, ...jobKey(after.jobId) },
        descending: true,
      });
      const jobs = await readRows(
        documents,
        page.rows.map(({ jobId }) => jobRow(tables, jobId)),
      );
      return {
        jobs: jobs.flatMap((job) => (job === undefined ? [] : [jobView(job)])),
        ...cursorAfter(page, ({ jobId, startedAt }) => ({ jobId, startedAt })),
      };
    });
}
