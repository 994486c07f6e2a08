import * as z from 'zod';
import { COURSE_ACCESSES, ENROLLMENT_SOURCES } from '../domain/status.ts';
import { AccessRequestView } from './access-requests.ts';
import { CourseId, Day, Money, Percent, Score, statusField, Timestamp, UserId } from './fields.ts';

/**
 * The replies of the views: what a page shows. A list ends where `cursor` is missing. Views of one subject alone are
 * with that: requests, and people.
 */

const cursor = z.string().optional();

/** A learner's place in a course, wherever a page shows it. */
export const EnrollmentView = z.strictObject({
  courseId: CourseId,
  title: z.string(),
  status: statusField('enrollments'),
  source: z.enum(ENROLLMENT_SOURCES),
  progress: Percent.nullable(),
  /** Of the studentProgress that `progress` and `completedAt` repeat, so that news of either can be put in order. */
  progressVersion: z.int().optional(),
  enrolledAt: Timestamp,
  cancelledAt: Timestamp.optional(),
  completedAt: Timestamp.optional(),
  version: z.int(),
});
export type EnrollmentView = z.infer<typeof EnrollmentView>;

export const StudentDashboard = z.strictObject({
  userId: UserId,
  enrollments: z.array(EnrollmentView),
  /** Of the courses between the first and the last of the page, as the enrollments are. */
  requests: z.array(AccessRequestView),
  cursor,
});
export type StudentDashboard = z.infer<typeof StudentDashboard>;

export const StudentCourses = z.strictObject({
  courses: z.array(
    z.strictObject({
      courseId: CourseId,
      title: z.string(),
      summary: z.string(),
      access: z.enum(COURSE_ACCESSES),
      price: Money.optional(),
      enrollment: EnrollmentView.optional(),
      request: AccessRequestView.optional(),
    }),
  ),
  cursor,
});
export type StudentCourses = z.infer<typeof StudentCourses>;

/** How far a learner is in a course, and by what. */
export const CourseProgress = z.strictObject({
  courseId: CourseId,
  title: z.string(),
  totalProgress: Percent.nullable(),
  completedItems: z.int(),
  requiredItems: z.int(),
  completedChapters: z.array(z.string()),
  watchedVideos: z.array(z.strictObject({ videoId: z.string(), percent: Percent, completed: z.boolean() })),
  quizAttempts: z.array(
    z.strictObject({ quizId: z.string(), attempts: z.int(), bestScore: Score.nullable() }),
  ),
  /** Items that an admin lets count as complete. */
  waivedItems: z.array(z.string()),
  /** Different questions of the course's bank that were answered. */
  answeredQuestions: z.int(),
  completedAt: Timestamp.optional(),
  version: z.int(),
});
export type CourseProgress = z.infer<typeof CourseProgress>;

export const StudentProgress = z.strictObject({ courses: z.array(CourseProgress), cursor });
export type StudentProgress = z.infer<typeof StudentProgress>;

const standing = {
  itemId: z.string(),
  title: z.string(),
  weight: z.number(),
  required: z.boolean(),
  completed: z.boolean(),
  /** An admin lets it count as complete. */
  waived: z.boolean(),
};

export const StudentCourseDetail = z.strictObject({
  courseId: CourseId,
  title: z.string(),
  summary: z.string(),
  access: z.enum(COURSE_ACCESSES),
  status: statusField('courses'),
  outlineVersion: z.int(),
  price: Money.optional(),
  enrollment: EnrollmentView.optional(),
  request: AccessRequestView.optional(),
  totalProgress: Percent.nullable(),
  chapters: z.array(
    z.strictObject({
      chapterId: z.string(),
      title: z.string(),
      completed: z.boolean(),
      items: z.array(
        z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('reading'), ...standing }),
          z.strictObject({
            kind: z.literal('video'),
            ...standing,
            durationSeconds: z.number(),
            percent: Percent,
            positionSeconds: z.number(),
          }),
          z.strictObject({
            kind: z.literal('quiz'),
            ...standing,
            passMark: Score,
            attempts: z.int(),
            maxAttempts: z.int(),
            bestScore: Score.nullable(),
            markedByHand: z.boolean(),
            questions: z.array(
              z.strictObject({
                questionId: z.string(),
                stem: z.string(),
                options: z.array(z.strictObject({ optionId: z.string(), text: z.string() })),
              }),
            ),
          }),
          z.strictObject({
            kind: z.literal('qbank'),
            ...standing,
            /** How many different questions it asks for, and how many of the bank were answered, maybe more. */
            questions: z.int(),
            answered: z.int(),
          }),
        ]),
      ),
    }),
  ),
});
export type StudentCourseDetail = z.infer<typeof StudentCourseDetail>;

/** What enrollments, quizzes and videos of a course, or of the whole school, add up to. */
export const Totals = z.strictObject({
  enrollments: z.int(),
  byStatus: z.strictObject({ active: z.int(), completed: z.int(), cancelled: z.int() }),
  bySource: z.strictObject({ direct: z.int(), admin: z.int(), request: z.int(), payment: z.int() }),
  /** People with an enrollment that is not cancelled (course), or students of the school. */
  learners: z.int(),
  /** Enrollments that were ever complete. */
  completions: z.int(),
  /** Mean of the known progress of enrollments that are not cancelled; null where there is none. */
  meanProgress: z.number().nullable(),
  /** How many of them stand at 0-9, 10-19, ... 90-99 and 100 percent. */
  progressDistribution: z.array(z.int()).length(11),
  quizzes: z.strictObject({
    attempts: z.int(),
    scored: z.int(),
    passes: z.int(),
    meanScore: z.number().nullable(),
    /** Population standard deviation. */
    scoreDeviation: z.number().nullable(),
    learnersWithAttempt: z.int(),
  }),
  chaptersCompleted: z.int(),
  /** Whole minutes of every video that a learner has watched, added up. */
  watchMinutes: z.int(),
  /** Access requests that wait for a decision. */
  pendingRequests: z.int(),
  /** Answers to the questions of the bank, right ones, completed tests and their mean score of 0 to 100. */
  qbank: z.strictObject({
    answers: z.int(),
    correct: z.int(),
    tests: z.int(),
    meanScore: z.number().nullable(),
  }),
  payments: z.strictObject({
    completed: z.int(),
    refunded: z.int(),
    /** What completed payments brought in and was not refunded: minor units by currency. */
    revenue: z.record(z.string(), z.int()),
  }),
});
export type Totals = z.infer<typeof Totals>;

export const AdminDashboard = z.strictObject({
  totals: Totals,
  courses: z.array(
    z.strictObject({
      courseId: CourseId,
      title: z.string(),
      status: statusField('courses'),
      access: z.enum(COURSE_ACCESSES),
      learners: z.int(),
      completions: z.int(),
      meanProgress: z.number().nullable(),
      pendingRequests: z.int(),
    }),
  ),
  cursor,
});
export type AdminDashboard = z.infer<typeof AdminDashboard>;

export const AdminAnalytics = z.strictObject({
  scope: z.union([
    z.strictObject({ of: z.literal('school') }),
    z.strictObject({ of: z.literal('course'), courseId: CourseId }),
  ]),
  totals: Totals,
  /** Learners who did something, by day, oldest first; the days asked for, by default the last 30 up to today. */
  activeLearners: z.array(z.strictObject({ day: Day, learners: z.int() })),
  quizzes: z.array(
    z.strictObject({
      quizId: z.string(),
      attempts: z.int(),
      scored: z.int(),
      passes: z.int(),
      meanScore: z.number().nullable(),
      scoreDeviation: z.number().nullable(),
    }),
  ),
  /** The scores of a course's completed tests of its question bank. */
  qbankScores: z
    .strictObject({
      tests: z.int(),
      /** 0 to 100, with the standard deviation of a sample (n - 1), in points. */
      mean: z.number().nullable(),
      deviation: z.number().nullable(),
      /** How many tests have 0, 1, ... 100 percent. */
      histogram: z.array(z.int()).length(101),
    })
    .optional(),
});
export type AdminAnalytics = z.infer<typeof AdminAnalytics>;
