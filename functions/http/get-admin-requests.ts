import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import type { AdminRequests } from '../../shared/contracts/access-requests.ts';
import { CourseId, Timestamp, UserId } from '../../shared/contracts/fields.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { cursorAfter, decodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { INDEXES, type Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { accessRequestRow, courseRow, studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['accessRequests', 'students', 'courses'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Listed = z.looseObject({ userId: UserId, courseId: CourseId, requestedAt: Timestamp });
const Cursor = z.strictObject({ requestedAt: Timestamp, userId: UserId, courseId: CourseId });

/** Requests, students and courses of so many fit into two BatchGets. */
const LARGEST_PAGE = 66;

/**
 * The requests in one status, the oldest first, with the students' names and the courses' titles.
 *
 * Requests a page: Query accessRequests/byStatus, one or two BatchGets of requests, students and courses; at most
 * 66 requests. The index only says which there are: it lags behind, so what is shown is read from the tables, and
 * who has been let in is not shown any more.
 */
export function getAdminRequests({ documents, tables }: Dependencies) {
  return ({ query }: Call<(typeof operations)['get-admin-requests']>): Promise<AdminRequests> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const { status } = query;
      const after = decodeCursor(query.cursor, Cursor);
      const page = await queryRows(documents, {
        table: tables.accessRequests,
        index: INDEXES.requestsByStatus,
        schema: Listed,
        partition: ['status', status],
        limit: Math.min(query.limit, LARGEST_PAGE),
        start: after && { status, ...after },
      });
      const { requests, students, courses } = await readLists(documents, {
        requests: page.rows.map(({ userId, courseId }) => accessRequestRow(tables, userId, courseId)),
        students: page.rows.map(({ userId }) => studentRow(tables, userId)),
        courses: page.rows.map(({ courseId }) => courseRow(tables, courseId)),
      });
      return {
        requests: requests.flatMap((request, index) => {
          if (request?.status !== status) return [];
          const name = students[index]?.name;
          return [
            {
              userId: request.userId,
              ...(name !== undefined && { name }),
              ...accessRequestView(request, courses[index]?.title),
            },
          ];
        }),
        ...cursorAfter(page, ({ requestedAt, userId, courseId }) => ({ requestedAt, userId, courseId })),
      };
    });
}
