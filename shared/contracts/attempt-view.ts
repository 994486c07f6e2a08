import { passed } from '../domain/quiz.ts';
import type { AttemptState } from '../domain/states.ts';
import type { AttemptView } from './studying.ts';

/** An attempt as its owner and the admins see it: without the answers. */
export function attemptView(attempt: AttemptState): AttemptView {
  const { courseId, quizId, userId, attemptId, number, score, passMark, submittedAt, markedAt, version } =
    attempt;
  return {
    courseId,
    quizId,
    userId,
    attemptId,
    number,
    score,
    passed: passed(score, passMark),
    submittedAt,
    ...(markedAt !== undefined && { markedAt }),
    version,
  };
}
