import { equal } from './equal.ts';
import { DomainError } from './errors.ts';
import type { CourseId, TestId, UserId } from './ids.ts';
import { selectQuestions, type BankHistory, type Draw } from './qbank-selection.ts';
import type { BankQuestionState, TestState, TestWish } from './qbank-states.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { EnrollmentState } from './states.ts';

/** So that what ends a test fits one transaction: a row for each question and the test's own. */
export const MOST_QUESTIONS_OF_A_TEST = 80;

/** What a timed test gives for each of its questions, from its opening. */
export const SECONDS_PER_QUESTION = 90;

/** How long a test may lie about: unopened, or in tutor mode, from its opening. */
export const DAYS_OF_A_TEST = 7;

const DAY_SECONDS = 86_400;

function later(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1000).toISOString();
}

/**
 * Makes a test of questions drawn now, at the versions they have now; it is not opened yet. Undefined where the test
 * is there already.
 *
 * @throws DomainError test_conflict where the id stands for a test that was wished otherwise, not_enrolled,
 *   no_questions_left
 */
export function startTest(given: {
  readonly userId: UserId;
  readonly testId: TestId;
  readonly courseId: CourseId;
  readonly wish: TestWish;
  readonly test: TestState | undefined;
  readonly enrollment: EnrollmentState | undefined;
  /** The course's bank. */
  readonly questions: readonly BankQuestionState[];
  readonly history: BankHistory;
  readonly draw: Draw;
  readonly now: string;
  readonly cause: Cause;
}): TestState | undefined {
  const { userId, testId, courseId, wish, test, enrollment, history, draw, now, cause } = given;
  if (test !== undefined) {
    if (test.courseId === courseId && equal(test.wish, wish)) return undefined;
    throw new DomainError('test_conflict', 'Another test was started under this id.', { testId });
  }
  if (enrollment === undefined || enrollment.status === 'cancelled') {
    throw new DomainError('not_enrolled', 'You are not enrolled in this course.', { courseId });
  }
  const count = Math.min(wish.count, MOST_QUESTIONS_OF_A_TEST);
  const questions = selectQuestions(given.questions, history, { ...wish, count }, draw);
  if (questions.length === 0) {
    throw new DomainError('no_questions_left', 'The course has no question like that for you.', {
      from: wish.from,
    });
  }
  return {
    userId,
    testId,
    courseId,
    status: 'pending',
    wish,
    questions,
    createdAt: now,
    closesAt: later(now, DAYS_OF_A_TEST * DAY_SECONDS),
    ...nextStamp(undefined, now, cause),
  };
}

/** Whether answers are taken no more: it was handed in, or its time is up. */
export function isOver(test: Pick<TestState, 'closedAt' | 'closesAt'>, now: string): boolean {
  return test.closedAt !== undefined || now >= test.closesAt;
}

/** The refusal of whatever comes too late for a test. */
export function testClosed(test: TestState): DomainError {
  return new DomainError('test_closed', 'The test takes no more answers.', {
    status: test.status,
    closedAt: test.closedAt ?? test.closesAt,
  });
}

/**
 * Opens a test, which sets its clock going. Undefined where it is open.
 *
 * @throws DomainError test_unknown, test_closed
 */
export function openTest(test: TestState | undefined, now: string, cause: Cause): TestState | undefined {
  if (test === undefined) throw new DomainError('test_unknown', 'You have no such test.');
  if (isOver(test, now)) throw testClosed(test);
  if (test.status !== 'pending') return undefined;
  const seconds =
    test.wish.mode === 'timed' ? test.questions.length * SECONDS_PER_QUESTION : DAYS_OF_A_TEST * DAY_SECONDS;
  return {
    ...test,
    status: 'in_progress',
    startedAt: now,
    closesAt: later(now, seconds),
    ...nextStamp(test, now, cause),
  };
}

/** A test whose answers are final. */
export type ClosedTest = TestState & { readonly closedAt: string; readonly closedBy: 'student' | 'clock' };

export function isClosed(test: TestState): test is ClosedTest {
  return test.closedAt !== undefined && test.closedBy !== undefined;
}

/**
 * Takes no more answers, as of now, or as of the end of its time where that has passed: who says so, student or
 * schedule, makes no difference then. This comes before `finishTest` and apart from it, so that every answer is
 * either in what that reads or refused. A test that is closed stays as it is.
 *
 * @throws DomainError test_unknown
 */
export function closeTest(test: TestState | undefined, now: string, cause: Cause): ClosedTest {
  if (test === undefined) throw new DomainError('test_unknown', 'You have no such test.');
  if (isClosed(test)) return test;
  const inTime = now < test.closesAt;
  return {
    ...test,
    closedAt: inTime ? now : test.closesAt,
    closedBy: inTime ? 'student' : 'clock',
    ...nextStamp(test, now, cause),
  };
}
