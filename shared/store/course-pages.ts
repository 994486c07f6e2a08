import * as z from 'zod';
import { CourseId } from '../contracts/fields.ts';
import { decodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { courseKey, INDEXES, type Named } from './keys.ts';
import { type RowPage, scanRows } from './pages.ts';

const Listed = z.looseObject({ status: z.string(), courseId: CourseId });
type ListedCourse = z.infer<typeof Listed>;

/** `status` is spelled as the row spells it: it is a part of the index's key. */
const Cursor = z.strictObject({ status: z.string().regex(/^\w{1,20}$/), courseId: CourseId });

/** What the cursor of a list of courses holds of the course that it comes after. */
export function coursePosition({ status, courseId }: ListedCourse): z.infer<typeof Cursor> {
  return { status, courseId };
}

/**
 * The keys of the courses in whatever state. The index lags behind: read the rows themselves elsewhere.
 *
 * Requests: one Scan of courses/byStatus.
 *
 * @throws DomainError invalid_request for a cursor of another list
 */
export async function listCourses(
  documents: Documents,
  tables: Named<'courses'>,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<RowPage<ListedCourse>> {
  const after = decodeCursor(cursor, Cursor);
  return scanRows(documents, {
    table: tables.courses,
    index: INDEXES.coursesByStatus,
    schema: Listed,
    limit,
    start: after && { status: after.status, ...courseKey(after.courseId) },
  });
}
