import * as z from 'zod';
import { PERCENT_RULES } from '../domain/explanation.ts';
import { Percent, Score, Timestamp } from './fields.ts';

const fact = {
  version: z.int(),
  /** The request, or the event of the payment provider, that led to this version, and its time. */
  causedBy: z.string(),
  causedAt: Timestamp,
  /** The learner, or the admin who marked or waived. */
  by: z.string(),
  /** Whether the completion of its item is what it is because of this row. */
  counts: z.boolean(),
};

/** A source row that tells what a learner did, or was let off. */
const ExplainedFact = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('chapterCompletions'),
    chapterId: z.string(),
    completedAt: Timestamp,
    ...fact,
  }),
  z.strictObject({
    from: z.literal('videoProgress'),
    videoId: z.string(),
    watchedSeconds: z.number(),
    ...fact,
  }),
  z.strictObject({
    from: z.literal('quizAttempts'),
    quizId: z.string(),
    attemptId: z.string(),
    number: z.int(),
    score: Score.nullable(),
    submittedAt: Timestamp,
    markedAt: Timestamp.optional(),
    ...fact,
  }),
  z.strictObject({
    from: z.literal('waivers'),
    itemId: z.string(),
    waived: z.boolean(),
    reason: z.string(),
    waivedAt: Timestamp,
    ...fact,
  }),
  z.strictObject({
    from: z.literal('qbankQuestionAttempts'),
    testId: z.string(),
    questionId: z.string(),
    answeredAt: Timestamp,
    ...fact,
  }),
]);

const figures = {
  totalProgress: Percent.nullable(),
  completedItems: z.int(),
  requiredItems: z.int(),
  outlineVersion: z.int(),
  ruleVersion: z.int(),
};

/** Where a student's progress in a course comes from, by the outline in force. */
export const ProgressExplanation = z.strictObject({
  userId: z.string(),
  courseId: z.string(),
  title: z.string(),
  enrollmentStatus: z.string(),
  items: z.array(
    z.strictObject({
      itemId: z.string(),
      chapterId: z.string(),
      kind: z.string(),
      title: z.string(),
      weight: z.number(),
      required: z.boolean(),
      completion: z.number().min(0).max(1),
      points: z.number(),
      facts: z.array(ExplainedFact),
    }),
  ),
  total: z.strictObject({
    weights: z.number(),
    earned: z.number(),
    points: z.number().nullable(),
    shown: Percent.nullable(),
    rule: z.enum(PERCENT_RULES),
  }),
  practice: z.strictObject({
    questions: z.int(),
    answers: z.int(),
    counts: z.boolean(),
    newest: z.array(ExplainedFact),
  }),
  uncounted: z.array(ExplainedFact),
  /** False too for what was written a moment ago, until the stream has told of it. */
  inStep: z.boolean(),
  differs: z.array(z.string()),
  computed: z.strictObject(figures),
  stored: z
    .strictObject({
      ...figures,
      version: z.int(),
      updatedAt: Timestamp,
      causedBy: z.string(),
      causedAt: Timestamp,
    })
    .nullable(),
});
export type ProgressExplanation = z.infer<typeof ProgressExplanation>;

const Metrics = z.record(z.string(), z.number());

/** A page of the ledger rows that an aggregate is the sum of. */
export const AggregateExplanation = z.strictObject({
  scope: z.string(),
  part: z.string(),
  /** What the aggregate says now. The sums of all pages add up to it where nothing moves it meanwhile. */
  metrics: Metrics,
  rows: z.array(
    z.strictObject({
      source: z.string(),
      sourceVersion: z.int(),
      metrics: Metrics,
      causedBy: z.string(),
      causedAt: Timestamp,
    }),
  ),
  /** What the rows of this page add up to. */
  sum: Metrics,
  /** A page may be short, or empty, and not the last: it is the last where there is no cursor. */
  cursor: z.string().optional(),
});
export type AggregateExplanation = z.infer<typeof AggregateExplanation>;
