import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { ChapterCompletion } from '../../shared/contracts/studying.ts';
import { findChapter } from '../../shared/domain/outline.ts';
import { nextStamp } from '../../shared/domain/stamp.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { chapterCompletionKey, type Named } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readRows } from '../../shared/store/reads.ts';
import { chapterCompletionRow, courseRow, enrollmentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { studyOf } from '../../shared/store/study.ts';
import { absent, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'enrollments', 'chapterCompletions'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Notes that the caller has completed a chapter; again changes nothing.
 *
 * Requests: BatchGet of course, enrollment and completion; BatchGet of an outline not seen yet; Put.
 */
export function completeChapter({ documents, tables, outlines }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, chapterId },
    cause,
    now,
  }: Call<(typeof operations)['complete-chapter']>): Promise<ChapterCompletion> =>
    settle(async () => {
      const [course, enrollment, completion] = await readRows(documents, [
        courseRow(tables, courseId),
        enrollmentRow(tables, userId, courseId),
        chapterCompletionRow(tables, userId, courseId, chapterId),
      ]);
      // This very command has had its effect, whatever became of the course and the enrollment since.
      if (completion !== undefined && completion.causedBy === cause.causedBy) {
        return { courseId, chapterId, completedAt: completion.completedAt };
      }
      const { outline } = await studyOf(outlines, courseId, course, enrollment);
      findChapter(outline, chapterId);
      if (completion !== undefined) return { courseId, chapterId, completedAt: completion.completedAt };
      const completedAt = now.toISOString();
      const item = {
        ...chapterCompletionKey(userId, courseId, chapterId),
        courseId,
        chapterId,
        completedAt,
        ...nextStamp(undefined, completedAt, cause),
      };
      const when = absent('userId');
      await commit(documents, [{ kind: 'put', table: tables.chapterCompletions, item, when }]);
      return { courseId, chapterId, completedAt };
    });
}
