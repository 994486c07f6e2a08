import type * as z from 'zod';
import type { TestView } from '../qbank.ts';
import type { studentQbankOperations } from '../qbank-operations.ts';
import type { Examples } from './example.ts';

const STARTED: z.input<typeof TestView> = {
  courseId: 'heart',
  testId: 'second',
  status: 'pending',
  mode: 'tutor',
  topics: ['conduction', 'vessels'],
  from: 'all',
  createdAt: '2026-11-23T02:13:26.089Z',
  closesAt: '2026-11-30T02:13:26.089Z',
  version: 1,
};

const OPENED: z.input<typeof TestView> = {
  courseId: 'heart',
  testId: 'second',
  status: 'in_progress',
  mode: 'tutor',
  topics: ['conduction', 'vessels'],
  from: 'all',
  createdAt: '2026-11-23T02:13:26.089Z',
  startedAt: '2026-11-23T02:13:26.320Z',
  closesAt: '2026-11-30T02:13:26.320Z',
  version: 2,
};

/** What a student does with the question bank. */
export const STUDENT_QBANK_EXAMPLES: Examples<typeof studentQbankOperations> = {
  'get-student-qbank': {
    story: 'Ben looks how his practice goes.',
    by: 'ben',
    params: { courseId: 'heart' },
    reply: {
      courseId: 'heart',
      questions: 3,
      answered: 3,
      completedTests: 1,
      meanScore: 33.33,
      accuracy: 33,
      percentile: null,
      peers: 1,
      topics: [
        { topic: 'conduction', answered: 2, firstAnswers: 2, accuracy: 0.5 },
        { topic: 'vessels', answered: 1, firstAnswers: 1, accuracy: 0 },
      ],
      tests: [
        {
          courseId: 'heart',
          testId: 'first',
          status: 'completed',
          mode: 'tutor',
          topics: [],
          from: 'all',
          createdAt: '2026-11-23T02:13:20.382Z',
          startedAt: '2026-11-23T02:13:20.460Z',
          closesAt: '2026-11-30T02:13:20.460Z',
          closedAt: '2026-11-23T02:13:20.611Z',
          closedBy: 'student',
          completedAt: '2026-11-23T02:13:20.611Z',
          score: 33.33,
          version: 4,
        },
      ],
    },
  },
  'start-test': {
    story: 'Ben makes a test of what the bank has on conduction and vessels.',
    by: 'ben',
    params: { courseId: 'heart', testId: 'second' },
    body: { mode: 'tutor', topics: ['conduction', 'vessels'], count: 10, from: 'all' },
    reply: STARTED,
  },
  'get-test': {
    story: 'Ben reads the questions.',
    by: 'ben',
    params: { courseId: 'heart', testId: 'second' },
    reply: {
      ...OPENED,
      questionCount: 3,
      questions: [
        {
          questionId: 'rhythm',
          questionVersion: 1,
          topic: 'conduction',
          stem: 'Where does the beat of a healthy heart begin?',
          options: [
            { optionId: 'sinoatrial-node', text: 'Sinoatrial node' },
            { optionId: 'atrioventricular-node', text: 'Atrioventricular node' },
            { optionId: 'bundle-of-his', text: 'Bundle of His' },
          ],
          answer: null,
          solution: null,
          voided: false,
        },
        {
          questionId: 'supply',
          questionVersion: 1,
          topic: 'vessels',
          stem: 'Which vessel supplies most of the left ventricle?',
          options: [
            { optionId: 'left-anterior-descending-artery', text: 'Left anterior descending artery' },
            { optionId: 'right-coronary-artery', text: 'Right coronary artery' },
            { optionId: 'pulmonary-artery', text: 'Pulmonary artery' },
          ],
          answer: null,
          solution: null,
          voided: false,
        },
        {
          questionId: 'delay',
          questionVersion: 1,
          topic: 'conduction',
          stem: 'Where is the beat held back before it reaches the ventricles?',
          options: [
            { optionId: 'atrioventricular-node', text: 'Atrioventricular node' },
            { optionId: 'sinoatrial-node', text: 'Sinoatrial node' },
          ],
          answer: null,
          solution: null,
          voided: false,
        },
      ],
    },
  },
  'open-test': {
    story: 'Ben opens the test.',
    by: 'ben',
    params: { courseId: 'heart', testId: 'second' },
    reply: OPENED,
  },
  'answer-question': {
    story: 'Ben answers the question on the rhythm, and is shown at once that he is right.',
    by: 'ben',
    params: { courseId: 'heart', testId: 'second', questionId: 'rhythm' },
    body: { answerId: 'rhythm-1', optionId: 'sinoatrial-node', seconds: 21 },
    reply: {
      courseId: 'heart',
      testId: 'second',
      questionId: 'rhythm',
      answerId: 'rhythm-1',
      optionId: 'sinoatrial-node',
      seconds: 0,
      changes: 0,
      solution: { key: 'sinoatrial-node', explanation: 'Sinoatrial node is right.', correct: true },
      version: 1,
    },
  },
  'submit-test': {
    story: 'Ben hands the test in.',
    by: 'ben',
    params: { courseId: 'heart', testId: 'second' },
    reply: {
      courseId: 'heart',
      testId: 'second',
      status: 'completed',
      mode: 'tutor',
      topics: ['conduction', 'vessels'],
      from: 'all',
      createdAt: '2026-11-23T02:13:26.089Z',
      startedAt: '2026-11-23T02:13:26.320Z',
      closesAt: '2026-11-30T02:13:26.320Z',
      closedAt: '2026-11-23T02:13:26.887Z',
      closedBy: 'student',
      completedAt: '2026-11-23T02:13:26.887Z',
      score: 33.33,
      version: 4,
    },
  },
};
