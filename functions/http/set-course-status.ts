import * as z from 'zod';
import { adminCourse } from '../../shared/contracts/admin-course.ts';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminCourse } from '../../shared/contracts/requests.ts';
import { setCourseStatus as decide } from '../../shared/domain/course-change.ts';
import { bankItems } from '../../shared/domain/outline.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { listEnrollments } from '../../shared/store/enrollment-pages.ts';
import type { Named } from '../../shared/store/keys.ts';
import { bankRow } from '../../shared/store/qbank-rows.ts';
import { readRow, readSnapshot } from '../../shared/store/reads.ts';
import { recalculateJobWrites } from '../../shared/store/recalculate-job.ts';
import { courseRow, draftRow, outlineRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';
import { asReadToBecome } from '../../shared/store/status-condition.ts';
import { absent, commit, type Write } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'qbankQuestions', 'enrollments', 'jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Publishes a course, with its draft as the next outline, or archives it.
 *
 * Requests: TransactGet of course and draft; Get of the outline in force; Get of the bank where the draft asks for
 * practice in it; Put of the course, or TransactWrite of course, outline and the job that brings the learners to it. A
 * change of the draft moves the course's version, so what is published is the draft that was read. A bank never
 * shrinks, so what was enough is enough.
 *
 * Nobody can get into a course that was never published, so its first outline starts no job, unless somebody is in it
 * from before there were outlines: a Query of one key of enrollments/byCourse tells.
 */
export function setCourseStatus({ documents, tables }: Dependencies) {
  return ({
    caller,
    params: { courseId },
    body: { status },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['set-course-status']>): Promise<AdminCourse> =>
    settle(async () => {
      const [row, draft] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        draftRow(tables, courseId),
      ]);
      const course = existing(courseId, row);
      const published =
        course.outlineVersion === 0
          ? undefined
          : await readRow(documents, outlineRow(tables, courseId, course.outlineVersion));
      const practises = status === 'published' && draft !== undefined && bankItems(draft).length > 0;
      const bank = practises ? await readRow(documents, bankRow(tables, courseId)) : undefined;
      const decided = decide({
        course,
        draft,
        published,
        bank,
        status,
        idempotencyKey,
        now: now.toISOString(),
        cause,
      });
      const writes: Write[] = [];
      if (decided.course !== undefined) {
        const when = asReadToBecome('courses', course, decided.course, 'courseId');
        writes.push({ kind: 'put', table: tables.courses, item: decided.course, when });
      }
      if (decided.outline !== undefined) {
        const when = absent('courseId');
        writes.push({ kind: 'put', table: tables.courses, item: decided.outline, when });
        const isFirst = course.outlineVersion === 0;
        if (!isFirst || (await listEnrollments(documents, tables, courseId, 1, undefined)).rows.length > 0) {
          const { outlineVersion } = decided.course ?? course;
          const requestedBy = caller.userId;
          const given = { courseId, outlineVersion, requestedBy, now: now.toISOString(), cause };
          writes.push(...recalculateJobWrites(tables, given));
        }
      }
      await commit(documents, writes);
      return adminCourse(
        decided.course ?? course,
        draft ?? { chapters: [] },
        decided.outline ?? published ?? { chapters: [] },
      );
    });
}
