import type * as z from 'zod';
import type { AccessRequestView } from '../access-requests.ts';
import type { EnrollmentView } from '../views.ts';
import type { adminOperations } from '../admin-operations.ts';
import type { Examples } from './example.ts';

const BEN_ON_THE_HEART: z.input<typeof EnrollmentView> = {
  courseId: 'heart',
  title: 'Anatomy of the heart',
  status: 'completed',
  source: 'direct',
  progress: 100,
  enrolledAt: '2026-11-23T02:13:18.857Z',
  completedAt: '2026-11-23T02:13:22.973Z',
  version: 6,
};

const WAITING: z.input<typeof AccessRequestView> = {
  courseId: 'ethics',
  title: 'Ethics at the bedside',
  status: 'pending',
  message: 'I start on the ward in January.',
  requestedAt: '2026-11-23T02:13:30.663Z',
  version: 1795400010663,
};

/** How many tests have 0, 1, ... 100 percent. */
const SCORES = Array.from({ length: 101 }, (_, percent) => (percent === 33 ? 2 : percent === 100 ? 1 : 0));

/** What an admin sees. */
export const ADMIN_VIEW_EXAMPLES: Pick<
  Examples<typeof adminOperations>,
  'get-admin-dashboard' | 'get-admin-analytics' | 'get-admin-students' | 'get-admin-requests'
> = {
  'get-admin-dashboard': {
    story: 'The admin looks at the school.',
    by: 'admin',
    query: { limit: 2 },
    reply: {
      totals: {
        enrollments: 7,
        byStatus: { active: 4, completed: 2, cancelled: 1 },
        bySource: { direct: 3, admin: 2, request: 1, payment: 1 },
        learners: 3,
        completions: 2,
        meanProgress: 41.666666666666664,
        progressDistribution: [3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2],
        quizzes: {
          attempts: 3,
          scored: 3,
          passes: 3,
          meanScore: 76,
          scoreDeviation: 20.46134567096374,
          learnersWithAttempt: 3,
        },
        chaptersCompleted: 3,
        watchMinutes: 0,
        pendingRequests: 0,
        qbank: { answers: 7, correct: 5, tests: 3, meanScore: 55.553333333333335 },
        payments: { completed: 1, refunded: 0, revenue: { EUR: 4900 } },
      },
      courses: [
        {
          courseId: 'ecg',
          title: 'Reading an ECG',
          status: 'published',
          access: 'open',
          learners: 0,
          completions: 0,
          meanProgress: null,
          pendingRequests: 0,
        },
        {
          courseId: 'ethics',
          title: 'Ethics at the bedside',
          status: 'published',
          access: 'request',
          learners: 1,
          completions: 0,
          meanProgress: 0,
          pendingRequests: 0,
        },
      ],
      cursor: 'eyJzdGF0dXMiOiJwdWJsaXNoZWQiLCJjb3Vyc2VJZCI6ImV0aGljcyJ9',
    },
  },
  'get-admin-analytics': {
    story: 'The admin looks at the course on the heart, with three days of November.',
    by: 'admin',
    query: { courseId: 'heart', from: '2026-11-20', to: '2026-11-22' },
    reply: {
      scope: { of: 'course', courseId: 'heart' },
      totals: {
        enrollments: 3,
        byStatus: { active: 0, completed: 2, cancelled: 1 },
        bySource: { direct: 3, admin: 0, request: 0, payment: 0 },
        learners: 2,
        completions: 2,
        meanProgress: 100,
        progressDistribution: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        quizzes: {
          attempts: 2,
          scored: 2,
          passes: 2,
          meanScore: 75,
          scoreDeviation: 25,
          learnersWithAttempt: 2,
        },
        chaptersCompleted: 3,
        watchMinutes: 0,
        pendingRequests: 0,
        qbank: { answers: 7, correct: 5, tests: 3, meanScore: 55.553333333333335 },
        payments: { completed: 0, refunded: 0, revenue: {} },
      },
      activeLearners: [
        { day: '2026-11-20', learners: 0 },
        { day: '2026-11-21', learners: 0 },
        { day: '2026-11-22', learners: 0 },
      ],
      quizzes: [
        { quizId: 'valves-quiz', attempts: 2, scored: 2, passes: 2, meanScore: 75, scoreDeviation: 25 },
      ],
      qbankScores: { tests: 3, mean: 55.553333333333335, deviation: 38.49194244687235, histogram: SCORES },
    },
  },
  'get-admin-students': {
    story: 'The admin looks who is in the course on the heart.',
    by: 'admin',
    query: { courseId: 'heart', limit: 2 },
    reply: {
      students: [
        {
          userId: 'ada',
          name: 'Ada Okafor',
          email: 'ada@school.example',
          joinedAt: '2026-11-23T02:13:18.564Z',
          enrollments: [
            {
              courseId: 'heart',
              title: 'Anatomy of the heart',
              status: 'completed',
              source: 'direct',
              progress: 100,
              enrolledAt: '2026-11-23T02:13:18.746Z',
              completedAt: '2026-11-23T02:13:19.364Z',
              version: 4,
            },
          ],
        },
        {
          userId: 'ben',
          name: 'Benjamin Lindqvist',
          email: 'ben@school.example',
          joinedAt: '2026-11-23T02:13:18.580Z',
          enrollments: [BEN_ON_THE_HEART],
        },
      ],
      cursor: 'eyJsaXN0IjoiY291cnNlIiwiYWZ0ZXIiOnsidXNlcklkIjoiYmVuIiwiY291cnNlSWQiOiJoZWFydCJ9fQ',
    },
  },
  'get-admin-requests': {
    story: 'The admin looks who waits.',
    by: 'admin',
    reply: {
      requests: [
        {
          courseId: 'ethics',
          title: 'Ethics at the bedside',
          status: 'pending',
          message: 'I work on a ward and would like to join.',
          requestedAt: '2026-11-23T02:13:20.813Z',
          version: 1795400000813,
          userId: 'cleo',
          name: 'Cleo Marchetti',
        },
        { ...WAITING, userId: 'ben', name: 'Benjamin Lindqvist' },
      ],
    },
  },
};
