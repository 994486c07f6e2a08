import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { attemptView } from '../../shared/contracts/attempt-view.ts';
import type { AttemptView } from '../../shared/contracts/studying.ts';
import { equal } from '../../shared/domain/equal.ts';
import { findItem } from '../../shared/domain/outline.ts';
import { nextAttempt } from '../../shared/domain/quiz.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { attemptsOf } from '../../shared/store/attempts.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { attemptKey, type Named } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readRows } from '../../shared/store/reads.ts';
import { courseRow, enrollmentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { studyOf } from '../../shared/store/study.ts';
import { absent, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'enrollments', 'quizAttempts'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Hands in an attempt at a quiz and grades it by the keys of the outline in force.
 *
 * Requests: Query of the quiz's attempts; BatchGet of course and enrollment; BatchGet of an outline not seen
 * yet; Put. The number of the attempt is the row's key, so of two at once one decides again.
 */
export function submitQuizAttempt({ documents, tables, outlines }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, quizId, attemptId },
    body: { answers },
    cause,
    now,
  }: Call<(typeof operations)['submit-quiz-attempt']>): Promise<AttemptView> =>
    settle(async () => {
      const [attempts, [course, enrollment]] = await Promise.all([
        attemptsOf(documents, tables, { userId, courseId, quizId }),
        readRows(documents, [courseRow(tables, courseId), enrollmentRow(tables, userId, courseId)]),
      ]);
      const same = attempts.find((attempt) => attempt.attemptId === attemptId);
      // It was handed in, whatever became of the course, the quiz and the enrollment since.
      if (same !== undefined && equal(same.answers, answers)) return attemptView(same);
      const { outline } = await studyOf(outlines, courseId, course, enrollment);
      const quiz = findItem(outline, quizId, 'quiz');
      const submission = { userId, courseId, quiz, attempts, attemptId, answers, cause };
      const decided = nextAttempt({ ...submission, now: now.toISOString() });
      if (decided.repeated !== undefined) return attemptView(decided.repeated);
      const { attempt } = decided;
      const item = { ...attempt, ...attemptKey(userId, courseId, quizId, attempt.number) };
      const when = absent('userId');
      await commit(documents, [{ kind: 'put', table: tables.quizAttempts, item, when }]);
      return attemptView(attempt);
    });
}
