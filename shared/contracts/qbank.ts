import * as z from 'zod';
import { DIFFICULTIES, QUESTIONS_FROM, TEST_MODES } from '../domain/qbank-states.ts';
import { MOST_QUESTIONS_OF_A_TEST } from '../domain/qbank-test.ts';
import {
  AnswerId,
  CourseId,
  OptionId,
  Percent,
  QuestionId,
  Score,
  statusField,
  TestId,
  Timestamp,
  TopicId,
  UserId,
} from './fields.ts';

/** Requests and replies of the question bank: first what students send and see, then the admins. */

const cursor = z.string().optional();
const Option = z.strictObject({ optionId: OptionId, text: z.string() });

/** What a student asks for in a test. */
export const TestDraft = z.strictObject({
  /** `tutor` shows the key after each answer, `timed` at the end, which comes by the server's clock at the latest. */
  mode: z.enum(TEST_MODES),
  /** None: every topic. */
  topics: z.array(TopicId).max(100).default([]),
  /** The test has fewer questions where there are not so many. */
  count: z.int().min(1).max(MOST_QUESTIONS_OF_A_TEST),
  /** Questions never met, met and never answered right, or any. */
  from: z.enum(QUESTIONS_FROM).default('all'),
});
export type TestDraft = z.infer<typeof TestDraft>;

/** A test as lists show it. */
export const TestView = z.strictObject({
  courseId: CourseId,
  testId: TestId,
  status: statusField('qbankTests'),
  mode: z.enum(TEST_MODES),
  topics: z.array(TopicId),
  from: z.enum(QUESTIONS_FROM),
  createdAt: Timestamp,
  startedAt: Timestamp.optional(),
  /** From then on no answer is taken; of a test that is not opened yet, when it lapses. */
  closesAt: Timestamp,
  closedAt: Timestamp.optional(),
  /** Who ended it: the student, or the clock. */
  closedBy: z.enum(['student', 'clock']).optional(),
  completedAt: Timestamp.optional(),
  /** Of a completed test; null where all its questions are void. */
  score: Score.nullable().optional(),
  version: z.int(),
});
export type TestView = z.infer<typeof TestView>;

/** What is right, once it may be seen. */
const Solution = z.strictObject({
  key: OptionId,
  explanation: z.string(),
  /** Whether the answer is right; null where nothing was answered. */
  correct: z.boolean().nullable(),
});

/** A test with its questions, which are shown from its opening on. */
export const TestPaper = TestView.extend({
  questionCount: z.int(),
  questions: z.array(
    z.strictObject({
      questionId: QuestionId,
      questionVersion: z.int(),
      topic: TopicId,
      stem: z.string(),
      options: z.array(Option),
      answer: z.strictObject({ optionId: OptionId, seconds: z.int(), version: z.int() }).nullable(),
      solution: Solution.nullable(),
      /** It counts in no score: it turned out to be wrong. */
      voided: z.boolean(),
    }),
  ),
});
export type TestPaper = z.infer<typeof TestPaper>;

export const AnswerDraft = z.strictObject({
  /** Chosen by the client for this choice: sent again it has no further effect, also after newer ones. */
  answerId: AnswerId,
  optionId: OptionId,
  /** Spent on the question so far. */
  seconds: z.number().min(0).max(86_400).default(0),
});
export type AnswerDraft = z.infer<typeof AnswerDraft>;

/** The answer in force. */
export const AnswerView = z.strictObject({
  courseId: CourseId,
  testId: TestId,
  questionId: QuestionId,
  answerId: AnswerId,
  optionId: OptionId,
  seconds: z.int(),
  changes: z.int(),
  solution: Solution.nullable(),
  version: z.int(),
});
export type AnswerView = z.infer<typeof AnswerView>;

/** The Q-bank page within View Student Progress. */
export const StudentQbank = z.strictObject({
  courseId: CourseId,
  /** Questions of the bank, and how many different ones were answered. */
  questions: z.int(),
  answered: z.int(),
  completedTests: z.int(),
  meanScore: z.number().nullable(),
  /** Whole percent of the first attempts in completed tests that were right; null before the first. */
  accuracy: Percent.nullable(),
  /** How many percent of the peers have a lower accuracy; null while they are too few. */
  percentile: z.number().nullable(),
  peers: z.int(),
  topics: z.array(
    z.strictObject({
      topic: z.string(),
      answered: z.int(),
      firstAnswers: z.int(),
      /** 0 to 1, of the first attempts in completed tests. */
      accuracy: z.number().nullable(),
    }),
  ),
  tests: z.array(TestView),
  cursor,
});
export type StudentQbank = z.infer<typeof StudentQbank>;

/** What a question asks. */
const content = {
  topic: TopicId,
  difficulty: z.enum(DIFFICULTIES).default('medium'),
  stem: z.string().trim().min(1).max(8000),
  options: z
    .array(z.strictObject({ optionId: OptionId, text: z.string().trim().min(1).max(2000) }))
    .min(2)
    .max(8),
  /** The right option. */
  key: OptionId,
  explanation: z.string().trim().max(8000).default(''),
};

/** Bytes of the largest question: a test of the most questions then still fits a reply of a function (6 MB). */
const LARGEST_QUESTION = 64_000;

function bytesOf(question: unknown): number {
  return new TextEncoder().encode(JSON.stringify(question)).length;
}

const tooLarge = {
  path: ['stem'],
  message: `makes the question, with its options and explanation, larger than ${LARGEST_QUESTION} bytes`,
};

const QuestionFields = z.strictObject({
  ...content,
  /** The question's version that this change was made on, 0 for a new one; refused when another change came first. */
  ifVersion: z.int().min(0).optional(),
});

export const QuestionDraft = QuestionFields.refine(
  (question) => bytesOf(question) <= LARGEST_QUESTION,
  tooLarge,
);
export type QuestionDraft = z.infer<typeof QuestionDraft>;

/** One question of an import. Each is checked on its own: one that is wrong is refused, and holds up no other. */
export const ImportedQuestion = QuestionFields.extend({ questionId: QuestionId }).refine(
  (question) => bytesOf(question) <= LARGEST_QUESTION,
  tooLarge,
);
export type ImportedQuestion = z.infer<typeof ImportedQuestion>;

export const QuestionImport = z.strictObject({ questions: z.array(z.unknown()).min(1).max(200) });
export type QuestionImport = z.infer<typeof QuestionImport>;

export const ImportReport = z.strictObject({
  created: z.int(),
  revised: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  /** In the order of the import. */
  questions: z.array(
    z.discriminatedUnion('outcome', [
      z.strictObject({
        outcome: z.enum(['created', 'revised', 'unchanged']),
        questionId: QuestionId,
        questionVersion: z.int(),
      }),
      z.strictObject({
        outcome: z.literal('refused'),
        /** Null where it has none that could be read. */
        questionId: z.string().nullable(),
        code: z.string(),
        message: z.string(),
        /** What is wrong, by the field of the request. */
        details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    ]),
  ),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** Why what was answered at a version of a question counts no more. */
export const Voiding = z.strictObject({ reason: z.string().trim().min(1).max(1000) });
export type Voiding = z.infer<typeof Voiding>;

/** A question as an admin sees it, key included. */
export const AdminQuestion = z.strictObject({
  courseId: CourseId,
  questionId: QuestionId,
  topic: TopicId,
  difficulty: z.enum(DIFFICULTIES),
  questionVersion: z.int(),
  stem: z.string(),
  options: z.array(Option),
  key: OptionId,
  explanation: z.string(),
  voids: z.array(
    z.strictObject({ questionVersion: z.int(), reason: z.string(), voidedBy: UserId, voidedAt: Timestamp }),
  ),
  version: z.int(),
  updatedAt: Timestamp,
});
export type AdminQuestion = z.infer<typeof AdminQuestion>;

/** Statistics of a version of a question: first attempts only, one a person; blanks apart. */
export const QuestionFigures = z.strictObject({
  people: z.int(),
  blanks: z.int(),
  /** Share of right answers, 0 to 1, with its standard error; null while there is none. */
  facility: z.number().nullable(),
  standardError: z.number().nullable(),
  meanSeconds: z.number().nullable(),
  /** People of completed tests with another first attempt, on whom the correlations rest. */
  pairs: z.int(),
  /** Item-rest discrimination, -100 to 100. */
  discrimination: z.number().nullable(),
  options: z.array(
    z.strictObject({
      optionId: OptionId,
      count: z.int(),
      share: z.number().nullable(),
      /** Correlation of choosing it with the rest score, -1 to 1. */
      pointBiserial: z.number().nullable(),
    }),
  ),
  /** What looks wrong: a distractor that those choose who do well elsewhere, or a key that they avoid. */
  flags: z.array(
    z.strictObject({
      kind: z.enum(['distractor_positive', 'key_negative']),
      optionId: OptionId,
      /** More than chance does among so few people. */
      beyondChance: z.boolean(),
    }),
  ),
});
export type QuestionFigures = z.infer<typeof QuestionFigures>;

/** A question with every version and its statistics, the newest first. */
export const AdminQuestionHistory = AdminQuestion.extend({
  versions: z.array(
    z.strictObject({
      questionVersion: z.int(),
      stem: z.string(),
      options: z.array(Option),
      key: OptionId,
      explanation: z.string(),
      since: Timestamp,
      voided: z.boolean(),
      figures: QuestionFigures,
    }),
  ),
});
export type AdminQuestionHistory = z.infer<typeof AdminQuestionHistory>;

export const QUESTION_ORDERS = [
  'flags',
  'facility',
  'discrimination',
  'people',
  'seconds',
  'question',
] as const;
/** What the question table can be sorted by. */
export type QuestionOrder = (typeof QUESTION_ORDERS)[number];

/** The question table within View Admin Analytics: each question as it stands, with the figures of that version. */
export const QuestionTable = z.strictObject({
  courseId: CourseId,
  /** Of the bank, or of the topic asked for. */
  total: z.int(),
  questions: z.array(
    z.strictObject({
      questionId: QuestionId,
      topic: TopicId,
      difficulty: z.enum(DIFFICULTIES),
      questionVersion: z.int(),
      /** The beginning of it. */
      stem: z.string(),
      key: OptionId,
      voided: z.boolean(),
      figures: QuestionFigures,
    }),
  ),
  cursor,
});
export type QuestionTable = z.infer<typeof QuestionTable>;
