import { type CourseId, isId, type QuestionId, type TestId, type TopicId, type UserId } from './ids.ts';
import { choiceOf, optionAt } from './legacy-course.ts';
import {
  firstStamp,
  isLegacy,
  keptOf,
  type LegacyRow,
  listAt,
  type Migrating,
  numberAt,
  oldest,
  partsOf,
  textAt,
  timeAt,
  type Unreadable,
} from './legacy-row.ts';
import { finishTest } from './qbank-finish.ts';
import { meetQuestion } from './qbank-met.ts';
import { isVoided, OF_QUESTIONS, putQuestion, type QuestionDecision } from './qbank-question.ts';
import {
  type AnswerState,
  type BankQuestionState,
  type BankState,
  DIFFICULTIES,
  type MetState,
  type QbankRecordState,
  type TestQuestion,
  type TestState,
} from './qbank-states.ts';
import { DAYS_OF_A_TEST } from './qbank-test.ts';
import type { Stamp } from './stamp.ts';
import { statusOf } from './status.ts';

/**
 * The question bank of the old school.
 *
 * | table | then | now |
 * | --- | --- | --- |
 * | `qbankQuestions` | `question`, `options` as texts, `correctAnswer` counted from 0, `category`, `difficulty` | a question, its first version, and its place in the bank |
 * | `qbankTests` | `questionIds`, `mode`, `score`, `completedAt` | the test, its paper, its results, and the learner's record |
 * | `qbankQuestionAttempts` | `selectedAnswer` counted from 0, `isCorrect`, `timeSpent` in seconds, `attemptedAt` | the answer, and that the learner has met the question |
 *
 * Nobody had noted which attempt was the first, which all statistics are made of: it is the one in the test that came
 * first. Tests have therefore to be migrated in the order of `startOf`.
 */

/** The version of a question that everything was asked at before there were versions. */
const FIRST_VERSION = 1;

/** A question of a course's bank. `given.bank`: as it is now. @throws DomainError question_invalid, bank_full */
export function migrateQuestion(
  row: LegacyRow,
  given: Migrating & { readonly bank: BankState | undefined },
): (QuestionDecision & { readonly question: BankQuestionState }) | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const { courseId, part } = row;
  const questionId = typeof part === 'string' ? part.slice(OF_QUESTIONS.length) : '';
  if (typeof courseId !== 'string' || !isId<CourseId>(courseId)) return { unreadable: ['courseId'] };
  if (!isId<QuestionId>(questionId)) return { unreadable: ['part'] };
  const choice = choiceOf(row);
  if (choice === undefined) return { unreadable: ['options'] };
  const stem = textAt(row, 'question');
  if (stem === undefined) return { unreadable: ['question'] };
  const category = textAt(row, 'category') ?? 'general';
  const topic = category
    .trim()
    .replace(/[^A-Za-z0-9._:-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  if (!isId<TopicId>(topic)) return { unreadable: ['category'] };
  const difficulty = textAt(row, 'difficulty')?.toLowerCase();
  const { cause } = given;
  const decided = putQuestion({
    questionId,
    courseId,
    bank: given.bank,
    question: undefined,
    version: undefined,
    change: {
      stem,
      ...choice,
      explanation: textAt(row, 'explanation') ?? '',
      topic,
      difficulty: DIFFICULTIES.find((each) => each === difficulty) ?? 'medium',
    },
    now: given.now,
    cause: { ...cause, causedAt: timeAt(row, 'createdAt') ?? cause.causedAt },
  });
  if (decided.question === undefined) return { unreadable: ['part'] };
  const kept = keptOf(row, 'question', 'options', 'correctAnswer', 'explanation', 'difficulty');
  return { ...decided, question: { ...kept, ...decided.question } };
}

/** When a test of the old school began, by which they are ordered; of one moment by their ids. */
export function startOf(row: LegacyRow): string {
  return `${oldest([timeAt(row, 'createdAt'), timeAt(row, 'startedAt'), timeAt(row, 'completedAt')]) ?? ''}#${String(row.test)}`;
}

export interface TestKey {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly testId: TestId;
}

/** Whose test a row is, by its key. */
export function testKeyOf({ userId, test }: LegacyRow): TestKey | undefined {
  const [courseId, testId] = partsOf(test, 2) ?? [];
  if (typeof userId !== 'string' || courseId === undefined || testId === undefined) return undefined;
  if (!isId<UserId>(userId) || !isId<CourseId>(courseId) || !isId<TestId>(testId)) return undefined;
  return { userId, courseId, testId };
}

/** The questions of a test, or which of them the bank does not have. */
function questionsOf(
  row: LegacyRow,
  bank: ReadonlyMap<string, BankQuestionState>,
): readonly TestQuestion[] | Unreadable {
  const ids = listAt(row, 'questionIds');
  if (ids === undefined || ids.length === 0) return { unreadable: ['questionIds'] };
  const questions = ids.flatMap((id) => {
    const known = typeof id === 'string' ? bank.get(id) : undefined;
    return known === undefined ? [] : [asked(known)];
  });
  return questions.length === ids.length ? questions : { unreadable: ['questionIds'] };
}

function asked({ questionId, ordinal, topic }: BankQuestionState): TestQuestion {
  return { questionId, questionVersion: FIRST_VERSION, ordinal, topic };
}

/** What was answered in a test, in the order it was: each with what the learner has met by it. */
export type MigratedAnswer = { readonly answer: AnswerState; readonly met?: MetState };

/** One answer of a test. `given.met`: what the learner has met of its question by now. */
export function migrateAnswer(
  row: LegacyRow,
  given: Migrating & {
    readonly key: TestKey;
    readonly question: BankQuestionState | undefined;
    readonly met: MetState | undefined;
  },
): MigratedAnswer | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const { question, key, met } = given;
  if (question === undefined) return { unreadable: ['questionId'] };
  const optionId = optionAt(numberAt(row, 'selectedAnswer') ?? -1);
  if (optionId === undefined) return { unreadable: ['selectedAnswer'] };
  const answeredAt = timeAt(row, 'attemptedAt', 'createdAt') ?? given.now;
  const stamp = firstStamp(answeredAt, given);
  const test = asked(question);
  const meeting = meetQuestion({
    test: key,
    question: test,
    met,
    shows: false,
    now: given.now,
    cause: stamp,
  });
  const answer: AnswerState = {
    ...key,
    ...test,
    optionId,
    // What the learner was told, whatever has become of the question since.
    correct: typeof row.isCorrect === 'boolean' ? row.isCorrect : optionId === question.key,
    first: meeting.first,
    answerIds: [],
    answeredAt,
    seconds: Math.max(0, Math.round(numberAt(row, 'timeSpent') ?? 0)),
    changes: 0,
    ...(isVoided(question, FIRST_VERSION) ? { voided: true } : {}),
    ...stamp,
  };
  const kept = keptOf(row, 'selectedAnswer', 'isCorrect', 'timeSpent', 'attemptedAt');
  return { answer: { ...kept, ...answer }, ...(meeting.met !== undefined && { met: meeting.met }) };
}

export type MigratedTest = {
  readonly test: TestState;
  /** What its end adds to what the learner has met. */
  readonly mets: readonly MetState[];
  readonly record?: QbankRecordState;
};

/**
 * A test, once its answers are migrated: a completed one gets its results, its score by them, and its place in the
 * learner's record; the old score is kept beside it. One that was never completed lapses by the clock, as any does.
 */
export function migrateTest(
  row: LegacyRow,
  given: Migrating & {
    readonly bank: ReadonlyMap<string, BankQuestionState>;
    /** All answers of the test. */
    readonly answers: readonly AnswerState[];
    readonly mets: readonly MetState[];
    readonly record: QbankRecordState | undefined;
  },
): MigratedTest | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const { answers, mets, record, bank, now } = given;
  const key = testKeyOf(row);
  if (key === undefined) return { unreadable: ['test'] };
  const status = typeof row.status === 'string' ? statusOf('qbankTests', row.status) : undefined;
  if (status === undefined) return { unreadable: ['status'] };
  const questions = questionsOf(row, bank);
  if ('unreadable' in questions) return questions;
  const known = oldest([timeAt(row, 'createdAt'), timeAt(row, 'startedAt'), timeAt(row, 'completedAt')]);
  const createdAt = known ?? now;
  const startedAt = timeAt(row, 'startedAt') ?? (status === 'pending' ? undefined : createdAt);
  const completedAt = timeAt(row, 'completedAt') ?? createdAt;
  const stamp: Stamp = firstStamp(status === 'completed' ? completedAt : createdAt, given);
  const oldScore = numberAt(row, 'score');
  const placed = ['questionIds', 'mode', 'score', 'startedAt', 'completedAt'];
  const standing: TestState = {
    ...keptOf(row, ...placed),
    ...(oldScore === undefined ? {} : { oldScore }),
    ...key,
    status,
    wish: {
      mode: row.mode === 'timed' ? 'timed' : 'tutor',
      topics: [],
      count: questions.length,
      from: 'all',
    },
    questions,
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    closesAt: new Date(Date.parse(createdAt) + DAYS_OF_A_TEST * 86_400_000).toISOString(),
    ...stamp,
  };
  if (status !== 'completed') return { test: standing, mets: [] };
  if (answers.length === 0) return { unreadable: ['score'] };
  const finished = finishTest({
    // One version before the first, as it is finished now.
    test: { ...standing, status: 'in_progress', closedAt: completedAt, closedBy: 'student', version: 0 },
    answers,
    mets,
    record,
    voided: ({ questionId }) => {
      const question = bank.get(questionId);
      return question !== undefined && isVoided(question, FIRST_VERSION);
    },
    now,
    cause: stamp,
  });
  return finished ?? { unreadable: ['status'] };
}
