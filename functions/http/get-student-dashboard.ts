import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import { CourseId } from '../../shared/contracts/fields.ts';
import { EnrollmentRow } from '../../shared/contracts/rows.ts';
import type { StudentDashboard } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { decodeCursor, encodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { enrollmentKey, type Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readRows } from '../../shared/store/reads.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['courses', 'enrollments'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Cursor = z.strictObject({ courseId: CourseId });

/**
 * The caller's enrollments, cancelled ones too, by course id.
 *
 * Requests a page: Query enrollments, BatchGet courses.
 */
export function getStudentDashboard({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query,
  }: Call<(typeof operations)['get-student-dashboard']>): Promise<StudentDashboard> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const page = await queryRows(documents, {
        table: tables.enrollments,
        schema: EnrollmentRow,
        partition: ['userId', userId],
        limit: query.limit,
        start: after && enrollmentKey(userId, after.courseId),
      });
      const courses = await readRows(
        documents,
        page.rows.map((row) => courseRow(tables, row.courseId)),
      );
      const last = page.rows.at(-1);
      return {
        userId,
        enrollments: page.rows.map((row, index) => enrollmentView(row, courses[index]?.title)),
        ...(page.next && last && { cursor: encodeCursor({ courseId: last.courseId }) }),
      };
    });
}
