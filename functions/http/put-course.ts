import * as z from 'zod';
import { adminCourse } from '../../shared/contracts/admin-course.ts';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminCourse } from '../../shared/contracts/requests.ts';
import { putCourse as decide } from '../../shared/domain/course-change.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { courseRow, draftRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { outlineInForce } from '../../shared/store/study.ts';
import { asRead, commit, type Write } from '../../shared/store/transact.ts';

export const usedTables = ['courses'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Creates a course or changes it and its draft.
 *
 * Requests: TransactGet of course and draft; BatchGet of an outline not seen yet; Put or TransactWrite of what
 * changed.
 */
export function putCourse({ documents, tables, outlines }: Dependencies) {
  return ({
    params: { courseId },
    body: change,
    cause,
    now,
  }: Call<(typeof operations)['put-course']>): Promise<AdminCourse> =>
    settle(async () => {
      const [course, draft] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        draftRow(tables, courseId),
      ]);
      const decided = decide({ courseId, course, draft, change, now: now.toISOString(), cause });
      const writes: Write[] = [];
      if (decided.course !== undefined) {
        const when = asRead(course, 'courseId');
        writes.push({ kind: 'put', table: tables.courses, item: decided.course, when });
      }
      if (decided.draft !== undefined) {
        const when = asRead(draft, 'courseId');
        writes.push({ kind: 'put', table: tables.courses, item: decided.draft, when });
      }
      await commit(documents, writes);
      const next = decided.course ?? course;
      if (next === undefined) throw new Error('Putting a course left none');
      const published = course === undefined ? { chapters: [] } : await outlineInForce(outlines, course);
      return adminCourse(next, change.outline, published);
    });
}
