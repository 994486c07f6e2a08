import type { ApiClient } from '../../shared/client/api.ts';
import type { AdminAnalytics } from '../../shared/contracts/views.ts';
import type { QuestionTable } from '../../shared/contracts/qbank.ts';
import type { School } from '../school.ts';
import { runInOrder } from './in-order.ts';
import type { PatternTable } from './patterns.ts';
import { adminOf, studentOf } from './people.ts';

/** What replayed answer patterns amount to, as the API tells it. */
export interface PatternFigures {
  /** With a completed test. */
  readonly people: number;
  /** Of the number right, with the standard deviation of a sample (n - 1). */
  readonly mean: number | null;
  readonly deviation: number | null;
  /** How many people have 0, 1, ... right. */
  readonly histogram: readonly number[];
  /** In the order of the table. */
  readonly questions: readonly {
    readonly n: number;
    readonly facility: number | null;
    /** Item-rest, -100 to 100. */
    readonly discrimination: number | null;
    /** The right one and the wrong one; each correlation is with the rest of the test, -1 to 1. */
    readonly options: readonly { readonly share: number | null; readonly pointBiserial: number | null }[];
  }[];
}

const RIGHT = 'right';
const WRONG = 'wrong';

/** Calls for each person, apart from one for each question: enroll, start, open, read, hand in. */
export const CALLS_BESIDE_ANSWERS = 5;

function questionIdsOf({ questions }: PatternTable): string[] {
  return Array.from({ length: questions }, (_, index) => `q${index + 1}`);
}

/** Puts the table's questions into the bank of an open course, which asks for all of them. */
async function publish(admin: ApiClient, patterns: PatternTable): Promise<void> {
  const params = { courseId: patterns.name };
  const practice = {
    kind: 'qbank',
    itemId: 'practice',
    title: 'Practice',
    questions: patterns.questions,
  } as const;
  await admin.call('put-course', {
    params,
    body: {
      title: `Answer patterns of ${patterns.name}`,
      summary: 'Replayed from a table of answer patterns',
      access: 'open',
      outline: { chapters: [{ chapterId: 'practice', title: 'Practice', items: [practice] }] },
    },
  });
  const questions = questionIdsOf(patterns).map((questionId) => ({
    questionId,
    topic: patterns.name,
    stem: `Question ${questionId} of ${patterns.name}`,
    options: [RIGHT, WRONG].map((optionId) => ({ optionId, text: `The ${optionId} answer` })),
    key: RIGHT,
  }));
  const { body } = await admin.call('import-questions', { params, body: { questions } });
  const refused = body.questions.find(({ outcome }) => outcome === 'refused');
  if (refused !== undefined) throw new Error(`The bank refused a question: ${JSON.stringify(refused)}`);
  await admin.call('set-course-status', { params, body: { status: 'published' } });
}

/** One person's test. Ids derive from the table, so a test that was handed in is not taken again. */
async function takeTest(student: ApiClient, courseId: string, answers: readonly boolean[]): Promise<void> {
  const params = { courseId, testId: 'patterns' };
  await student.call('enroll-directly', { params: { courseId } });
  const wish = { mode: 'timed', count: answers.length, from: 'all' } as const;
  const { body: started } = await student.call('start-test', { params, body: wish });
  if (started.status === 'completed') return;
  await student.call('open-test', { params });
  const { body: paper } = await student.call('get-test', { params });
  for (const { questionId } of paper.questions) {
    const right = answers[Number(questionId.slice(1)) - 1] === true;
    const answer = { answerId: 'only', optionId: right ? RIGHT : WRONG };
    await student.call('answer-question', { params: { ...params, questionId }, body: answer });
  }
  await student.call('submit-test', { params });
}

/** Sends a table of answer patterns through the API of a school: each person takes one test of all questions. */
export async function replayPatterns(
  school: School,
  patterns: PatternTable,
  options: { readonly atOnce: number; readonly onStep: () => void },
): Promise<void> {
  await publish(await adminOf(school), patterns);
  await runInOrder([...patterns.people.entries()], {
    atOnce: options.atOnce,
    keyOf: ([index]) => String(index),
    run: async ([index, answers]) => {
      const student = await studentOf(school, `${patterns.name}-person-${index + 1}`);
      await takeTest(student, patterns.name, answers);
      options.onStep();
    },
  });
  await school.quiet();
}

/** What the API of the school says of answer patterns that were replayed. */
export async function readPatternFigures(school: School, patterns: PatternTable): Promise<PatternFigures> {
  const admin = await adminOf(school);
  const courseId = patterns.name;
  const { body: analytics } = await admin.call('get-admin-analytics', { query: { courseId } });
  // No test has more questions than a page of them.
  const { body: table } = await admin.call('get-question-table', {
    params: { courseId },
    query: { limit: patterns.questions },
  });
  return figuresOf(patterns, analytics, table);
}

function figuresOf(
  patterns: PatternTable,
  { qbankScores }: AdminAnalytics,
  table: QuestionTable,
): PatternFigures {
  if (qbankScores === undefined) throw new Error('The analytics tell no scores of the course');
  const { questions } = patterns;
  const { tests, mean, deviation } = qbankScores;
  const ofPercent = (points: number | null) => (points === null ? null : (points * questions) / 100);
  return {
    people: tests,
    mean: ofPercent(mean),
    deviation: ofPercent(deviation),
    // A test has fewer than 100 questions: each number right has a whole percent of its own.
    histogram: Array.from(
      { length: questions + 1 },
      (_, right) => qbankScores.histogram[Math.floor((100 * right) / questions)] ?? 0,
    ),
    questions: questionIdsOf(patterns).map((questionId) => {
      const line = table.questions.find((each) => each.questionId === questionId);
      if (line === undefined) throw new Error(`The question table does not have ${questionId}`);
      const { people, facility, discrimination, options } = line.figures;
      return {
        n: people,
        facility,
        discrimination,
        options: options.map(({ share, pointBiserial }) => ({ share, pointBiserial })),
      };
    }),
  };
}
