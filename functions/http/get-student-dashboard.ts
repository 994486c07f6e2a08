import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import { CourseId } from '../../shared/contracts/fields.ts';
import { AccessRequestRow, EnrollmentRow } from '../../shared/contracts/rows.ts';
import type { StudentDashboard } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { decodeCursor, encodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['courses', 'enrollments', 'accessRequests'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Cursor = z.strictObject({ courseId: CourseId });

/** So many enrollments and as many requests have their courses in one BatchGet. */
const LARGEST_PAGE = 50;

/**
 * The caller's enrollments, cancelled ones too, and requests that wait or were rejected, both by course id: a page
 * has all of both between its first course and its last.
 *
 * Requests a page: Query enrollments, Query accessRequests, BatchGet courses; at most 50 of each.
 */
export function getStudentDashboard({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query,
  }: Call<(typeof operations)['get-student-dashboard']>): Promise<StudentDashboard> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const own = {
        partition: ['userId', userId],
        limit: Math.min(query.limit, LARGEST_PAGE),
        start: after && { userId, courseId: after.courseId },
      } as const;
      const [enrolled, asked] = await Promise.all([
        queryRows(documents, { table: tables.enrollments, schema: EnrollmentRow, ...own }),
        queryRows(documents, { table: tables.accessRequests, schema: AccessRequestRow, ...own }),
      ]);
      // Beyond the end of a list that goes on, the other one would be ahead.
      const end = least([enrolled, asked].flatMap(({ rows, next }) => (next && rows.at(-1)?.courseId) ?? []));
      const shown = (row: { readonly courseId: string }) => end === undefined || row.courseId <= end;
      const enrollments = enrolled.rows.filter(shown);
      const requests = asked.rows.filter(shown);
      const { ofEnrollments, ofRequests } = await readLists(documents, {
        ofEnrollments: enrollments.map((row) => courseRow(tables, row.courseId)),
        ofRequests: requests.map((row) => courseRow(tables, row.courseId)),
      });
      return {
        userId,
        enrollments: enrollments.map((row, index) => enrollmentView(row, ofEnrollments[index]?.title)),
        requests: requests.map((row, index) => accessRequestView(row, ofRequests[index]?.title)),
        ...(end !== undefined && { cursor: encodeCursor({ courseId: end }) }),
      };
    });
}

/** Ids compare as the database sorts them: by their bytes, which are ASCII. */
function least(ids: readonly string[]): string | undefined {
  return ids.reduce<string | undefined>(
    (first, id) => (first === undefined || id < first ? id : first),
    undefined,
  );
}
