import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { TestId } from '../../shared/contracts/fields.ts';
import { QbankTestRow } from '../../shared/contracts/qbank-rows.ts';
import type { StudentQbank } from '../../shared/contracts/qbank.ts';
import { testView } from '../../shared/contracts/test-view.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { countBits } from '../../shared/domain/qbank-bitmap.ts';
import { peersAggregate, studentAggregate } from '../../shared/domain/qbank-contribution.ts';
import { accuracyOf } from '../../shared/domain/qbank-record.ts';
import { percentileOf, studentFiguresOf } from '../../shared/domain/qbank-statistics.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { sumShards } from '../../shared/store/aggregates.ts';
import { cursorAfter, decodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, ofCourse, testKey } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { recordRow } from '../../shared/store/qbank-rows.ts';
import { questionsOf } from '../../shared/store/questions.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { analyticsRows, courseRow, enrollmentRow, progressRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';

export const usedTables = [
  'courses',
  'enrollments',
  'studentProgress',
  'qbankQuestions',
  'qbankRecords',
  'qbankTests',
  'analytics',
] as const;
export const environment = z.object({
  ...tableVariables(usedTables),
  ANALYTICS_SHARDS: z.coerce.number().int().min(1).max(24),
});

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly shards: number;
}

const Cursor = z.strictObject({ testId: TestId });

/**
 * What the caller did in a course's question bank, among peers, and a page of the tests by their ids.
 *
 * Requests: BatchGet of course, enrollment, progress, record and the figures of the student and of the peers; Query of
 * the bank, one for each MB of it; Query of the tests.
 */
export function getStudentQbank({ documents, tables, shards }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId },
    query,
  }: Call<(typeof operations)['get-student-qbank']>): Promise<StudentQbank> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const [{ courses, enrollments, progresses, records, own, peers }, questions, page] = await Promise.all([
        readLists(documents, {
          courses: [courseRow(tables, courseId)],
          enrollments: [enrollmentRow(tables, userId, courseId)],
          progresses: [progressRow(tables, userId, courseId)],
          records: [recordRow(tables, userId, courseId)],
          own: analyticsRows(tables, studentAggregate(userId, courseId), shards),
          peers: analyticsRows(tables, peersAggregate(courseId), shards),
        }),
        questionsOf(documents, tables, courseId),
        queryRows(documents, {
          table: tables.qbankTests,
          schema: QbankTestRow,
          partition: ['userId', userId],
          sort: { attribute: 'test', beginsWith: ofCourse(courseId) },
          limit: query.limit,
          start: after && testKey(userId, courseId, after.testId),
        }),
      ]);
      existing(courseId, courses[0]);
      if (enrollments[0] === undefined || enrollments[0].status === 'cancelled') {
        throw new DomainError('not_enrolled', 'You are not enrolled in this course', { courseId });
      }
      const answered = progresses[0]?.answeredQuestions ?? '';
      const { tests, meanScore, topics } = studentFiguresOf(sumShards(own), questions, answered);
      const accuracy = records[0] === undefined ? null : accuracyOf(records[0]);
      const place =
        accuracy === null ? { percentile: null, peers: 0 } : percentileOf(accuracy, sumShards(peers));
      return {
        courseId,
        questions: questions.length,
        answered: countBits(answered),
        completedTests: tests,
        meanScore,
        accuracy,
        ...place,
        topics: [...topics],
        tests: page.rows.map(testView),
        ...cursorAfter(page, ({ testId }) => ({ testId })),
      };
    });
}
