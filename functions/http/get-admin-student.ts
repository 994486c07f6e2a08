import * as z from 'zod';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import type { operations } from '../../shared/contracts/api.ts';
import { certificateView } from '../../shared/contracts/certificate-view.ts';
import { courseProgress } from '../../shared/contracts/course-progress.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import { paymentView } from '../../shared/contracts/payment-view.ts';
import { personView } from '../../shared/contracts/person-view.ts';
import * as rows from '../../shared/contracts/rows.ts';
import type { AdminStudent } from '../../shared/contracts/students.ts';
import { waiverView } from '../../shared/contracts/waiver-view.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import type { UserId } from '../../shared/domain/ids.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { courseRow, studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = [
  'students',
  'courses',
  'enrollments',
  'studentProgress',
  'accessRequests',
  'waivers',
  'payments',
  'certificates',
] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/** Rows of each list: more than that of one student is for the lists that can be paged. */
const LONGEST_LIST = 100;

/**
 * One student whole; the progress in courses that were left, too.
 *
 * Requests: Query of enrollments, studentProgress, accessRequests, waivers, payments and certificates at once, then
 * one BatchGet of the student and the courses for every hundred of them.
 *
 * @throws DomainError student_unknown when there is no row of the student in any of these tables
 */
export function getAdminStudent({ documents, tables }: Dependencies) {
  async function ownRows<Schema extends z.ZodType>(userId: UserId, table: string, schema: Schema) {
    const partition = ['userId', userId] as const;
    return (await queryRows(documents, { table, schema, partition, limit: LONGEST_LIST })).rows;
  }

  return ({ params: { userId } }: Call<(typeof operations)['get-admin-student']>): Promise<AdminStudent> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const [enrollments, progress, requests, waivers, payments, certificates] = await Promise.all([
        ownRows(userId, tables.enrollments, rows.EnrollmentRow),
        ownRows(userId, tables.studentProgress, rows.StudentProgressRow),
        ownRows(userId, tables.accessRequests, rows.AccessRequestRow),
        ownRows(userId, tables.waivers, rows.WaiverRow),
        ownRows(userId, tables.payments, rows.PaymentRow),
        ownRows(userId, tables.certificates, rows.CertificateRow),
      ]);
      const courseIds = new Set([...enrollments, ...progress, ...requests].map((row) => row.courseId));
      const { students, courses } = await readLists(documents, {
        students: [studentRow(tables, userId)],
        courses: [...courseIds].map((courseId) => courseRow(tables, courseId)),
      });
      const [student] = students;
      const lists = [enrollments, progress, requests, waivers, payments, certificates];
      if (student === undefined && lists.every((list) => list.length === 0)) {
        throw new DomainError('student_unknown', 'There is no such student', { userId });
      }
      const titles = new Map(courses.flatMap((course) => (course ? [[course.courseId, course.title]] : [])));
      return {
        ...personView(userId, student),
        enrollments: enrollments.map((row) => enrollmentView(row, titles.get(row.courseId))),
        progress: progress.map((row) => courseProgress(row, titles.get(row.courseId))),
        requests: requests.map((row) => accessRequestView(row, titles.get(row.courseId))),
        waivers: waivers.map(waiverView),
        payments: payments.map(paymentView),
        certificates: certificates.map(certificateView),
      };
    });
}
