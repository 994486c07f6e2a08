import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import type { StudentCourses } from '../../shared/contracts/views.ts';
import { statusOf } from '../../shared/domain/status.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { coursePosition, listCourses } from '../../shared/store/course-pages.ts';
import { encodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { accessRequestRow, courseRow, enrollmentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['courses', 'enrollments', 'accessRequests'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/** Courses, enrollments and requests of so many fit into two BatchGets. */
const LARGEST_PAGE = 66;

/** Keys that are read to fill a page: some are of drafts and archived courses. */
const KEYS_READ = 500;

/**
 * The published courses, each with the caller's enrollment or request if there is one; by id, those that an older
 * program spelled otherwise after them.
 *
 * Requests a page: Scan courses/byStatus, one or two BatchGets of courses, enrollments and requests; at most 66
 * courses. The index only says which courses there are: it lags behind, so what is shown is read from the tables.
 */
export function getStudentCourses({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query,
  }: Call<(typeof operations)['get-student-courses']>): Promise<StudentCourses> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const page = await listCourses(documents, tables, { limit: KEYS_READ, cursor: query.cursor });
      const published = page.rows.filter(({ status }) => statusOf('courses', status) === 'published');
      const listed = published.slice(0, Math.min(query.limit, LARGEST_PAGE));
      // Where more were read than fit, the next page starts after the last that did.
      const last = listed.length < published.length ? listed.at(-1) : page.next && page.rows.at(-1);
      const ids = listed.map((row) => row.courseId);
      const { courses, enrollments, requests } = await readLists(documents, {
        courses: ids.map((courseId) => courseRow(tables, courseId)),
        enrollments: ids.map((courseId) => enrollmentRow(tables, userId, courseId)),
        requests: ids.map((courseId) => accessRequestRow(tables, userId, courseId)),
      });
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
        ...(last && { cursor: encodeCursor(coursePosition(last)) }),
      };
    });
}
