import * as z from 'zod';
import { adminCourse } from '../../shared/contracts/admin-course.ts';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminCourse } from '../../shared/contracts/requests.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { courseRow, draftRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing, outlineInForce } from '../../shared/store/study.ts';

export const usedTables = ['courses'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * A course with its draft and the outline in force, keys included.
 *
 * Requests: TransactGet of course and draft; BatchGet of an outline not seen yet.
 */
export function getCourse({ documents, tables, outlines }: Dependencies) {
  return ({ params: { courseId } }: Call<(typeof operations)['get-course']>): Promise<AdminCourse> =>
    // A snapshot that meets a write at work on its rows is refused, and has to be read again.
    settle(async () => {
      const [row, draft] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        draftRow(tables, courseId),
      ]);
      const course = existing(courseId, row);
      return adminCourse(course, draft ?? { chapters: [] }, await outlineInForce(outlines, course));
    });
}
