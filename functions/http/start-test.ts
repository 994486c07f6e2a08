import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { TestView } from '../../shared/contracts/qbank.ts';
import { testView } from '../../shared/contracts/test-view.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { mergeBitmaps } from '../../shared/domain/qbank-bitmap.ts';
import type { Draw } from '../../shared/domain/qbank-selection.ts';
import { startTest as decide } from '../../shared/domain/qbank-test.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, testKey } from '../../shared/store/keys.ts';
import { recordRow } from '../../shared/store/qbank-rows.ts';
import { existingTest, testOf, testPut, testRows } from '../../shared/store/qbank-tests.ts';
import { questionsOf } from '../../shared/store/questions.ts';
import { readRows } from '../../shared/store/reads.ts';
import { courseRow, enrollmentRow, progressRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';
import { absent, commit } from '../../shared/store/transact.ts';

export const usedTables = [
  'courses',
  'enrollments',
  'studentProgress',
  'qbankRecords',
  'qbankQuestions',
  'qbankTests',
  'qbankPapers',
] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly draw: Draw;
}

/**
 * Makes a test of questions drawn for a student.
 *
 * Requests: BatchGet of test, paper, course, enrollment, record and progress; Query of the course's questions, one
 * for each MB of them; TransactWrite of test and paper. What was met is known by the record at once, and of tests
 * that are still open by the progress, which follows the answers by the stream.
 */
export function startTest({ documents, tables, draw }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, testId },
    body: wish,
    cause,
    now,
  }: Call<(typeof operations)['start-test']>): Promise<TestView> =>
    settle(async () => {
      const name = { userId, courseId, testId };
      const [row, paper, course, enrollment, record, progress] = await readRows(documents, [
        ...testRows(tables, name),
        courseRow(tables, courseId),
        enrollmentRow(tables, userId, courseId),
        recordRow(tables, userId, courseId),
        progressRow(tables, userId, courseId),
      ]);
      const test = testOf(row, paper);
      if (test === undefined && existing(courseId, course).status !== 'published') {
        throw new DomainError('course_not_published', 'The course is not published', { courseId });
      }
      const questions = test === undefined ? await questionsOf(documents, tables, courseId) : [];
      const started = decide({
        ...name,
        wish,
        test,
        enrollment,
        questions,
        history: {
          seen: mergeBitmaps(record?.seen ?? '', progress?.answeredQuestions ?? ''),
          solved: record?.solved ?? '',
        },
        draw,
        now: now.toISOString(),
        cause,
      });
      if (started === undefined) return testView(existingTest(test, testId));
      const { version, updatedAt, causedBy, causedAt } = started;
      const item = {
        ...testKey(userId, courseId, testId),
        questions: started.questions,
        ...{ version, updatedAt, causedBy, causedAt },
      };
      await commit(documents, [
        testPut(tables, undefined, started),
        { kind: 'put', table: tables.qbankPapers, item, when: absent('userId') },
      ]);
      return testView(started);
    });
}
