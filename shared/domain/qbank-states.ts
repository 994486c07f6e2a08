import type { AnswerId, CourseId, OptionId, QuestionId, TestId, TopicId, UserId } from './ids.ts';
import type { Bitmap } from './qbank-bitmap.ts';
import type { Stamp } from './stamp.ts';
import type { QbankTestStatus } from './status.ts';

// Aliases for the reason that states.ts gives, and times as there.

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const;
export type Difficulty = (typeof DIFFICULTIES)[number];

export const TEST_MODES = ['tutor', 'timed'] as const;
/** Tutor shows the key after each answer; timed shows it at the end, which the clock brings at the latest. */
export type TestMode = (typeof TEST_MODES)[number];

export const QUESTIONS_FROM = ['unused', 'incorrect', 'all'] as const;
/** Which questions to choose from, by what the student has met before. */
export type QuestionsFrom = (typeof QUESTIONS_FROM)[number];

export type QuestionContent = {
  readonly stem: string;
  readonly options: readonly { readonly optionId: OptionId; readonly text: string }[];
  /** The right option. */
  readonly key: OptionId;
  readonly explanation: string;
};

/** A course's bank: how many questions it has, which is the ordinal of the next one. */
export type BankState = Stamp & {
  readonly courseId: CourseId;
  readonly part: string;
  readonly questions: number;
};

/** Why what was answered at a version of a question counts no more. */
export type Voiding = { readonly reason: string; readonly voidedBy: UserId; readonly voidedAt: string };

/** A question as it stands; `voids` by question version. Ids are unique in a course. */
export type BankQuestionState = Stamp & {
  readonly courseId: CourseId;
  readonly part: string;
  readonly questionId: QuestionId;
  readonly topic: TopicId;
  readonly difficulty: Difficulty;
  /** Its place in bitmaps: from 0, given once, never to another question of the bank. */
  readonly ordinal: number;
  readonly questionVersion: number;
  /** The ids of its options in their order, and the right one: what a table of statistics needs of its newest version. */
  readonly optionIds: readonly OptionId[];
  readonly key: OptionId;
  readonly voids: Readonly<Record<string, Voiding>>;
};

/** What a question asked as its version `questionVersion`; never changed. */
export type QuestionVersionState = Stamp &
  QuestionContent & {
    readonly courseId: CourseId;
    readonly part: string;
    readonly questionId: QuestionId;
    readonly questionVersion: number;
  };

/** A question of a test as it was when the test was made: later revisions do not reach it. */
export type TestQuestion = {
  readonly questionId: QuestionId;
  readonly questionVersion: number;
  readonly ordinal: number;
  readonly topic: TopicId;
};

/** What a student asks for; no topic at all means every topic. */
export type TestWish = {
  readonly mode: TestMode;
  readonly topics: readonly TopicId[];
  readonly count: number;
  readonly from: QuestionsFrom;
};

/** What became of a question of a completed test. */
export type TestResult = TestQuestion & {
  /** Null where it was left blank. */
  readonly optionId: OptionId | null;
  readonly correct: boolean;
  /** Whether this test was the first in which the student met this version. */
  readonly first: boolean;
  readonly seconds: number;
  readonly voided?: true | undefined;
};

/** A test without its questions: its row, to which every answer is held. */
export type TestHead = Omit<TestState, 'questions'>;

export type TestState = Stamp & {
  readonly userId: UserId;
  /** Chosen by the client, unique for the student in the course. */
  readonly testId: TestId;
  readonly courseId: CourseId;
  readonly status: QbankTestStatus;
  readonly wish: TestWish;
  readonly questions: readonly TestQuestion[];
  readonly createdAt: string;
  readonly startedAt?: string | undefined;
  /** From then on no answer is taken. */
  readonly closesAt: string;
  /** No answer is taken any more, and what was answered is final; set before the status that follows from it. */
  readonly closedAt?: string | undefined;
  readonly closedBy?: 'student' | 'clock' | undefined;
  readonly completedAt?: string | undefined;
  /** In the order of the questions; of a completed test only, like the score. */
  readonly results?: readonly TestResult[] | undefined;
  /** 0 to 100 with two decimals; null where every question is voided. */
  readonly score?: number | null | undefined;
};

/** A student's answer to a question of a test, as last changed. */
export type AnswerState = Stamp & {
  readonly userId: UserId;
  readonly testId: TestId;
  readonly questionId: QuestionId;
  readonly courseId: CourseId;
  readonly topic: TopicId;
  readonly questionVersion: number;
  readonly ordinal: number;
  readonly optionId: OptionId;
  readonly correct: boolean;
  /** Whether this test was the first in which the student met this version. */
  readonly first: boolean;
  /** Every id under which an answer came, the one in force last: what is sent again is known by it. */
  readonly answerIds: readonly AnswerId[];
  readonly answeredAt: string;
  /** Whole seconds spent on the question. */
  readonly seconds: number;
  /** How often another option was chosen. */
  readonly changes: number;
  readonly voided?: true | undefined;
};

/** That a student has met a question: by question version, the test that came first. */
export type MetState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly questionId: QuestionId;
  readonly versions: Readonly<Record<string, Meeting>>;
};
/** `shown`: another test has shown the key, so that the answer in the first one can be changed no more. */
export type Meeting = { readonly firstIn: TestId; readonly shown?: true | undefined };

/** What a student's completed tests in a course amount to. */
export type QbankRecordState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly tests: number;
  /** First attempts, and those of them that were right; voided questions left out. */
  readonly firstAnswers: number;
  readonly firstRight: number;
  /** The questions that were part of a completed test, and those that were ever answered right in one. */
  readonly seen: Bitmap;
  readonly solved: Bitmap;
};
