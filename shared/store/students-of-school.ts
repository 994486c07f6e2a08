import * as z from 'zod';
import { enrollmentView } from '../contracts/enrollment-view.ts';
import { Day, UserId } from '../contracts/fields.ts';
import { personView } from '../contracts/person-view.ts';
import type { EnrollmentRow } from '../contracts/rows.ts';
import type { AdminStudents } from '../contracts/students.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { type EnrollmentPage, EnrollmentPosition, scanStudents } from './enrollment-pages.ts';
import { INDEXES, type Named } from './keys.ts';
import { type RowPage, scanRows } from './pages.ts';
import { readLists } from './read-lists.ts';
import { courseRow, studentRow } from './rows.ts';

type Tables = Named<'enrollments' | 'students' | 'courses'>;

/** The keys of `byNewcomer`. */
const Newcomer = z.object({ newcomerSince: Day, userId: UserId });

/** Which part of the list comes next, after what; without `after` the newcomers from the first. */
const Cursor = z.discriminatedUnion('list', [
  z.strictObject({ list: z.literal('enrolled'), after: EnrollmentPosition }),
  z.strictObject({ list: z.literal('newcomers'), after: z.strictObject(Newcomer.shape).optional() }),
]);
type Cursor = z.infer<typeof Cursor>;

/** Rows that one BatchGet reads. */
const LARGEST_BATCH = 100;

type Enrolled = EnrollmentPage<EnrollmentRow>;
type Newcomers = RowPage<z.infer<typeof Newcomer>>;

/**
 * Everyone in the school: those who are or were enrolled, with their enrollments, and then those who never were.
 * Both share a page where both fit into three requests.
 *
 * Requests a page: Scan enrollments and one or two BatchGets of students and courses; or Scan enrollments, Scan
 * students/byNewcomer and one BatchGet; or Scan students/byNewcomer and one BatchGet.
 *
 * @throws DomainError invalid_request for a cursor of another list
 */
export async function studentsOfSchool(
  documents: Documents,
  tables: Tables,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<AdminStudents> {
  const start = decodeCursor(cursor, Cursor);
  const enrolled: Enrolled =
    start?.list === 'newcomers' ? { rows: [] } : await scanStudents(documents, tables, limit, start?.after);
  const enrolledIds = [...new Set(enrolled.rows.map((row) => row.userId))];
  const courseIds = [...new Set(enrolled.rows.map((row) => row.courseId))];
  const room = Math.min(limit - enrolledIds.length, LARGEST_BATCH - enrolledIds.length - courseIds.length);
  const after = start?.list === 'newcomers' ? start.after : undefined;
  const newcomers: Newcomers =
    enrolled.next === undefined && room > 0
      ? await scanNewcomers(documents, tables, room, after)
      : { rows: [] };

  const { students, fresh, courses } = await readLists(documents, {
    students: enrolledIds.map((userId) => studentRow(tables, userId)),
    fresh: newcomers.rows.map((row) => studentRow(tables, row.userId)),
    courses: courseIds.map((courseId) => courseRow(tables, courseId)),
  });
  const titles = new Map(courses.flatMap((course) => (course ? [[course.courseId, course.title]] : [])));
  const next = nextOf(enrolled, newcomers, room);
  return {
    students: [
      ...enrolledIds.map((userId, index) => ({
        ...personView(userId, students[index]),
        enrollments: enrolled.rows
          .filter((row) => row.userId === userId)
          .map((row) => enrollmentView(row, titles.get(row.courseId))),
      })),
      // The index lags: who has enrolled by now is among the enrolled.
      ...fresh.flatMap((row) =>
        row?.newcomerSince === undefined ? [] : [{ ...personView(row.userId, row), enrollments: [] }],
      ),
    ],
    ...(next && { cursor: encodeCursor(next) }),
  };
}

function scanNewcomers(
  documents: Documents,
  tables: Tables,
  limit: number,
  start: z.infer<typeof Newcomer> | undefined,
): Promise<Newcomers> {
  const index = INDEXES.studentsByNewcomer;
  return scanRows(documents, { table: tables.students, index, schema: Newcomer, limit, start });
}

function nextOf(enrolled: Enrolled, newcomers: Newcomers, room: number): Cursor | undefined {
  if (enrolled.next !== undefined) return { list: 'enrolled', after: enrolled.next };
  // Whether there are any was not asked.
  if (room <= 0) return { list: 'newcomers' };
  const last = newcomers.rows.at(-1);
  return newcomers.next && last && { list: 'newcomers', after: last };
}
