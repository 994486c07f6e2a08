import type * as z from 'zod';
import type { CertificateView } from '../certificates.ts';
import type { EnrollmentView } from '../views.ts';
import type { studentOperations } from '../student-operations.ts';
import type { Examples } from './example.ts';

const ENROLLED: z.input<typeof EnrollmentView> = {
  courseId: 'heart',
  title: 'Anatomy of the heart',
  status: 'active',
  source: 'direct',
  progress: 6,
  enrolledAt: '2026-11-23T02:13:18.857Z',
  version: 2,
};

const COMPLETED: z.input<typeof EnrollmentView> = {
  courseId: 'heart',
  title: 'Anatomy of the heart',
  status: 'completed',
  source: 'direct',
  progress: 100,
  enrolledAt: '2026-11-23T02:13:18.857Z',
  completedAt: '2026-11-23T02:13:22.973Z',
  version: 6,
};

const CERTIFICATE: z.input<typeof CertificateView> = {
  courseId: 'heart',
  courseTitle: 'Anatomy of the heart',
  policy: 'completion',
  code: 'MRANW97GGHHJKY9KZ0BC1SVSPA',
  completedAt: '2026-11-23T02:13:22.973Z',
  issuedAt: '2026-11-23T02:13:23.128Z',
};

/** What a student sees. */
export const STUDENT_VIEW_EXAMPLES: Pick<
  Examples<typeof studentOperations>,
  | 'get-student-dashboard'
  | 'get-student-courses'
  | 'get-student-progress'
  | 'get-student-course-detail'
  | 'get-student-profile'
  | 'get-notifications'
> = {
  'get-student-dashboard': {
    story: 'Ben looks how far he is.',
    by: 'ben',
    reply: { userId: 'ben', enrollments: [COMPLETED], requests: [] },
  },
  'get-student-courses': {
    story: 'Ben looks what there is to learn, two courses at a time.',
    by: 'ben',
    query: { limit: 2 },
    reply: {
      courses: [
        {
          courseId: 'ethics',
          title: 'Ethics at the bedside',
          summary: 'A seminar: ask for a seat.',
          access: 'request',
        },
        {
          courseId: 'heart',
          title: 'Anatomy of the heart',
          summary: 'Four chambers, four valves, one cycle.',
          access: 'open',
          enrollment: ENROLLED,
        },
      ],
      cursor: 'eyJzdGF0dXMiOiJwdWJsaXNoZWQiLCJjb3Vyc2VJZCI6ImhlYXJ0In0',
    },
  },
  'get-student-progress': {
    story: 'Ben looks what he has done in each course.',
    by: 'ben',
    reply: {
      courses: [
        {
          courseId: 'heart',
          title: 'Anatomy of the heart',
          totalProgress: 100,
          completedItems: 4,
          requiredItems: 4,
          completedChapters: ['chambers'],
          watchedVideos: [{ videoId: 'chambers-film', percent: 50, completed: true }],
          quizAttempts: [{ quizId: 'valves-quiz', attempts: 1, bestScore: 50 }],
          waivedItems: ['valves-text'],
          answeredQuestions: 3,
          completedAt: '2026-11-23T02:13:22.973Z',
          version: 9,
        },
      ],
    },
  },
  'get-student-course-detail': {
    story: 'Ben opens the course on the heart.',
    by: 'ben',
    params: { courseId: 'heart' },
    reply: {
      courseId: 'heart',
      title: 'Anatomy of the heart',
      summary: 'Four chambers, four valves, one cycle.',
      access: 'open',
      status: 'published',
      outlineVersion: 1,
      enrollment: ENROLLED,
      totalProgress: 6,
      chapters: [
        {
          chapterId: 'chambers',
          title: 'The chambers',
          completed: false,
          items: [
            {
              kind: 'reading',
              itemId: 'chambers-text',
              title: 'Atria and ventricles',
              weight: 1,
              required: true,
              completed: false,
              waived: false,
            },
            {
              kind: 'video',
              itemId: 'chambers-film',
              title: 'A tour of the chambers',
              weight: 1,
              required: true,
              completed: false,
              waived: false,
              durationSeconds: 40,
              percent: 30,
              positionSeconds: 12,
            },
          ],
        },
        {
          chapterId: 'valves',
          title: 'The valves',
          completed: false,
          items: [
            {
              kind: 'reading',
              itemId: 'valves-text',
              title: 'Why blood flows one way',
              weight: 1,
              required: true,
              completed: false,
              waived: false,
            },
            {
              kind: 'quiz',
              itemId: 'valves-quiz',
              title: 'Name the valves',
              weight: 2,
              required: true,
              completed: false,
              waived: false,
              passMark: 50,
              attempts: 0,
              maxAttempts: 20,
              bestScore: null,
              markedByHand: false,
              questions: [
                {
                  questionId: 'left',
                  stem: 'Which valve lies between the left atrium and the left ventricle?',
                  options: [
                    { optionId: 'mitral', text: 'Mitral' },
                    { optionId: 'tricuspid', text: 'Tricuspid' },
                  ],
                },
                {
                  questionId: 'aorta',
                  stem: 'Which valve opens into the aorta?',
                  options: [
                    { optionId: 'pulmonary', text: 'Pulmonary' },
                    { optionId: 'aortic', text: 'Aortic' },
                  ],
                },
              ],
            },
          ],
        },
        {
          chapterId: 'practice',
          title: 'Practice',
          completed: false,
          items: [
            {
              kind: 'qbank',
              itemId: 'drill',
              title: 'Three questions',
              weight: 1,
              required: false,
              completed: true,
              waived: false,
              questions: 3,
              answered: 3,
            },
          ],
        },
      ],
    },
  },
  'get-student-profile': {
    story: 'Ben looks at his certificates.',
    by: 'ben',
    reply: {
      userId: 'ben',
      name: 'Ben Lindqvist',
      email: 'ben@school.example',
      joinedAt: '2026-11-23T02:13:18.580Z',
      unreadNotifications: 2,
      certificates: [CERTIFICATE],
      version: 2,
    },
  },
  'get-notifications': {
    story: 'Ben looks what is new.',
    by: 'ben',
    query: { limit: 3 },
    reply: {
      unread: 2,
      notifications: [
        {
          notificationId: '2026-11-23T02:13:23.128Z.certificate_issued.heart',
          kind: 'certificate_issued',
          courseId: 'heart',
          details: { code: 'MRANW97GGHHJKY9KZ0BC1SVSPA', title: 'Anatomy of the heart' },
          createdAt: '2026-11-23T02:13:23.128Z',
          read: false,
        },
        {
          notificationId: '2026-11-23T02:13:22.973Z.item_waived.heart.valves-text.1',
          kind: 'item_waived',
          courseId: 'heart',
          details: {
            item: 'Why blood flows one way',
            title: 'Anatomy of the heart',
            reason: 'Read in the printed edition.',
          },
          createdAt: '2026-11-23T02:13:22.973Z',
          read: false,
        },
      ],
    },
  },
};
