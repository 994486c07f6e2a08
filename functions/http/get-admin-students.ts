import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import { CourseId, UserId } from '../../shared/contracts/fields.ts';
import type { EnrollmentRow, StudentRow } from '../../shared/contracts/rows.ts';
import type { AdminStudents } from '../../shared/contracts/views.ts';
import type * as ids from '../../shared/domain/ids.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { decodeCursor, encodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import {
  type EnrollmentPosition,
  listEnrollments,
  scanStudents,
} from '../../shared/store/enrollment-pages.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { courseRow, enrollmentRow, studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';

export const usedTables = ['enrollments', 'students', 'courses'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

type Query = Call<(typeof operations)['get-admin-students']>['query'];

/** A cursor of the school's list must not be taken for one of a course's. */
const Cursor = z.strictObject({ list: z.string(), userId: UserId, courseId: CourseId });
const WHOLE_SCHOOL = '*';

/** Enrollments and students of 99 people and their course fit into two BatchGets. */
const LARGEST_CLASS_PAGE = 99;

/**
 * Students with their enrollments, cancelled ones too: of the school, or only those in one course.
 *
 * Requests a page, of the school: Scan enrollments, one or two BatchGets of students and courses. Of a course:
 * Query enrollments/byCourse, one or two BatchGets of enrollments, students and the course; at most 99 students.
 */
export function getAdminStudents({ documents, tables }: Dependencies) {
  async function ofSchool(query: Query): Promise<AdminStudents> {
    const start = positionOf(query.cursor, WHOLE_SCHOOL);
    const page = await scanStudents(documents, tables, query.limit, start);
    const userIds = [...new Set(page.rows.map((row) => row.userId))];
    const courseIds = [...new Set(page.rows.map((row) => row.courseId))];
    const { students, courses } = await readLists(documents, {
      students: userIds.map((userId) => studentRow(tables, userId)),
      courses: courseIds.map((courseId) => courseRow(tables, courseId)),
    });
    const titles = new Map(courses.flatMap((course) => (course ? [[course.courseId, course.title]] : [])));
    return {
      students: userIds.map((userId, index) => {
        const own = page.rows.filter((row) => row.userId === userId);
        return studentOf(userId, students[index], own, titles);
      }),
      ...cursorOf(page.next, WHOLE_SCHOOL),
    };
  }

  async function ofCourse(query: Query, courseId: ids.CourseId): Promise<AdminStudents> {
    const start = positionOf(query.cursor, courseId);
    const limit = Math.min(query.limit, LARGEST_CLASS_PAGE);
    const page = await listEnrollments(documents, tables, courseId, limit, start);
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
        return [studentOf(userId, students[index], [enrollment], new Map([[courseId, title]]))];
      }),
      ...cursorOf(page.next, courseId),
    };
  }

  return ({ query }: Call<(typeof operations)['get-admin-students']>): Promise<AdminStudents> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(() => (query.courseId === undefined ? ofSchool(query) : ofCourse(query, query.courseId)));
}

function studentOf(
  userId: ids.UserId,
  student: StudentRow | undefined,
  enrollments: readonly EnrollmentRow[],
  titles: ReadonlyMap<ids.CourseId, string>,
): AdminStudents['students'][number] {
  return {
    userId,
    ...(student && { joinedAt: student.joinedAt }),
    enrollments: enrollments.map((row) => enrollmentView(row, titles.get(row.courseId))),
  };
}

function positionOf(cursor: string | undefined, list: string): EnrollmentPosition | undefined {
  const position = decodeCursor(cursor, Cursor.extend({ list: z.literal(list) }));
  return position && { userId: position.userId, courseId: position.courseId };
}

function cursorOf(next: EnrollmentPosition | undefined, list: string): { cursor?: string } {
  return next === undefined ? {} : { cursor: encodeCursor({ list, ...next }) };
}
