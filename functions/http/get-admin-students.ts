import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminStudents } from '../../shared/contracts/students.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { settle } from '../../shared/store/settle.ts';
import { studentsFound } from '../../shared/store/students-found.ts';
import { studentsOfCourse } from '../../shared/store/students-of-course.ts';
import { studentsOfSchool } from '../../shared/store/students-of-school.ts';

export const usedTables = ['enrollments', 'students', 'courses'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Students with their enrollments, cancelled ones too: everyone in the school, or only those in one course; or,
 * without enrollments, those whose name or e-mail address begins as is searched for.
 *
 * Requests a page: of the school, Scan enrollments, Scan students/byNewcomer, BatchGet of students and courses (a
 * second one instead of the second Scan). Of a course, Query enrollments/byCourse, one or two BatchGets of
 * enrollments, students and the course. Of a search, Query students/byName and students/byEmail, BatchGet of students.
 */
export function getAdminStudents({ documents, tables }: Dependencies) {
  return ({
    query: { courseId, search, limit, cursor },
  }: Call<(typeof operations)['get-admin-students']>): Promise<AdminStudents> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(() => {
      if (courseId !== undefined) return studentsOfCourse(documents, tables, { courseId, limit, cursor });
      if (search !== undefined) return studentsFound(documents, tables, { search, limit, cursor });
      return studentsOfSchool(documents, tables, { limit, cursor });
    });
}
