import * as z from 'zod';
import { MOST_QUESTIONS_OF_A_BANK } from '../domain/qbank-question.ts';
import { DIFFICULTIES, QUESTIONS_FROM, TEST_MODES } from '../domain/qbank-states.ts';
import {
  AnswerId,
  CourseId,
  OptionId,
  QuestionId,
  Score,
  statusField,
  TestId,
  Timestamp,
  TopicId,
  UserId,
} from './fields.ts';
import { stamp } from './rows.ts';

/** The rows of the question bank, read as those of rows.ts are. */

/** Table `qbankQuestions`, part `bank`: how many questions the course has. */
export const QbankBankRow = z.looseObject({
  courseId: CourseId,
  part: z.string(),
  questions: z.int().min(0),
  ...stamp,
});
export type QbankBankRow = z.infer<typeof QbankBankRow>;

/** Table `qbankQuestions`, part `question#ID`: a question as it stands. */
export const QbankQuestionRow = z.looseObject({
  courseId: CourseId,
  part: z.string(),
  questionId: QuestionId,
  topic: TopicId,
  difficulty: z.enum(DIFFICULTIES),
  ordinal: z.int().min(0),
  questionVersion: z.int().positive(),
  optionIds: z.array(OptionId),
  key: OptionId,
  /** By question version. */
  voids: z.record(z.string(), z.object({ reason: z.string(), voidedBy: UserId, voidedAt: Timestamp })),
  ...stamp,
});
export type QbankQuestionRow = z.infer<typeof QbankQuestionRow>;

/** Table `qbankQuestions`, part `version#ID#000002`: what the question asks as version 2; never changed. */
export const QbankVersionRow = z.looseObject({
  courseId: CourseId,
  part: z.string(),
  questionId: QuestionId,
  questionVersion: z.int().positive(),
  stem: z.string(),
  options: z.array(z.object({ optionId: OptionId, text: z.string() })),
  key: OptionId,
  explanation: z.string(),
  ...stamp,
});
export type QbankVersionRow = z.infer<typeof QbankVersionRow>;

const testQuestion = {
  questionId: QuestionId,
  questionVersion: z.int().positive(),
  ordinal: z
    .int()
    .min(0)
    .max(MOST_QUESTIONS_OF_A_BANK - 1),
  topic: TopicId,
};

/** Table `qbankTests`; sort key `test` = courseId#testId. Its questions are in `qbankPapers`. */
export const QbankTestRow = z.looseObject({
  userId: UserId,
  test: z.string(),
  courseId: CourseId,
  testId: TestId,
  status: statusField('qbankTests'),
  wish: z.object({
    mode: z.enum(TEST_MODES),
    topics: z.array(TopicId),
    count: z.int().positive(),
    from: z.enum(QUESTIONS_FROM),
  }),
  createdAt: Timestamp,
  startedAt: Timestamp.optional(),
  closesAt: Timestamp,
  closedAt: Timestamp.optional(),
  closedBy: z.enum(['student', 'clock']).optional(),
  completedAt: Timestamp.optional(),
  results: z
    .array(
      z.object({
        ...testQuestion,
        optionId: OptionId.nullable(),
        correct: z.boolean(),
        first: z.boolean(),
        seconds: z.int().min(0),
        voided: z.literal(true).optional(),
      }),
    )
    .optional(),
  score: Score.nullable().optional(),
  /** Keys of the index `byClosing`, until the test has ended: a shard, and when it has to end. */
  closing: z.string().optional(),
  dueAt: Timestamp.optional(),
  ...stamp,
});
export type QbankTestRow = z.infer<typeof QbankTestRow>;

/** Table `qbankPapers`, with the key of the test: its questions, which never change. */
export const QbankPaperRow = z.looseObject({
  userId: UserId,
  test: z.string(),
  questions: z.array(z.object(testQuestion)),
  ...stamp,
});
export type QbankPaperRow = z.infer<typeof QbankPaperRow>;

/** Table `qbankQuestionAttempts`; sort key `attempt` = courseId#testId#questionId. */
export const QbankQuestionAttemptRow = z.looseObject({
  userId: UserId,
  attempt: z.string(),
  courseId: CourseId,
  testId: TestId,
  ...testQuestion,
  optionId: OptionId,
  correct: z.boolean(),
  first: z.boolean(),
  answerIds: z.array(AnswerId),
  answeredAt: Timestamp,
  seconds: z.int().min(0),
  changes: z.int().min(0),
  voided: z.literal(true).optional(),
  ...stamp,
});
export type QbankQuestionAttemptRow = z.infer<typeof QbankQuestionAttemptRow>;

/** Table `qbankMeetings`; sort key `meeting` = courseId#questionId, which is `question` for the index `byQuestion`. */
export const QbankMeetingRow = z.looseObject({
  userId: UserId,
  meeting: z.string(),
  question: z.string(),
  courseId: CourseId,
  questionId: QuestionId,
  versions: z.record(z.string(), z.object({ firstIn: TestId, shown: z.literal(true).optional() })),
  ...stamp,
});
export type QbankMeetingRow = z.infer<typeof QbankMeetingRow>;

/** Table `qbankRecords`: what a student's completed tests in a course amount to. */
export const QbankRecordRow = z.looseObject({
  userId: UserId,
  courseId: CourseId,
  tests: z.int().min(0),
  firstAnswers: z.int().min(0),
  firstRight: z.int().min(0),
  seen: z.base64(),
  solved: z.base64(),
  ...stamp,
});
export type QbankRecordRow = z.infer<typeof QbankRecordRow>;
