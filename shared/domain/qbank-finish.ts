import { meetQuestion } from './qbank-met.ts';
import { recordAfter } from './qbank-record.ts';
import type {
  AnswerState,
  MetState,
  QbankRecordState,
  TestQuestion,
  TestResult,
  TestState,
} from './qbank-states.ts';
import type { ClosedTest } from './qbank-test.ts';
import type { QuestionId } from './ids.ts';
import { nextStamp, type Cause } from './stamp.ts';

/** The share of right answers in percent with two decimals, blanks being wrong; null where all is void. */
export function scoreOf(results: readonly TestResult[]): number | null {
  const counted = results.filter(({ voided }) => voided !== true);
  if (counted.length === 0) return null;
  return Math.round((10_000 * counted.filter(({ correct }) => correct).length) / counted.length) / 100;
}

/**
 * Draws the line under a test that is closed: completed with its score, or abandoned where nothing was answered, which
 * shows no key and counts nowhere. Undefined where that was done.
 *
 * @param given.answers all answers of the test, as they are since it was closed
 * @param given.mets what the student has met of its questions, those that there are
 * @param given.voided whether what is asked by a question of the test is void
 * @returns the rows to write, in one transaction: by MOST_QUESTIONS_OF_A_TEST, 82 at most
 */
export function finishTest(given: {
  readonly test: ClosedTest;
  readonly answers: readonly AnswerState[];
  readonly mets: readonly MetState[];
  readonly record: QbankRecordState | undefined;
  readonly voided: (question: TestQuestion) => boolean;
  readonly now: string;
  readonly cause: Cause;
}):
  | { readonly test: TestState; readonly mets: readonly MetState[]; readonly record?: QbankRecordState }
  | undefined {
  const { test, answers, record, voided, now, cause } = given;
  if (test.status === 'completed' || test.status === 'abandoned') return undefined;
  const byQuestion = new Map(answers.map((answer) => [answer.questionId, answer]));
  if (byQuestion.size === 0) {
    return { test: { ...test, status: 'abandoned', ...nextStamp(test, now, cause) }, mets: [] };
  }
  const metOf = new Map(given.mets.map((met) => [met.questionId, met]));
  const mets: MetState[] = [];
  const results = test.questions.map((question): TestResult => {
    const meeting = meetQuestion({
      test,
      question,
      met: metOf.get(question.questionId),
      shows: true,
      now,
      cause,
    });
    if (meeting.met !== undefined) mets.push(meeting.met);
    const answer = byQuestion.get(question.questionId);
    return {
      ...question,
      optionId: answer?.optionId ?? null,
      correct: answer?.correct ?? false,
      first: answer?.first ?? meeting.first,
      seconds: answer?.seconds ?? 0,
      ...(voided(question) ? { voided: true } : {}),
    };
  });
  const completed: TestState = {
    ...test,
    status: 'completed',
    completedAt: test.closedAt,
    results,
    score: scoreOf(results),
    ...nextStamp(test, now, cause),
  };
  return { test: completed, mets, record: recordAfter(record, undefined, completed, now, cause) };
}

/** Whether the result is of that version of a question. */
function isOf(result: TestResult, questionId: QuestionId, questionVersion: number): boolean {
  return result.questionId === questionId && result.questionVersion === questionVersion;
}

/**
 * Lets a version of a question count no more in a completed test, or count again: score and record follow. Undefined
 * where it is so already, or the test is not completed or does not have it.
 */
export function voidInTest(given: {
  readonly test: TestState;
  readonly record: QbankRecordState | undefined;
  readonly questionId: QuestionId;
  readonly questionVersion: number;
  readonly voided: boolean;
  readonly now: string;
  readonly cause: Cause;
}): { readonly test: TestState; readonly record: QbankRecordState } | undefined {
  const { test, record, questionId, questionVersion, voided, now, cause } = given;
  const wrong = (result: TestResult) =>
    isOf(result, questionId, questionVersion) && (result.voided === true) !== voided;
  if (test.results === undefined || !test.results.some(wrong)) return undefined;
  const results = test.results.map((result) => (wrong(result) ? withVoid(result, voided) : result));
  const next: TestState = { ...test, results, score: scoreOf(results), ...nextStamp(test, now, cause) };
  return { test: next, record: recordAfter(record, test, next, now, cause) };
}

/** The same for an answer, whatever the state of its test. */
export function voidAnswer(
  answer: AnswerState,
  voided: boolean,
  now: string,
  cause: Cause,
): AnswerState | undefined {
  if ((answer.voided === true) === voided) return undefined;
  return { ...withVoid(answer, voided), ...nextStamp(answer, now, cause) };
}

function withVoid<T extends { readonly voided?: true | undefined }>(of: T, voided: boolean) {
  const { voided: _before, ...rest } = of;
  return voided ? { ...rest, voided } : rest;
}
