import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CourseId, UserId } from '../contracts/fields.ts';
import { EnrollmentRow } from '../contracts/rows.ts';
import type { CourseId as CourseIdType, UserId as UserIdType } from '../domain/ids.ts';
import type { Documents } from './documents.ts';
import { enrollmentKey, INDEXES, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { parseRow } from './reads.ts';

/** Where a page of enrollments ends. */
export const EnrollmentPosition = z.strictObject({ userId: UserId, courseId: CourseId });
export type EnrollmentPosition = z.infer<typeof EnrollmentPosition>;

export interface StudentPage {
  /** Enrollments by student, in the order of the table. */
  readonly students: ReadonlyMap<UserIdType, readonly EnrollmentRow[]>;
  /** Where the next page begins; missing at the end. */
  readonly next?: EnrollmentPosition;
}

/** The enrollments that one page reads: as many courses as one BatchGet takes. */
const ROWS_READ = 100;

/**
 * The enrollments of all students, as they are now, a page of at most `limit` students. A student is never split
 * between pages, unless one has more than a hundred enrollments.
 *
 * Requests: one Scan.
 */
export async function scanStudents(
  documents: Documents,
  tables: Named<'enrollments'>,
  limit: number,
  start: EnrollmentPosition | undefined,
): Promise<StudentPage> {
  const reply = await documents.send(
    new ScanCommand({
      TableName: tables.enrollments,
      ConsistentRead: true,
      Limit: ROWS_READ,
      ...(start && { ExclusiveStartKey: { ...start } }),
    }),
  );
  const rows = (reply.Items ?? []).map((item) => parseRow(tables.enrollments, EnrollmentRow, item));
  return pageOf(rows, limit, reply.LastEvaluatedKey !== undefined);
}

/** Exported for tests. */
export function pageOf(rows: readonly EnrollmentRow[], limit: number, more: boolean): StudentPage {
  const students = new Map<UserIdType, EnrollmentRow[]>();
  for (const row of rows) {
    const own = students.get(row.userId);
    if (own === undefined) students.set(row.userId, [row]);
    else own.push(row);
  }
  const read = [...students.keys()];
  // More rows of the last student may follow, so the next page shows them all.
  const whole = more && read.length > 1 ? read.slice(0, -1) : read;
  const shown = whole.slice(0, limit);
  for (const userId of read.slice(shown.length)) students.delete(userId);
  const last = students.get(shown.at(-1) ?? read[0] ?? NOBODY)?.at(-1);
  const done = !more && shown.length === read.length;
  if (done || last === undefined) return { students };
  return { students, next: { userId: last.userId, courseId: last.courseId } };
}
