import * as z from 'zod';
import { enrollmentView } from '../contracts/enrollment-view.ts';
import { CourseId } from '../contracts/fields.ts';
import { personView } from '../contracts/person-view.ts';
import type { AdminStudents } from '../contracts/students.ts';
import type * as ids from '../domain/ids.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { EnrollmentPosition, listEnrollments } from './enrollment-pages.ts';
import type { Named } from './keys.ts';
import { readLists } from './read-lists.ts';
import { courseRow, enrollmentRow, studentRow } from './rows.ts';
import { existing } from './study.ts';

/** Enrollments and students of 99 people and their course fit into two BatchGets. */
const LARGEST_PAGE = 99;

/**
 * The students of one course with their place in it, those who left too.
 *
 * Requests a page: Query enrollments/byCourse, one or two BatchGets of enrollments, students and the course; at
 * most 99 students.
 *
 * @throws DomainError course_unknown, invalid_request for a cursor of another list
 */
export async function studentsOfCourse(
  documents: Documents,
  tables: Named<'enrollments' | 'students' | 'courses'>,
  { courseId, limit, cursor }: { courseId: ids.CourseId; limit: number; cursor: string | undefined },
): Promise<AdminStudents> {
  const Cursor = z.strictObject({
    list: z.literal('course'),
    after: EnrollmentPosition.extend({ courseId: CourseId.pipe(z.literal(courseId)) }),
  });
  const start = decodeCursor(cursor, Cursor);
  const page = await listEnrollments(
    documents,
    tables,
    courseId,
    Math.min(limit, LARGEST_PAGE),
    start?.after,
  );
  const userIds = page.rows.map((row) => row.userId);
  const { students, enrollments, courses } = await readLists(documents, {
    students: userIds.map((userId) => studentRow(tables, userId)),
    enrollments: userIds.map((userId) => enrollmentRow(tables, userId, courseId)),
    courses: [courseRow(tables, courseId)],
  });
  const { title } = existing(courseId, courses[0]);
  return {
    students: userIds.flatMap((userId, index) => {
      const enrollment = enrollments[index];
      if (enrollment === undefined) return [];
      return [{ ...personView(userId, students[index]), enrollments: [enrollmentView(enrollment, title)] }];
    }),
    ...(page.next && { cursor: encodeCursor({ list: 'course', after: page.next }) }),
  };
}
