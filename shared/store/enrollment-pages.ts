import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CourseId, UserId } from '../contracts/fields.ts';
import { EnrollmentRow } from '../contracts/rows.ts';
import type * as ids from '../domain/ids.ts';
import type { Documents } from './documents.ts';
import { INDEXES, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { parseRow } from './reads.ts';

/** The key of an enrollment: where a page of enrollments ends. */
export const EnrollmentPosition = z.strictObject({ userId: UserId, courseId: CourseId });
export type EnrollmentPosition = z.infer<typeof EnrollmentPosition>;

export interface EnrollmentPage<Row> {
  readonly rows: readonly Row[];
  /** Missing at the end. */
  readonly next?: EnrollmentPosition;
}

/** As many enrollments as one BatchGet can read the courses of. */
const ROWS_READ = 100;

/**
 * The enrollments of all students as they are now: those of at most `limit` students, each student's together.
 * One that has more than a hundred is continued on the next page.
 *
 * Requests: one Scan.
 */
export async function scanStudents(
  documents: Documents,
  tables: Named<'enrollments'>,
  limit: number,
  start: EnrollmentPosition | undefined,
): Promise<EnrollmentPage<EnrollmentRow>> {
  const reply = await documents.send(
    new ScanCommand({
      TableName: tables.enrollments,
      ConsistentRead: true,
      Limit: ROWS_READ,
      ...(start && { ExclusiveStartKey: { ...start } }),
    }),
  );
  const rows = (reply.Items ?? []).map((item) => parseRow(tables.enrollments, EnrollmentRow, item));
  return wholeStudents(rows, limit, reply.LastEvaluatedKey !== undefined);
}

/** Cuts what was read so that it ends with a student's last row. */
function wholeStudents(
  rows: readonly EnrollmentRow[],
  limit: number,
  more: boolean,
): EnrollmentPage<EnrollmentRow> {
  const students = [...new Set(rows.map((row) => row.userId))];
  // Further rows of the last student may follow.
  const whole = more && students.length > 1 ? students.slice(0, -1) : students;
  const shown = new Set(whole.slice(0, limit));
  const kept = rows.filter((row) => shown.has(row.userId));
  const last = kept.at(-1);
  if (last === undefined || (!more && kept.length === rows.length)) return { rows: kept };
  return { rows: kept, next: { userId: last.userId, courseId: last.courseId } };
}

const Listed = z.looseObject({ userId: UserId, courseId: CourseId });

/**
 * The keys of a course's enrollments, by student. The index lags behind: read the rows themselves elsewhere.
 *
 * Requests: one Query of enrollments/byCourse.
 */
export async function listEnrollments(
  documents: Documents,
  tables: Named<'enrollments'>,
  courseId: ids.CourseId,
  limit: number,
  start: EnrollmentPosition | undefined,
): Promise<EnrollmentPage<EnrollmentPosition>> {
  const page = await queryRows(documents, {
    table: tables.enrollments,
    index: INDEXES.enrollmentsByCourse,
    schema: Listed,
    partition: ['courseId', courseId],
    limit,
    start,
  });
  const rows = page.rows.map((row) => ({ userId: row.userId, courseId: row.courseId }));
  const last = rows.at(-1);
  return { rows, ...(page.next && last && { next: last }) };
}
