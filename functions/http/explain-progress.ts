import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { ProgressExplanation } from '../../shared/contracts/explanations.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { explainProgress as explain } from '../../shared/domain/explanation.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readLearnerRows } from '../../shared/store/learner-rows.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { courseRow, enrollmentRow, progressRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing, outlineInForce } from '../../shared/store/study.ts';

export const usedTables = [
  'courses',
  'enrollments',
  'studentProgress',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'qbankQuestionAttempts',
] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Where a student's progress in a course comes from, by the source rows themselves.
 *
 * Requests: TransactGet of course, enrollment and progress, which must be of one moment to be compared, and Query of
 * each of the five tables of facts, at once; one more for each MB, and BatchGet of an outline not seen yet.
 */
export function explainProgress({ documents, tables, outlines }: Dependencies) {
  return ({
    params: { userId, courseId },
  }: Call<(typeof operations)['explain-progress']>): Promise<ProgressExplanation> =>
    settle(async () => {
      const [[course, enrollment, progress], rows] = await Promise.all([
        readSnapshot(documents, [
          courseRow(tables, courseId),
          enrollmentRow(tables, userId, courseId),
          progressRow(tables, userId, courseId),
        ]),
        readLearnerRows(documents, tables, { userId, courseId }),
      ]);
      const known = existing(courseId, course);
      if (enrollment === undefined) {
        throw new DomainError('not_enrolled', 'The student was never enrolled in this course', {
          userId,
          courseId,
        });
      }
      return {
        userId,
        courseId,
        title: known.title,
        enrollmentStatus: enrollment.status,
        ...explain({
          outline: await outlineInForce(outlines, known),
          outlineVersion: known.outlineVersion,
          rows,
          enrollment,
          progress,
        }),
      };
    });
}
