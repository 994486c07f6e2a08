import * as z from 'zod';
import { SETTLEMENTS } from '../domain/failure.ts';
import { NOTIFICATION_KINDS } from '../domain/notification-kind.ts';
import { COURSE_ACCESSES, ENROLLMENT_SOURCES } from '../domain/status.ts';
import {
  AttemptId,
  CertificateCode,
  ChapterId,
  CourseId,
  Day,
  ItemId,
  NotificationId,
  OptionId,
  PaymentId,
  Percent,
  QuestionId,
  Score,
  statusField,
  Timestamp,
  UserId,
} from './fields.ts';
import { Chapter } from './outline.ts';

/**
 * The rows of the tables. Each is read with its schema, so a row that does not fit is found where it is
 * read. Attributes that a schema does not know are kept, so that an older function never erases what a
 * newer one wrote.
 */

/** What every row carries: `version` only grows; `causedBy` is the request that led to this state, `causedAt` its time. */
export const stamp = {
  version: z.int().positive(),
  updatedAt: Timestamp,
  causedBy: z.string().min(1).max(200),
  causedAt: Timestamp,
};

/** Table `courses`, part `course`: what the course is called and whether it is on. */
export const CourseRow = z.looseObject({
  courseId: CourseId,
  part: z.literal('course'),
  title: z.string(),
  summary: z.string(),
  status: statusField('courses'),
  access: z.enum(COURSE_ACCESSES),
  price: z.object({ amount: z.int().positive(), currency: z.string() }).optional(),
  /** The version of the outline in force; 0 before the first publishing. */
  outlineVersion: z.int().min(0),
  /** Idempotency-Keys of the commands that last published and last archived it. */
  publishedWith: z.string().optional(),
  archivedWith: z.string().optional(),
  ...stamp,
});
export type CourseRow = z.infer<typeof CourseRow>;

/** Table `courses`, part `draft`, or `outline#000003` for the outline published third, which never changes. */
export const OutlineRow = z.looseObject({
  courseId: CourseId,
  part: z.string().regex(/^(draft|outline#\d{6})$/),
  chapters: z.array(Chapter),
  ...stamp,
});
export type OutlineRow = z.infer<typeof OutlineRow>;

/** Table `students`: a person who learns here. */
export const StudentRow = z.looseObject({
  userId: UserId,
  joinedAt: Timestamp,
  name: z.string().optional(),
  email: z.string().optional(),
  /** Keys of the indexes `byName` and `byEmail`. */
  namePrefix: z.string().optional(),
  nameKey: z.string().optional(),
  emailPrefix: z.string().optional(),
  emailKey: z.string().optional(),
  /** Key of index `byNewcomer`: there until the first enrollment. */
  newcomerSince: Day.optional(),
  readUpTo: z.string().optional(),
  ...stamp,
});
export type StudentRow = z.infer<typeof StudentRow>;

/** Table `enrollments`. */
export const EnrollmentRow = z.looseObject({
  userId: UserId,
  courseId: CourseId,
  status: statusField('enrollments'),
  source: z.enum(ENROLLMENT_SOURCES),
  /** Always equal to studentProgress.totalProgress. */
  progress: Percent.nullable(),
  /** Of the studentProgress that it was taken from. Rows from before this was kept have none until it changes. */
  progressVersion: z.int().optional(),
  /** Whether a quiz was ever handed in; lets the analytics count learners with an attempt. */
  attempted: z.boolean(),
  enrolledAt: Timestamp,
  cancelledAt: Timestamp.optional(),
  /** When the course was first complete. Earned: it stays. */
  completedAt: Timestamp.optional(),
  /** Idempotency-Keys of the commands that last enrolled and last cancelled. */
  enrolledWith: z.string().optional(),
  cancelledWith: z.string().optional(),
  paymentId: PaymentId.optional(),
  alsoPaidBy: z.array(PaymentId).readonly().optional(),
  ...stamp,
});
export type EnrollmentRow = z.infer<typeof EnrollmentRow>;

/**
 * Table `studentProgress`. The maps are the facts, each with the version of the source row it was taken from
 * (the newest wins, so neither order nor repetition matters); the rest is computed from them by the outline.
 */
export const StudentProgressRow = z.looseObject({
  userId: UserId,
  courseId: CourseId,
  /** 0 to 100; null while no required item has a weight. */
  totalProgress: Percent.nullable(),
  completedItems: z.int().min(0),
  requiredItems: z.int().min(0),
  completedChapters: z.record(z.string(), z.object({ version: z.int(), completedAt: Timestamp })),
  watchedVideos: z.record(
    z.string(),
    z.object({ version: z.int(), seconds: z.number().min(0), percent: Percent, completed: z.boolean() }),
  ),
  /** By quiz, by attempt number. `score` is null while unmarked. */
  quizAttempts: z.record(
    z.string(),
    z.record(z.string(), z.object({ version: z.int(), score: Score.nullable() })),
  ),
  /** Rows from before there were waivers have none. */
  waivedItems: z.record(z.string(), z.object({ version: z.int(), waived: z.boolean() })).default({}),
  /** The questions of the course's bank that were ever answered, as a bitmap of ordinals (qbank-bitmap.ts). */
  answeredQuestions: z.base64().default(''),
  completedAt: Timestamp.optional(),
  /** The outline and the rule the computed part was computed by. */
  outlineVersion: z.int().min(0),
  ruleVersion: z.int().min(1),
  lowered: z.object({ outlineVersion: z.int(), from: Percent, to: Percent, at: Timestamp }).optional(),
  ...stamp,
});
export type StudentProgressRow = z.infer<typeof StudentProgressRow>;

/** Table `chapterCompletions`; sort key `completion` = courseId#chapterId. */
export const ChapterCompletionRow = z.looseObject({
  userId: UserId,
  completion: z.string(),
  courseId: CourseId,
  chapterId: ChapterId,
  completedAt: Timestamp,
  ...stamp,
});
export type ChapterCompletionRow = z.infer<typeof ChapterCompletionRow>;

/** Seconds from the start of the video, [from, to), from < to. */
export const Interval = z.tuple([z.number().min(0), z.number().positive()]);

/** Table `videoProgress`; sort key `video` = courseId#videoId. */
export const VideoProgressRow = z.looseObject({
  userId: UserId,
  video: z.string(),
  courseId: CourseId,
  videoId: ItemId,
  /** The union of what was played: sorted, disjoint. */
  intervals: z.array(Interval),
  positionSeconds: z.number().min(0),
  /** The last beat of any device: bounds what the next one may claim. */
  lastBeatAt: Timestamp,
  /** What was left of the slack at that beat; it refills with time. */
  slackSeconds: z.number().min(0).max(15).optional(),
  /** Where each of the latest playbacks stood, for clients that send only a position. */
  playheads: z.record(z.string(), z.object({ positionSeconds: z.number().min(0), at: Timestamp })),
  /** The days on which it was watched. */
  days: z.array(Day),
  ...stamp,
});
export type VideoProgressRow = z.infer<typeof VideoProgressRow>;

/** Table `quizAttempts`; sort key `attempt` = courseId#quizId#0001. */
export const QuizAttemptRow = z.looseObject({
  userId: UserId,
  attempt: z.string(),
  courseId: CourseId,
  quizId: ItemId,
  number: z.int().positive(),
  attemptId: AttemptId,
  answers: z.record(QuestionId, OptionId).optional(),
  score: Score.nullable(),
  /** The pass mark in force when it was handed in. */
  passMark: Score,
  submittedAt: Timestamp,
  markedAt: Timestamp.optional(),
  markedBy: UserId.optional(),
  ...stamp,
});
export type QuizAttemptRow = z.infer<typeof QuizAttemptRow>;

/** Table `accessRequests`. Its first version is the time of asking in ms, so that versions grow over deletions. */
export const AccessRequestRow = z.looseObject({
  userId: UserId,
  courseId: CourseId,
  status: statusField('accessRequests'),
  message: z.string().optional(),
  requestedAt: Timestamp,
  reason: z.string().optional(),
  decidedAt: Timestamp.optional(),
  decidedBy: UserId.optional(),
  requestedWith: z.string().optional(),
  rejectedWith: z.string().optional(),
  ...stamp,
});
export type AccessRequestRow = z.infer<typeof AccessRequestRow>;

/** Table `waivers`; sort key `waiver` = courseId#itemId. */
export const WaiverRow = z.looseObject({
  userId: UserId,
  waiver: z.string(),
  courseId: CourseId,
  itemId: ItemId,
  waived: z.boolean(),
  reason: z.string(),
  waivedBy: UserId,
  waivedAt: Timestamp,
  waivedWith: z.string().optional(),
  withdrawnWith: z.string().optional(),
  ...stamp,
});
export type WaiverRow = z.infer<typeof WaiverRow>;

/** Table `payments`. `...By` are the ids of the provider's events. */
export const PaymentRow = z.looseObject({
  userId: UserId,
  paymentId: PaymentId,
  courseId: CourseId,
  amount: z.int().positive(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  status: statusField('payments'),
  createdAt: Timestamp,
  order: z.object({ title: z.string(), successUrl: z.string(), cancelUrl: z.string() }),
  checkoutId: z.string().optional(),
  checkoutUrl: z.string().optional(),
  completedAt: Timestamp.optional(),
  completedBy: z.string().optional(),
  failedAt: Timestamp.optional(),
  failedBy: z.string().optional(),
  refundedAt: Timestamp.optional(),
  refundedBy: z.string().optional(),
  ...stamp,
});
export type PaymentRow = z.infer<typeof PaymentRow>;

/** Table `certificates`; sort key `certificate` = courseId#policy. */
export const CertificateRow = z.looseObject({
  userId: UserId,
  certificate: z.string(),
  courseId: CourseId,
  policy: z.string(),
  code: CertificateCode,
  studentName: z.string(),
  courseTitle: z.string(),
  completedAt: Timestamp,
  issuedAt: Timestamp,
  outlineVersion: z.int().min(0),
  ruleVersion: z.int().min(1),
  ...stamp,
});
export type CertificateRow = z.infer<typeof CertificateRow>;

/** Table `notifications`. */
export const NotificationRow = z.looseObject({
  userId: UserId,
  notificationId: NotificationId,
  kind: z.enum(NOTIFICATION_KINDS),
  courseId: CourseId.optional(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  createdAt: Timestamp,
  readAt: Timestamp.optional(),
  /** Seconds since 1970, the table's time to live. */
  expiresAt: z.int().positive(),
  ...stamp,
});
export type NotificationRow = z.infer<typeof NotificationRow>;

/** Whole numbers by the name of the metric. */
const Metrics = z.record(z.string(), z.int());

/** Table `ledger`: the last contribution of one source of a user to the aggregates, by aggregate and metric. */
export const LedgerRow = z.looseObject({
  userId: z.string(),
  source: z.string(),
  /** Version of the source row that this contribution is of. */
  sourceVersion: z.int(),
  contribution: z.record(z.string(), Metrics),
  /** The cut it was last written under, and what it contributed at that cut (cut.ts), where something asks for it. */
  cut: z.string().optional(),
  atCut: z.record(z.string(), Metrics).optional(),
  ...stamp,
});
export type LedgerRow = z.infer<typeof LedgerRow>;

/** Of table `ledger`, the one row that tells of the newest cut. It contributes nothing. */
export const CutRow = LedgerRow.extend({
  cut: z.string(),
  open: z.boolean(),
  /** The job that took it. */
  jobId: z.string(),
});
export type CutRow = z.infer<typeof CutRow>;

/** Tables `analytics` and `qbankQuestionStatistics`: one shard of one aggregate; `scope` is `school` or `course#ID`, `part` e.g. `total#0`, `day#2026-11-22#0`, `quiz#ID#0`. */
export const AnalyticsRow = z
  .object({ scope: z.string(), part: z.string(), ...stamp })
  .catchall(z.union([z.number(), z.string()]));
export type AnalyticsRow = z.infer<typeof AnalyticsRow>;

/** Table `failures`: a stream record that no retry can mend, with its reason. */
export const FailureRow = z.looseObject({
  failureId: z.string(),
  table: z.string(),
  consumer: z.string(),
  reason: z.string(),
  record: z.string(),
  setAsideAt: Timestamp,
  /** Key of the index `byTime`: there until it is settled. */
  listing: z.string().optional(),
  settled: z
    .object({ how: z.enum(SETTLEMENTS), at: Timestamp, by: UserId, reason: z.string().optional() })
    .optional(),
  ...stamp,
});
export type FailureRow = z.infer<typeof FailureRow>;
