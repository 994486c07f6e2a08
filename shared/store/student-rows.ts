import type * as z from 'zod';
import { QbankQuestionAttemptRow, QbankRecordRow, QbankTestRow } from '../contracts/qbank-rows.ts';
import * as rows from '../contracts/rows.ts';
import { entriesOf, type LedgerEntry } from '../domain/contribution.ts';
import type { UserId } from '../domain/ids.ts';
import { qbankEntriesOf } from '../domain/qbank-contribution.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { queryAllRows } from './pages.ts';
import { readRow, readSnapshot } from './reads.ts';
import { courseRow, enrollmentRow, progressRow, studentRow } from './rows.ts';

export const STUDENT_TABLES = [
  'courses',
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'studentProgress',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'qbankTests',
  'qbankQuestionAttempts',
  'qbankRecords',
  'certificates',
  'notifications',
  'ledger',
] as const;

/**
 * All rows of a student but those that a test alone needs: what is derived first and then its sources, so that no
 * source is older than what is derived from it. The rows that a projection compares are of one moment.
 *
 * Requests: six Queries at once, a TransactGet for each course, then ten Queries and a Get at once; one more of a
 * Query for each MB.
 *
 * @throws MalformedRow, Unsettled
 */
export async function readStudent(
  documents: Documents,
  tables: Named<(typeof STUDENT_TABLES)[number]>,
  userId: UserId,
) {
  const all = <Schema extends z.ZodType>(table: string, schema: Schema) =>
    queryAllRows(documents, { table, schema, partition: ['userId', userId] });

  const [ledgers, certificates, notifications, records, listed, progresses] = await Promise.all([
    all(tables.ledger, rows.LedgerRow),
    all(tables.certificates, rows.CertificateRow),
    all(tables.notifications, rows.NotificationRow),
    all(tables.qbankRecords, QbankRecordRow),
    all(tables.enrollments, rows.EnrollmentRow),
    all(tables.studentProgress, rows.StudentProgressRow),
  ]);

  const courseIds = [...new Set([...listed, ...progresses].map(({ courseId }) => courseId))];
  const learners = await Promise.all(
    courseIds.map(async (courseId) => {
      const [course, enrollment, progress] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        enrollmentRow(tables, userId, courseId),
        progressRow(tables, userId, courseId),
      ]);
      return { courseId, course, enrollment, progress };
    }),
  );

  const [
    student,
    accessRequests,
    payments,
    enrollments,
    chapters,
    videos,
    attempts,
    waivers,
    answers,
    tests,
    recordsAfter,
  ] = await Promise.all([
    readRow(documents, studentRow(tables, userId)),
    all(tables.accessRequests, rows.AccessRequestRow),
    all(tables.payments, rows.PaymentRow),
    all(tables.enrollments, rows.EnrollmentRow),
    all(tables.chapterCompletions, rows.ChapterCompletionRow),
    all(tables.videoProgress, rows.VideoProgressRow),
    all(tables.quizAttempts, rows.QuizAttemptRow),
    all(tables.waivers, rows.WaiverRow),
    all(tables.qbankQuestionAttempts, QbankQuestionAttemptRow),
    all(tables.qbankTests, QbankTestRow),
    all(tables.qbankRecords, QbankRecordRow),
  ]);
  return {
    /** What is derived, as it was before the sources were read. */
    derived: { ledgers, certificates, notifications, records, learners },
    sources: {
      student,
      accessRequests,
      payments,
      enrollments,
      chapters,
      videos,
      attempts,
      waivers,
      answers,
      tests,
      /** Of the tests, and a source of the aggregates. */
      records: recordsAfter,
    },
  };
}

export type StudentRows = Awaited<ReturnType<typeof readStudent>>;

/** Everything that the sources say to the ledger; of rows that `counts` is not true of, nothing. */
export function ledgerEntries(
  sources: StudentRows['sources'],
  counts: (row: { readonly updatedAt: string }) => boolean = () => true,
): LedgerEntry[] {
  return [
    ...(sources.student === undefined || !counts(sources.student)
      ? []
      : entriesOf('students', sources.student)),
    ...sources.accessRequests.filter(counts).flatMap((row) => entriesOf('accessRequests', row)),
    ...sources.payments.filter(counts).flatMap((row) => entriesOf('payments', row)),
    ...sources.enrollments.filter(counts).flatMap((row) => entriesOf('enrollments', row)),
    ...sources.chapters.filter(counts).flatMap((row) => entriesOf('chapterCompletions', row)),
    ...sources.videos.filter(counts).flatMap((row) => entriesOf('videoProgress', row)),
    ...sources.attempts.filter(counts).flatMap((row) => entriesOf('quizAttempts', row)),
    ...sources.answers.filter(counts).flatMap((row) => qbankEntriesOf('qbankQuestionAttempts', row)),
    ...sources.tests.filter(counts).flatMap((row) => qbankEntriesOf('qbankTests', row)),
    ...sources.records.filter(counts).flatMap((row) => qbankEntriesOf('qbankRecords', row)),
  ];
}
