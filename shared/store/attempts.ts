import { QuizAttemptRow } from '../contracts/rows.ts';
import type { CourseId, ItemId, UserId } from '../domain/ids.ts';
import type { Documents } from './documents.ts';
import { type Named, ofQuiz } from './keys.ts';
import { queryAllRows } from './pages.ts';

/** All attempts of a student at a quiz as they are now, by number. */
export function attemptsOf(
  documents: Documents,
  tables: Named<'quizAttempts'>,
  { userId, courseId, quizId }: { userId: UserId; courseId: CourseId; quizId: ItemId },
): Promise<QuizAttemptRow[]> {
  return queryAllRows(documents, {
    table: tables.quizAttempts,
    schema: QuizAttemptRow,
    partition: ['userId', userId],
    sort: { attribute: 'attempt', beginsWith: ofQuiz(courseId, quizId) },
  });
}
