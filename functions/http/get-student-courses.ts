import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import { CourseId } from '../../shared/contracts/fields.ts';
import type { StudentCourses } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { decodeCursor, encodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { courseKey, INDEXES, type Named } from '../../shared/store/keys.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { accessRequestRow, courseRow, enrollmentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['courses', 'enrollments', 'accessRequests'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Cursor = z.strictObject({ courseId: CourseId });
/** Courses, enrollments and requests of so many fit into two BatchGets. */
const LARGEST_PAGE = 66;

const Listed = z.looseObject({ courseId: CourseId });

/**
 * The published courses by id, each with the caller's enrollment or request if there is one.
 *
 * Requests a page: Query courses/byStatus, one or two BatchGets of courses, enrollments and requests; at most 66
 * courses.
 * The index only says which courses there are: it lags behind, so what is shown is read from the tables.
 */
export function getStudentCourses({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query,
  }: Call<(typeof operations)['get-student-courses']>): Promise<StudentCourses> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const page = await queryRows(documents, {
        table: tables.courses,
        index: INDEXES.coursesByStatus,
        schema: Listed,
        partition: ['status', 'published'],
        limit: Math.min(query.limit, LARGEST_PAGE),
        start: after && { status: 'published', ...courseKey(after.courseId) },
      });
      const ids = page.rows.map((row) => row.courseId);
      const { courses, enrollments, requests } = await readLists(documents, {
        courses: ids.map((courseId) => courseRow(tables, courseId)),
        enrollments: ids.map((courseId) => enrollmentRow(tables, userId, courseId)),
        requests: ids.map((courseId) => accessRequestRow(tables, userId, courseId)),
      });
      const last = ids.at(-1);
      return {
        courses: courses.flatMap((course, index) => {
          if (course?.status !== 'published') return [];
          const { courseId, title, summary, access, price } = course;
          const enrollment = enrollments[index];
          const request = requests[index];
          return [
            {
              courseId,
              title,
              summary,
              access,
              ...(price && { price }),
              ...(enrollment && { enrollment: enrollmentView(enrollment, title) }),
              ...(request && { request: accessRequestView(request, title) }),
            },
          ];
        }),
        ...(page.next && last && { cursor: encodeCursor({ courseId: last }) }),
      };
    });
}
