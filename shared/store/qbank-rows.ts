import {
  QbankBankRow,
  QbankMeetingRow,
  QbankPaperRow,
  QbankQuestionAttemptRow,
  QbankQuestionRow,
  QbankRecordRow,
  QbankTestRow,
  QbankVersionRow,
} from '../contracts/qbank-rows.ts';
import type { CourseId, QuestionId, TestId, UserId } from '../domain/ids.ts';
import * as keys from './keys.ts';
import type { Named } from './keys.ts';

/** Requests for rows of the question bank, as those of rows.ts. */

export function bankRow(tables: Named<'qbankQuestions'>, courseId: CourseId) {
  return { table: tables.qbankQuestions, key: keys.bankKey(courseId), schema: QbankBankRow } as const;
}

export function questionRow(tables: Named<'qbankQuestions'>, courseId: CourseId, questionId: QuestionId) {
  const key = keys.questionKey(courseId, questionId);
  return { table: tables.qbankQuestions, key, schema: QbankQuestionRow } as const;
}

export function questionVersionRow(
  tables: Named<'qbankQuestions'>,
  courseId: CourseId,
  questionId: QuestionId,
  version: number,
) {
  const key = keys.questionVersionKey(courseId, questionId, version);
  return { table: tables.qbankQuestions, key, schema: QbankVersionRow } as const;
}

export function testRow(tables: Named<'qbankTests'>, userId: UserId, courseId: CourseId, testId: TestId) {
  const key = keys.testKey(userId, courseId, testId);
  return { table: tables.qbankTests, key, schema: QbankTestRow } as const;
}

export function paperRow(tables: Named<'qbankPapers'>, userId: UserId, courseId: CourseId, testId: TestId) {
  const key = keys.testKey(userId, courseId, testId);
  return { table: tables.qbankPapers, key, schema: QbankPaperRow } as const;
}

export function answerRow(
  tables: Named<'qbankQuestionAttempts'>,
  { userId, courseId, testId }: { userId: UserId; courseId: CourseId; testId: TestId },
  questionId: QuestionId,
) {
  const key = keys.answerKey(userId, courseId, testId, questionId);
  return { table: tables.qbankQuestionAttempts, key, schema: QbankQuestionAttemptRow } as const;
}

export function meetingRow(
  tables: Named<'qbankMeetings'>,
  userId: UserId,
  courseId: CourseId,
  questionId: QuestionId,
) {
  const key = keys.meetingKey(userId, courseId, questionId);
  return { table: tables.qbankMeetings, key, schema: QbankMeetingRow } as const;
}

export function recordRow(tables: Named<'qbankRecords'>, userId: UserId, courseId: CourseId) {
  const key = keys.recordKey(userId, courseId);
  return { table: tables.qbankRecords, key, schema: QbankRecordRow } as const;
}
