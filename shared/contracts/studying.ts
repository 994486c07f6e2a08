import * as z from 'zod';
import { CourseId, Percent, Score, Timestamp, UserId } from './fields.ts';
import { Interval } from './rows.ts';

/** The replies to what learners do in a course. */

/** What a beat was worth. */
export const VideoStanding = z.strictObject({
  videoId: z.string(),
  intervals: z.array(Interval),
  watchedSeconds: z.number(),
  percent: Percent,
  completed: z.boolean(),
  positionSeconds: z.number(),
  /** Seconds of the claim that could not have been played since the last beat. */
  cutSeconds: z.number(),
  version: z.int(),
});
export type VideoStanding = z.infer<typeof VideoStanding>;

export const AttemptView = z.strictObject({
  courseId: CourseId,
  quizId: z.string(),
  userId: UserId,
  attemptId: z.string(),
  number: z.int(),
  score: Score.nullable(),
  /** Null until it is marked. */
  passed: z.boolean().nullable(),
  submittedAt: Timestamp,
  markedAt: Timestamp.optional(),
  version: z.int(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const ChapterCompletion = z.strictObject({
  courseId: CourseId,
  chapterId: z.string(),
  completedAt: Timestamp,
});
export type ChapterCompletion = z.infer<typeof ChapterCompletion>;
