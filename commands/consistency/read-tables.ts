import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { QbankQuestionAttemptRow, QbankRecordRow, QbankTestRow } from '../../shared/contracts/qbank-rows.ts';
import {
  AnalyticsRow,
  ChapterCompletionRow,
  CourseRow,
  EnrollmentRow,
  LedgerRow,
  OutlineRow,
  QuizAttemptRow,
  StudentProgressRow,
  VideoProgressRow,
  WaiverRow,
} from '../../shared/contracts/rows.ts';

async function scan<T>(documents: DynamoDBDocumentClient, table: string, row: z.ZodType<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const page of paginateScan({ client: documents }, { TableName: table, ConsistentRead: true })) {
    for (const item of page.Items ?? []) rows.push(row.parse(item));
  }
  return rows;
}

/**
 * Every row that the consistency check compares, read whole. Meant for a school at rest: under traffic the
 * tables are read at different moments. `table` gives the physical name of a table.
 */
export async function readTables(documents: DynamoDBDocumentClient, table: (name: string) => string) {
  const all = <T>(name: string, row: z.ZodType<T>) => scan(documents, table(name), row);
  const [
    courseParts,
    enrollments,
    progress,
    chapters,
    videos,
    attempts,
    waivers,
    answers,
    tests,
    records,
    ledger,
    analytics,
    statistics,
  ] = await Promise.all([
    all('courses', z.union([CourseRow, OutlineRow])),
    all('enrollments', EnrollmentRow),
    all('studentProgress', StudentProgressRow),
    all('chapterCompletions', ChapterCompletionRow),
    all('videoProgress', VideoProgressRow),
    all('quizAttempts', QuizAttemptRow),
    all('waivers', WaiverRow),
    all('qbankQuestionAttempts', QbankQuestionAttemptRow),
    all('qbankTests', QbankTestRow),
    all('qbankRecords', QbankRecordRow),
    all('ledger', LedgerRow),
    all('analytics', AnalyticsRow),
    all('qbankQuestionStatistics', AnalyticsRow),
  ]);
  return {
    courseParts,
    enrollments,
    progress,
    chapters,
    videos,
    attempts,
    waivers,
    answers,
    tests,
    records,
    ledger,
    analytics,
    statistics,
  };
}

export type Tables = Awaited<ReturnType<typeof readTables>>;
