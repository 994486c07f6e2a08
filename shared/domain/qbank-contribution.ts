import {
  type Contribution,
  contributionOf,
  courseTotal,
  type LedgerEntry,
  type Metrics,
  SCHOOL,
} from './contribution.ts';
import type { CourseId, QuestionId, UserId } from './ids.ts';
import { pairMetrics } from './qbank-pairs.ts';
import { accuracyOf } from './qbank-record.ts';
import type { AnswerState, QbankRecordState, TestHead, TestResult } from './qbank-states.ts';
import type { Cause } from './stamp.ts';

/** The aggregate with the statistics of a version of a question. */
export function questionAggregate(
  courseId: CourseId,
  questionId: QuestionId,
  questionVersion: number,
): string {
  return `bank#${courseId}|question#${questionId}#${String(questionVersion).padStart(6, '0')}`;
}

/** The aggregate with what a student did in a course's bank, by topic. */
export function studentAggregate(userId: UserId, courseId: CourseId): string {
  return `student#${userId}|qbank#${courseId}`;
}

export const SCORES_PART = 'qbank-scores';

/** The aggregate with the scores of a course's tests. */
export function scoresAggregate(courseId: CourseId): string {
  return `course#${courseId}|${SCORES_PART}`;
}

/** The aggregate with one accuracy for each student of a course who has one. */
export function peersAggregate(courseId: CourseId): string {
  return `course#${courseId}|qbank-peers`;
}

/**
 * What is known at each answer: the figures of its question, if it is a first attempt, follow it live and stay what
 * they are when the test is completed. To the student's own figures it adds nothing before: whether the answer is right
 * would tell the key.
 */
export function contributionOfAnswer(row: AnswerState): Contribution {
  if (row.voided === true) return {};
  const correct = row.correct ? 1 : 0;
  const course: Metrics = { qbankAnswers: 1, qbankCorrect: correct };
  const question: Metrics = {
    answers: 1,
    correct,
    seconds: row.seconds,
    [`option.${row.optionId}`]: 1,
  };
  return contributionOf({
    [SCHOOL]: course,
    [courseTotal(row.courseId)]: { ...course },
    ...(row.first
      ? { [questionAggregate(row.courseId, row.questionId, row.questionVersion)]: question }
      : {}),
  });
}

function contributionOfResults(courseId: CourseId, results: readonly TestResult[]): Contribution {
  const firsts = results.filter(({ first, voided }) => first && voided !== true);
  const answered = firsts.filter(({ optionId }) => optionId !== null);
  const right = answered.filter(({ correct }) => correct).length;
  return Object.fromEntries(
    firsts.map((result): [string, Metrics] => [
      questionAggregate(courseId, result.questionId, result.questionVersion),
      result.optionId === null
        ? { blanks: 1 }
        : pairMetrics({
            optionId: result.optionId,
            correct: result.correct,
            othersRight: right - (result.correct ? 1 : 0),
            others: answered.length - 1,
          }),
    ]),
  );
}

/** What is known when a test is completed: scores, blanks, and each first attempt beside the rest of its test. */
export function contributionOfTest(row: TestHead): Contribution {
  const { userId, courseId, results = [], score } = row;
  if (row.status !== 'completed') return {};
  const student: Metrics = {};
  for (const { topic, first, optionId, correct, voided } of results) {
    if (!first || optionId === null || voided === true) continue;
    student[`first.${topic}`] = (student[`first.${topic}`] ?? 0) + 1;
    student[`right.${topic}`] = (student[`right.${topic}`] ?? 0) + (correct ? 1 : 0);
  }
  const hundredths = Math.round((score ?? 0) * 100);
  const scored = typeof score === 'number' ? 1 : 0;
  const course: Metrics = { qbankTests: 1, qbankScored: scored, qbankScoreSum: hundredths };
  return contributionOf({
    ...contributionOfResults(courseId, results),
    [SCHOOL]: course,
    [courseTotal(courseId)]: { ...course },
    [studentAggregate(userId, courseId)]: { ...student, tests: 1, scored, scoreSum: hundredths },
    [scoresAggregate(courseId)]: {
      scored,
      scoreSum: hundredths,
      scoreSquares: hundredths * hundredths,
      [`percent.${Math.floor(hundredths / 100)}`]: scored,
    },
  });
}

/** One accuracy for each student: a peer counts once, however many tests he takes. */
export function contributionOfRecord(row: QbankRecordState): Contribution {
  const accuracy = accuracyOf(row);
  return accuracy === null ? {} : { [peersAggregate(row.courseId)]: { [`percent.${accuracy}`]: 1 } };
}

/** The tables whose rows contribute, and what is needed of the rows. */
export interface QbankContributingRows {
  readonly qbankQuestionAttempts: AnswerState;
  readonly qbankTests: TestHead;
  readonly qbankRecords: QbankRecordState;
}
export type QbankContributingTable = keyof QbankContributingRows;

/** The ledger's name of an answer. */
export function answerSource(
  row: Pick<AnswerState, 'userId' | 'courseId' | 'testId' | 'questionId'>,
): string {
  return `qbankQuestionAttempts#${row.userId}#${row.courseId}#${row.testId}#${row.questionId}`;
}

/** The ledger's name of a test. */
export function testSource(row: Pick<TestHead, 'userId' | 'courseId' | 'testId'>): string {
  return `qbankTests#${row.userId}#${row.courseId}#${row.testId}`;
}

/** The ledger's name of a record. */
export function recordSource({
  userId,
  courseId,
}: {
  readonly userId: string;
  readonly courseId: string;
}): string {
  return `qbankRecords#${userId}#${courseId}`;
}

const sources: { readonly [T in QbankContributingTable]: (row: QbankContributingRows[T]) => string } = {
  qbankQuestionAttempts: answerSource,
  qbankTests: testSource,
  qbankRecords: recordSource,
};

const contributions: {
  readonly [T in QbankContributingTable]: (row: QbankContributingRows[T]) => Contribution;
} = {
  qbankQuestionAttempts: contributionOfAnswer,
  qbankTests: contributionOfTest,
  qbankRecords: contributionOfRecord,
};

function entry(
  source: string,
  sourceVersion: number,
  contribution: Contribution,
  { causedBy, causedAt }: Cause,
): LedgerEntry {
  return { source, sourceVersion, merge: 'replace', contribution, causedBy, causedAt };
}

/**
 * Everything a row of the question bank says to the ledger. A test that is not completed says nothing: it never was,
 * so there is nothing to take back, and no ledger row is written for it.
 */
export function qbankEntriesOf<T extends QbankContributingTable>(
  table: T,
  row: QbankContributingRows[T],
): LedgerEntry[] {
  const stamp: Cause & { readonly version: number } = row;
  const contribution = contributions[table](row);
  if (table === 'qbankTests' && Object.keys(contribution).length === 0) return [];
  return [entry(sources[table](row), stamp.version, contribution, stamp)];
}

/** A row that is gone contributes nothing. */
export function removedQbankEntryOf<T extends QbankContributingTable>(
  table: T,
  oldRow: QbankContributingRows[T],
): LedgerEntry {
  const stamp: Cause & { readonly version: number } = oldRow;
  return entry(sources[table](oldRow), stamp.version + 1, {}, stamp);
}
