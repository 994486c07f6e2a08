import type { OptionId, QuestionId } from '../../shared/domain/ids.ts';
import { questionPart, versionPart } from '../../shared/domain/qbank-question.ts';
import { isClosed, type ClosedTest } from '../../shared/domain/qbank-test.ts';
import type {
  AnswerState,
  BankQuestionState,
  MetState,
  QbankRecordState,
  QuestionVersionState,
  TestQuestion,
  TestResult,
  TestState,
  TestWish,
} from '../../shared/domain/qbank-states.ts';
import { at, id, stamp, START } from './builders.ts';

export function bankQuestion(questionId: string, over: Partial<BankQuestionState> = {}): BankQuestionState {
  return {
    questionId: id(questionId),
    part: questionPart(id<QuestionId>(questionId)),
    courseId: id('c1'),
    topic: id('heart'),
    difficulty: 'medium',
    ordinal: 0,
    questionVersion: 1,
    optionIds: [id('a'), id('b'), id('c')],
    key: id('a'),
    voids: {},
    ...stamp,
    ...over,
  };
}

/** Options a, b and c; the key is a. */
export function questionVersion(
  questionId: string,
  over: Partial<QuestionVersionState> = {},
): QuestionVersionState {
  return {
    questionId: id(questionId),
    part: versionPart(id<QuestionId>(questionId), over.questionVersion ?? 1),
    courseId: id('c1'),
    questionVersion: 1,
    stem: `${questionId}?`,
    options: ['a', 'b', 'c'].map((optionId) => ({ optionId: id(optionId), text: optionId })),
    key: id('a'),
    explanation: 'Because.',
    ...stamp,
    ...over,
  };
}

export function wish(over: Partial<TestWish> = {}): TestWish {
  return { mode: 'timed', topics: [], count: 3, from: 'all', ...over };
}

export function testQuestion(
  questionId: string,
  ordinal = 0,
  over: Partial<TestQuestion> = {},
): TestQuestion {
  return { questionId: id(questionId), questionVersion: 1, ordinal, topic: id('heart'), ...over };
}

/** An open timed test of q0, q1 and q2, which closes 270 seconds after START. */
export function openedTest(over: Partial<TestState> = {}): TestState {
  return {
    userId: id('u1'),
    testId: id('t1'),
    courseId: id('c1'),
    status: 'in_progress',
    wish: wish(),
    questions: ['q0', 'q1', 'q2'].map((each, ordinal) => testQuestion(each, ordinal)),
    createdAt: START,
    startedAt: START,
    closesAt: at(270),
    ...stamp,
    ...over,
  };
}

/** The test, handed in. */
export function handedIn(over: Partial<TestState> = {}): ClosedTest {
  const test = openedTest({ closedAt: at(100), closedBy: 'student', version: 2, ...over });
  if (isClosed(test)) return test;
  throw new Error('not closed');
}

export function result(questionId: string, over: Partial<TestResult> = {}): TestResult {
  return {
    ...testQuestion(questionId),
    optionId: id<OptionId>('a'),
    correct: true,
    first: true,
    seconds: 10,
    ...over,
  };
}

export function completedTest(results: readonly TestResult[], over: Partial<TestState> = {}): TestState {
  const questions = results.map(({ questionId, questionVersion: version, ordinal, topic }) => ({
    questionId,
    questionVersion: version,
    ordinal,
    topic,
  }));
  return {
    ...handedIn(),
    status: 'completed',
    completedAt: at(100),
    questions,
    results,
    score: 100,
    ...over,
  };
}

export function answered(questionId: string, optionId = 'a', over: Partial<AnswerState> = {}): AnswerState {
  return {
    userId: id('u1'),
    testId: id('t1'),
    questionId: id(questionId),
    courseId: id('c1'),
    topic: id('heart'),
    questionVersion: 1,
    ordinal: 0,
    optionId: id(optionId),
    correct: optionId === 'a',
    first: true,
    answerIds: [id('a1')],
    answeredAt: START,
    seconds: 10,
    changes: 0,
    ...stamp,
    ...over,
  };
}

export function met(questionId: string, over: Partial<MetState> = {}): MetState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    questionId: id(questionId),
    versions: { 1: { firstIn: id('t1') } },
    ...stamp,
    ...over,
  };
}

export function record(over: Partial<QbankRecordState> = {}): QbankRecordState {
  return {
    userId: id('u1'),
    courseId: id('c1'),
    tests: 0,
    firstAnswers: 0,
    firstRight: 0,
    seen: '',
    solved: '',
    ...stamp,
    ...over,
  };
}
