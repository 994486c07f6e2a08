import { ownEntry } from './equal.ts';
import { DomainError } from './errors.ts';
import type { AnswerId, OptionId, QuestionId } from './ids.ts';
import type { AnswerState, MetState, QuestionVersionState, TestQuestion, TestState } from './qbank-states.ts';
import { meetQuestion } from './qbank-met.ts';
import { isOver, openTest, testClosed } from './qbank-test.ts';
import { nextStamp, type Cause, type Stamp } from './stamp.ts';

/** Who is longer at one question is not thinking about it. */
export const MOST_SECONDS = 900;

/** How often an answer can be sent anew; its row remembers the ids of all. */
export const MOST_ANSWERS = 50;

export interface AnswerCommand {
  readonly questionId: QuestionId;
  readonly optionId: OptionId;
  /** Chosen by the client for this choice; sending the choice again says the same id. */
  readonly answerId: AnswerId;
  /** Spent on the question so far, as the client counts them. */
  readonly seconds: number;
}

export interface AnswerDecision {
  /** The answer in force, whether this command gave it or not. */
  readonly standing: AnswerState;
  /** The rows to write, in one transaction that also holds `test` and `met` to what was read; absent ones stay. */
  readonly answer?: AnswerState;
  readonly met?: MetState;
  readonly test?: TestState;
}

/** The question in the test; throws DomainError question_not_in_test. */
function questionOf(test: TestState, questionId: QuestionId): TestQuestion {
  const question = test.questions.find((each) => each.questionId === questionId);
  if (question === undefined) {
    throw new DomainError('question_not_in_test', 'The test does not have this question.', { questionId });
  }
  return question;
}

/**
 * Answers a question of a test, or answers it differently: until it is closed, what comes last is in force, from
 * whichever device. What was taken before and comes again changes nothing, be it after newer answers or after the
 * end. The first answer opens the test.
 *
 * @param given.version what the question asks at the test's version
 * @param given.voided whether that version is void
 * @param given.answer the answer in force, and `met` what the student has met of the question
 * @throws DomainError test_unknown, question_not_in_test, answer_conflict where the answer in force came under this id
 *   with another option, test_closed, question_unknown, option_unknown, answer_revealed where the key was shown and
 *   the answer is final with it, answers_exhausted
 */
export function answerQuestion(given: {
  readonly test: TestState | undefined;
  readonly version: QuestionVersionState | undefined;
  readonly voided: boolean;
  readonly answer: AnswerState | undefined;
  readonly met: MetState | undefined;
  readonly command: AnswerCommand;
  readonly now: string;
  readonly cause: Cause;
}): AnswerDecision {
  const { test, version, answer, met, command, now, cause } = given;
  if (test === undefined) throw new DomainError('test_unknown', 'You have no such test.');
  const question = questionOf(test, command.questionId);
  if (answer !== undefined && cameBefore(answer, command)) return { standing: answer };
  if (isOver(test, now)) throw testClosed(test);
  if (version === undefined) {
    throw new DomainError('question_unknown', 'There is no such version of a question.', {
      questionId: question.questionId,
    });
  }
  if (!version.options.some(({ optionId }) => optionId === command.optionId)) {
    throw new DomainError('option_unknown', 'The question has no such option.', { field: 'optionId' });
  }
  if (answer !== undefined) {
    if (isFinal(test, answer, met)) {
      if (answer.optionId === command.optionId) return { standing: answer };
      throw new DomainError('answer_revealed', 'The key was shown: the answer cannot be changed.', {
        optionId: answer.optionId,
      });
    }
    if (answer.answerIds.length >= MOST_ANSWERS) {
      throw new DomainError('answers_exhausted', 'The answer was changed too often.', { most: MOST_ANSWERS });
    }
  }
  const opened = openTest(test, now, cause);
  const open = opened ?? test;
  const meeting =
    answer === undefined
      ? meetQuestion({ test, question, met, shows: test.wish.mode === 'tutor', now, cause })
      : undefined;
  const { voided: _void, ...before } = answer ?? firstAnswer(test, question, meeting?.first ?? false);
  const next: AnswerState = {
    ...before,
    optionId: command.optionId,
    correct: command.optionId === version.key,
    answerIds: [...(answer?.answerIds ?? []), command.answerId],
    answeredAt: now,
    seconds: secondsSpent(command.seconds, answer, open, now),
    changes: (answer?.changes ?? 0) + (answer === undefined || answer.optionId === command.optionId ? 0 : 1),
    ...(given.voided ? { voided: true } : {}),
    ...nextStamp(answer, now, cause),
  };
  return {
    standing: next,
    answer: next,
    ...(meeting?.met === undefined ? {} : { met: meeting.met }),
    ...(opened === undefined ? {} : { test: opened }),
  };
}

type Chosen = 'optionId' | 'correct' | 'answerIds' | 'answeredAt' | 'seconds' | 'changes';

function firstAnswer(
  { userId, testId, courseId }: TestState,
  { questionId, questionVersion, ordinal, topic }: TestQuestion,
  first: boolean,
): Omit<AnswerState, Chosen | keyof Stamp> {
  return { userId, testId, questionId, courseId, topic, questionVersion, ordinal, first };
}

/** Whether this very answer was taken already; throws where its id stands for another one. */
function cameBefore(answer: AnswerState, { answerId, optionId }: AnswerCommand): boolean {
  if (answer.answerIds.at(-1) === answerId && answer.optionId !== optionId) {
    throw new DomainError('answer_conflict', 'Another answer came under this id.', { answerId });
  }
  return answer.answerIds.includes(answerId);
}

function isFinal(test: TestState, answer: AnswerState, met: MetState | undefined): boolean {
  if (test.wish.mode === 'tutor') return true;
  return met !== undefined && ownEntry(met.versions, String(answer.questionVersion))?.shown === true;
}

/** No more than has passed since the test was opened; of two devices, what the slower one counted. */
function secondsSpent(
  claimed: number,
  answer: AnswerState | undefined,
  test: TestState,
  now: string,
): number {
  const passed = Math.floor((Date.parse(now) - Date.parse(test.startedAt ?? now)) / 1000);
  const spent = Math.max(0, Math.min(Math.floor(claimed), passed, MOST_SECONDS));
  return Math.max(answer?.seconds ?? 0, spent);
}
