import * as z from 'zod';
import { CourseId, TestId, UserId } from '../contracts/fields.ts';
import type { QbankPaperRow, QbankTestRow } from '../contracts/qbank-rows.ts';
import { QbankQuestionAttemptRow } from '../contracts/qbank-rows.ts';
import { DomainError } from '../domain/errors.ts';
import type * as ids from '../domain/ids.ts';
import { finishTest, voidAnswer } from '../domain/qbank-finish.ts';
import { isVoided } from '../domain/qbank-question.ts';
import type { AnswerState, MetState, QbankRecordState, TestState } from '../domain/qbank-states.ts';
import { closeTest, isOver } from '../domain/qbank-test.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import { answerKey, meetingKey, type Named, ofTest, questionMet, testKey } from './keys.ts';
import { queryAllRows } from './pages.ts';
import { meetingRow, paperRow, questionRow, recordRow, testRow } from './qbank-rows.ts';
import { readLists } from './read-lists.ts';
import { readRows } from './reads.ts';
import { settle } from './settle.ts';
import { asReadToBecome } from './status-condition.ts';
import { asRead, commit, type Put, transact } from './transact.ts';

/** Whose test. */
export interface TestName {
  readonly userId: ids.UserId;
  readonly courseId: ids.CourseId;
  readonly testId: ids.TestId;
}

/** Requests for a test's two rows. */
export function testRows(
  tables: Named<'qbankTests' | 'qbankPapers'>,
  { userId, courseId, testId }: TestName,
) {
  return [testRow(tables, userId, courseId, testId), paperRow(tables, userId, courseId, testId)] as const;
}

/** The test that two rows make; undefined where there is none. */
export function testOf(
  row: QbankTestRow | undefined,
  paper: QbankPaperRow | undefined,
): (TestState & QbankTestRow) | undefined {
  return row === undefined || paper === undefined ? undefined : { ...row, questions: paper.questions };
}

/** The test. @throws DomainError test_unknown */
export function existingTest<Test>(test: Test | undefined, testId: ids.TestId): Test {
  if (test !== undefined) return test;
  throw new DomainError('test_unknown', 'You have no such test.', { testId });
}

/** Parts of the index of tests that have not ended, so that starting a test is never held up by the others. */
export const CLOSING_PARTS = Array.from({ length: 8 }, (_, part) => `open#${part}`);

/** An item of the index of tests that have not ended. */
export const ClosingTest = z.looseObject({ userId: UserId, test: z.string(), dueAt: z.string() });

/** Whose test an item of the index is. @throws ZodError where its key is none of a test */
export function nameOfClosing({ userId, test }: z.infer<typeof ClosingTest>): TestName {
  const [courseId, testId] = z.tuple([CourseId, TestId]).parse(test.split('#'));
  return { userId, courseId, testId };
}

/** Any number that is always the same for a test. */
function partOf({ userId, testId }: TestName): string {
  const sum = [...`${userId}${testId}`].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return `open#${sum % CLOSING_PARTS.length}`;
}

/** Writes the row of a test as it has become; in a transaction where others depend on it. */
export function testPut(
  tables: Named<'qbankTests'>,
  read: { readonly version: number; readonly status: TestState['status'] } | undefined,
  next: TestState,
): Put {
  const { questions: _paper, ...row } = next;
  const {
    closing: _closing,
    dueAt: _dueAt,
    ...rest
  }: typeof row & { closing?: unknown; dueAt?: unknown } = row;
  const ended = next.status === 'completed' || next.status === 'abandoned';
  const item = {
    ...rest,
    ...testKey(next.userId, next.courseId, next.testId),
    ...(ended ? {} : { closing: partOf(next), dueAt: next.closedAt ?? next.closesAt }),
  };
  const when = asReadToBecome('qbankTests', read, next, 'userId');
  return { kind: 'put', table: tables.qbankTests, item, when };
}

export function answerPut(
  tables: Named<'qbankQuestionAttempts'>,
  read: AnswerState | undefined,
  next: AnswerState,
): Put {
  const { userId, courseId, testId, questionId } = next;
  const item = { ...next, ...answerKey(userId, courseId, testId, questionId) };
  return { kind: 'put', table: tables.qbankQuestionAttempts, item, when: asRead(read, 'userId') };
}

export function meetingPut(tables: Named<'qbankMeetings'>, read: MetState | undefined, next: MetState): Put {
  const { userId, courseId, questionId } = next;
  const item = {
    ...next,
    ...meetingKey(userId, courseId, questionId),
    question: questionMet(courseId, questionId),
  };
  return { kind: 'put', table: tables.qbankMeetings, item, when: asRead(read, 'userId') };
}

export function recordPut(
  tables: Named<'qbankRecords'>,
  read: QbankRecordState | undefined,
  next: QbankRecordState,
): Put {
  return { kind: 'put', table: tables.qbankRecords, item: { ...next }, when: asRead(read, 'userId') };
}

/** All answers of a test as they are now. */
export function answersOf(
  documents: Documents,
  tables: Named<'qbankQuestionAttempts'>,
  { userId, courseId, testId }: TestName,
): Promise<QbankQuestionAttemptRow[]> {
  return queryAllRows(documents, {
    table: tables.qbankQuestionAttempts,
    schema: QbankQuestionAttemptRow,
    partition: ['userId', userId],
    sort: { attribute: 'attempt', beginsWith: ofTest(courseId, testId) },
  });
}

/** What ends tests. */
export const ENDING_TABLES = [
  'qbankTests',
  'qbankPapers',
  'qbankQuestions',
  'qbankQuestionAttempts',
  'qbankMeetings',
  'qbankRecords',
] as const;

/**
 * Ends a test: closes it, so that no answer is taken any more, and then draws the line under what was answered. One
 * that stops in between is found by the schedule, which goes on where it stopped. An ended test stays as it is, and by
 * the clock one whose time is not up: it was opened while the index of tests still said when it would have lapsed.
 *
 * Requests: BatchGet of the test and its paper; Put of the test, closed; Query of its answers and BatchGet of what
 * was met, the record and the questions; TransactWrite of test, record and what was newly met, 82 rows at most.
 *
 * @throws DomainError test_unknown, busy
 */
export function endTest(
  documents: Documents,
  tables: Named<(typeof ENDING_TABLES)[number]>,
  name: TestName,
  { by, now, cause }: { readonly by: 'student' | 'clock'; readonly now: string; readonly cause: Cause },
): Promise<TestState> {
  const { userId, courseId, testId } = name;
  return settle(async () => {
    const test = existingTest(testOf(...(await readRows(documents, testRows(tables, name)))), testId);
    if (by === 'clock' && !isOver(test, now)) return test;
    const closed = closeTest(test, now, cause);
    if (closed.version !== test.version) await commit(documents, [testPut(tables, test, closed)]);
    if (closed.status === 'completed' || closed.status === 'abandoned') return closed;

    const questionIds = closed.questions.map(({ questionId }) => questionId);
    const [given, { meetings, questions, records }] = await Promise.all([
      answersOf(documents, tables, name),
      readLists(documents, {
        meetings: questionIds.map((questionId) => meetingRow(tables, userId, courseId, questionId)),
        questions: questionIds.map((questionId) => questionRow(tables, courseId, questionId)),
        records: [recordRow(tables, userId, courseId)],
      }),
    ]);
    const byId = new Map(questions.map((question) => [question?.questionId, question]));
    const voided = ({ questionId, questionVersion }: Pick<AnswerState, 'questionId' | 'questionVersion'>) => {
      const question = byId.get(questionId);
      return question !== undefined && isVoided(question, questionVersion);
    };
    // A void that was declared while an answer was on its way: from now on nothing else corrects it.
    const answers: AnswerState[] = [];
    for (const answer of given) {
      const corrected = voidAnswer(answer, voided(answer), now, cause);
      if (corrected !== undefined) await commit(documents, [answerPut(tables, answer, corrected)]);
      answers.push(corrected ?? answer);
    }
    const [record] = records;
    const mets = meetings.filter((met) => met !== undefined);
    const finished = finishTest({ test: closed, answers, mets, record, voided, now, cause });
    if (finished === undefined) return closed;
    const metBefore = new Map(mets.map((met) => [met.questionId, met]));
    await transact(documents, [
      testPut(tables, closed, finished.test),
      ...finished.mets.map((met) => meetingPut(tables, metBefore.get(met.questionId), met)),
      ...(finished.record === undefined ? [] : [recordPut(tables, record, finished.record)]),
    ]);
    return finished.test;
  });
}
