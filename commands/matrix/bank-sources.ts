import type { Totals } from '../../shared/contracts/views.ts';
import * as act from './actions.ts';
import type { Lab, Learner } from './lab.ts';
import type { Source, Target } from './prove-row.ts';
import * as at from './targets.ts';

/** Section 6, and the row of section 2 that is about the question bank. */

// The item asks for four questions.
const ONE_QUESTION = 25;
const A_TEST = 3 * ONE_QUESTION;

/** Of the bank's four questions. */
const LAST = 'q3';
const WHOLE_TEST = ['q1', 'q2', LAST];

async function answers(option: 'right' | 'wrong', learner: Learner, questionIds = WHOLE_TEST): Promise<void> {
  for (const questionId of questionIds) await act.answerQuestion(questionId, option, learner);
}

/** A source whose learner has a test open, and maybe did something in it. */
function source(
  targets: Readonly<Record<string, Target>>,
  does: (learner: Learner) => Promise<void>,
  before: (learner: Learner) => Promise<void> = async () => undefined,
): Source {
  return {
    given: async (lab: Lab) => {
      const learner = await act.practising(lab);
      await act.startTest(learner);
      await before(learner);
      // Its own consequences must not be taken for those of what comes next.
      await lab.quiet();
      return learner;
    },
    does,
    targets,
  };
}

type Row = Readonly<Record<string, unknown>>;

const attempts = (shows: (row: Row | undefined) => boolean): Target => ({
  shows: async ({ userId, courseId }, lab) =>
    shows(
      await lab.row('qbankQuestionAttempts', {
        userId,
        attempt: `${courseId}#${act.TEST_ID}#${LAST}`,
      }),
    ),
});
const statistics = (shows: (row: Row | undefined) => boolean): Target => ({
  shows: async ({ courseId }, lab) =>
    shows(
      await lab.row('qbankQuestionStatistics', {
        scope: `bank#${courseId}`,
        part: `question#${LAST}#000001#0`,
      }),
    ),
});
const overall = (percent: number) =>
  at.studentProgress(['studentProgress'], (course) => course?.totalProgress === percent);
/** The totals, and how many people the question table shows. */
const analytics = (people: number, shows: (qbank: Totals['qbank']) => boolean): Target => {
  const totals = at.adminAnalytics(({ qbank }) => shows(qbank));
  return {
    told: { topic: 'admins', view: 'AdminAnalytics', by: ['analytics', 'qbankQuestionStatistics'] },
    shows: async (learner, lab) =>
      (await totals.shows(learner, lab)) && (await at.peopleInQuestionTable(LAST, learner, lab)) === people,
  };
};

const handsIn = async (learner: Learner) => {
  await answers('right', learner, [LAST]);
  await act.submitTest(learner);
};

export const bankSources: Record<string, Source> = {
  'Question Attempt': source(
    {
      qbankQuestionAttempts: attempts((row) => row?.optionId === 'right'),
      qbankQuestionStatistics: statistics((row) => row?.answers === 1),
      'Overall Progress': overall(ONE_QUESTION),
      'Admin Analytics': analytics(1, (qbank) => qbank.answers === 1),
    },
    (learner) => answers('right', learner, [LAST]),
  ),
  'Test Completion': source(
    {
      qbankQuestionAttempts: attempts((row) => row?.optionId === 'right'),
      qbankQuestionStatistics: statistics((row) => row?.pairs === 1),
      'Overall Progress': overall(A_TEST),
      'Admin Analytics': analytics(1, (qbank) => qbank.tests === 1),
    },
    handsIn,
    (learner) => answers('right', learner, ['q1', 'q2']),
  ),
  'Test Score': source(
    {
      qbankQuestionAttempts: attempts((row) => row?.correct === true),
      qbankQuestionStatistics: statistics((row) => row?.correct === 1 && row['pairs.x'] === 1),
      'Overall Progress': overall(A_TEST),
      'Admin Analytics': analytics(1, (qbank) => qbank.meanScore === 100),
    },
    async (learner) => {
      await answers('right', learner, ['q1', 'q2']);
      await handsIn(learner);
    },
    (learner) => answers('wrong', learner, ['q1', 'q2']),
  ),
};

export const bankProgress: Record<string, Source> = {
  'Q-Bank Test': source(
    {
      'studentProgress.totalProgress': at.progressRow((row) => row?.totalProgress === A_TEST),
      'enrollments.progress': at.enrollmentRow((row) => row?.progress === A_TEST),
      'Student Dashboard': at.studentDashboard(
        ['studentProgress'],
        ({ enrollment }) => enrollment?.progress === A_TEST,
      ),
      'Student Progress Page': overall(A_TEST),
      'Admin Analytics': at.adminAnalytics(({ meanProgress }) => meanProgress === A_TEST),
    },
    async (learner) => {
      await answers('right', learner);
      await act.submitTest(learner);
    },
  ),
};
