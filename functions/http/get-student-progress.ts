import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { courseProgress } from '../../shared/contracts/course-progress.ts';
import { CourseId } from '../../shared/contracts/fields.ts';
import { StudentProgressRow } from '../../shared/contracts/rows.ts';
import type { StudentProgress } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { cursorAfter, decodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { progressKey, type Named } from '../../shared/store/keys.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { courseRow, enrollmentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['studentProgress', 'courses', 'enrollments'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Cursor = z.strictObject({ courseId: CourseId });

/**
 * The caller's progress in every course that they have not left, by course id.
 *
 * Requests a page: Query studentProgress, and one BatchGet of courses and enrollments for every 50 courses.
 */
export function getStudentProgress({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query,
  }: Call<(typeof operations)['get-student-progress']>): Promise<StudentProgress> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const page = await queryRows(documents, {
        table: tables.studentProgress,
        schema: StudentProgressRow,
        partition: ['userId', userId],
        limit: query.limit,
        start: after && progressKey(userId, after.courseId),
      });
      const { courses, enrollments } = await readLists(documents, {
        courses: page.rows.map((row) => courseRow(tables, row.courseId)),
        enrollments: page.rows.map((row) => enrollmentRow(tables, userId, row.courseId)),
      });
      return {
        courses: page.rows.flatMap((row, index) => {
          const enrollment = enrollments[index];
          // The row of a course that was left is kept for a return, but is nobody's progress meanwhile.
          if (enrollment === undefined || enrollment.status === 'cancelled') return [];
          return [courseProgress(row, courses[index]?.title)];
        }),
        ...cursorAfter(page, ({ courseId }) => ({ courseId })),
      };
    });
}
