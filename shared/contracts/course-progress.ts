import { countBits } from '../domain/qbank-bitmap.ts';
import { attemptCount, bestScore } from '../domain/quiz.ts';
import type { ProgressState } from '../domain/states.ts';
import type { CourseProgress } from './views.ts';

/** A learner's progress in a course as the learner and the admins see it. A course whose row is gone is called by its id. */
export function courseProgress(row: ProgressState, title: string | undefined): CourseProgress {
  return {
    courseId: row.courseId,
    title: title ?? row.courseId,
    totalProgress: row.totalProgress,
    completedItems: row.completedItems,
    requiredItems: row.requiredItems,
    completedChapters: Object.keys(row.completedChapters).sort(),
    watchedVideos: byId(row.watchedVideos).map(([videoId, { percent, completed }]) => ({
      videoId,
      percent,
      completed,
    })),
    quizAttempts: byId(row.quizAttempts).map(([quizId, attempts]) => ({
      quizId,
      attempts: attemptCount(attempts),
      bestScore: bestScore(Object.values(attempts)),
    })),
    waivedItems: byId(row.waivedItems).flatMap(([itemId, { waived }]) => (waived ? [itemId] : [])),
    answeredQuestions: countBits(row.answeredQuestions),
    ...(row.completedAt && { completedAt: row.completedAt }),
    version: row.version,
  };
}

// Maps come back from the database in no order, and an entity tag must not change with it.
function byId<Value>(map: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}
