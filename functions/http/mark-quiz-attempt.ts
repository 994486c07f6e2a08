import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { attemptView } from '../../shared/contracts/attempt-view.ts';
import type { AttemptView } from '../../shared/contracts/studying.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { findItem } from '../../shared/domain/outline.ts';
import { markAttempt } from '../../shared/domain/quiz.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { attemptsOf } from '../../shared/store/attempts.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readRows } from '../../shared/store/reads.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing, outlineInForce } from '../../shared/store/study.ts';
import { atVersion, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'quizAttempts'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Marks an attempt at a quiz that is marked by hand; the same mark again changes nothing.
 *
 * Requests: Query of the student's attempts at the quiz; BatchGet of the course; BatchGet of an outline not seen
 * yet; Put of the attempt at the version read, so of two marks at once the later one is decided on the first.
 */
export function markQuizAttempt({ documents, tables, outlines }: Dependencies) {
  return ({
    caller,
    params: { courseId, quizId, userId, attemptId },
    body: mark,
    cause,
    now,
  }: Call<(typeof operations)['mark-quiz-attempt']>): Promise<AttemptView> =>
    settle(async () => {
      const [attempts, [course]] = await Promise.all([
        attemptsOf(documents, tables, { userId, courseId, quizId }),
        readRows(documents, [courseRow(tables, courseId)]),
      ]);
      const outline = await outlineInForce(outlines, existing(courseId, course));
      const quiz = findItem(outline, quizId, 'quiz');
      if (quiz.marking.by !== 'hand') {
        throw new DomainError('not_marked_by_hand', 'This quiz is graded by its keys', { quizId });
      }
      const attempt = attempts.find((each) => each.attemptId === attemptId);
      if (attempt === undefined) {
        throw new DomainError('attempt_unknown', 'There is no such attempt', { attemptId });
      }
      const marked = markAttempt(attempt, mark, now.toISOString(), caller.userId, cause);
      if (marked === undefined) return attemptView(attempt);
      const when = atVersion(attempt.version);
      await commit(documents, [{ kind: 'put', table: tables.quizAttempts, item: marked, when }]);
      return attemptView(marked);
    });
}
