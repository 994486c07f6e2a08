import * as z from 'zod';
import { COURSE_ACCESSES } from '../domain/status.ts';
import {
  CourseId,
  Money,
  OptionId,
  PlaybackId,
  QuestionId,
  Score,
  statusField,
  Timestamp,
} from './fields.ts';
import { Chapter, Outline } from './outline.ts';
import { Interval } from './rows.ts';

export const CourseDraft = z
  .strictObject({
    title: z.string().trim().min(1).max(200),
    summary: z.string().trim().max(2000).default(''),
    access: z.enum(COURSE_ACCESSES),
    /** Minor units (cents); needed where access is `paid`. */
    price: Money.optional(),
    outline: Outline,
    /** The course's version that this change was made on; refused when another change came first, also to a late retry. */
    ifVersion: z.int().min(0).optional(),
  })
  .refine((draft) => (draft.access === 'paid') === (draft.price !== undefined), {
    path: ['price'],
    message: 'must be given where access is paid, and only there',
  });
export type CourseDraft = z.infer<typeof CourseDraft>;

/** A course as an admin sees it, keys included. */
export const AdminCourse = z.strictObject({
  courseId: CourseId,
  title: z.string(),
  summary: z.string(),
  access: z.enum(COURSE_ACCESSES),
  price: Money.optional(),
  status: statusField('courses'),
  outlineVersion: z.int(),
  draft: z.strictObject({ chapters: z.array(Chapter) }),
  published: z.strictObject({ chapters: z.array(Chapter) }).optional(),
  version: z.int(),
  updatedAt: Timestamp,
});
export type AdminCourse = z.infer<typeof AdminCourse>;

/** What was played since the last beat: intervals, or only where the player stands. */
export const VideoBeat = z
  .strictObject({
    intervals: z.array(Interval).max(100).optional(),
    positionSeconds: z.number().min(0).max(86_400).optional(),
    /** Tells two players of one student apart when they send positions. */
    playbackId: PlaybackId.optional(),
  })
  .refine((beat) => beat.intervals !== undefined || beat.positionSeconds !== undefined, {
    path: ['intervals'],
    message: 'intervals or positionSeconds must be given',
  });
export type VideoBeat = z.infer<typeof VideoBeat>;

export const QuizAnswers = z.strictObject({
  /** By questionId, the optionId chosen; a question left out is blank. Not given for a quiz marked by hand. */
  answers: z.record(QuestionId, OptionId).optional(),
});
export type QuizAnswers = z.infer<typeof QuizAnswers>;

export const Mark = z.strictObject({
  score: Score,
  /** The version of the attempt whose mark this replaces; not needed for the first mark. */
  ifVersion: z.int().positive().optional(),
});
export type Mark = z.infer<typeof Mark>;
