import type * as z from 'zod';
import type { WaiverView } from '../students.ts';
import type { adminOperations } from '../admin-operations.ts';
import type { Examples } from './example.ts';
import { ADMIN_COURSE_EXAMPLES } from './admin-course-examples.ts';
import { ADMIN_STUDENT_EXAMPLES } from './admin-student-examples.ts';
import { ADMIN_VIEW_EXAMPLES } from './admin-view-examples.ts';

const WAIVER: z.input<typeof WaiverView> = {
  userId: 'ben',
  courseId: 'heart',
  itemId: 'valves-text',
  waived: true,
  reason: 'Read in the printed edition.',
  waivedBy: 'admin',
  waivedAt: '2026-11-23T02:13:22.973Z',
  version: 1,
};

/** What admins do and see. */
export const ADMIN_EXAMPLES: Examples<typeof adminOperations> = {
  'enroll-student': {
    story: 'The admin lets Ben into the course on clinical reasoning.',
    by: 'admin',
    params: { userId: 'ben', courseId: 'reasoning' },
    reply: {
      courseId: 'reasoning',
      title: 'Clinical reasoning',
      status: 'active',
      source: 'admin',
      progress: 0,
      enrolledAt: '2026-11-23T02:13:33.125Z',
      version: 1,
    },
  },
  'unenroll-student': {
    story: 'The admin takes Cleo out of the course on the heart.',
    by: 'admin',
    params: { userId: 'cleo', courseId: 'heart' },
    reply: {
      courseId: 'heart',
      title: 'Anatomy of the heart',
      status: 'cancelled',
      source: 'direct',
      progress: 0,
      enrolledAt: '2026-11-23T02:13:18.913Z',
      cancelledAt: '2026-11-23T02:13:33.610Z',
      version: 2,
    },
  },
  'mark-quiz-attempt': {
    story: "The admin raises the mark of Ada's essay, having seen the one before.",
    by: 'admin',
    params: { courseId: 'reasoning', quizId: 'case-essay', userId: 'ada', attemptId: 'first' },
    body: { score: 78, ifVersion: 2 },
    reply: {
      courseId: 'reasoning',
      quizId: 'case-essay',
      userId: 'ada',
      attemptId: 'first',
      number: 1,
      score: 78,
      passed: true,
      submittedAt: '2026-11-23T02:13:20.999Z',
      markedAt: '2026-11-23T02:13:33.275Z',
      version: 3,
    },
  },
  'approve-request': {
    story: 'The admin lets Cleo into the seminar on ethics.',
    by: 'admin',
    params: { userId: 'cleo', courseId: 'ethics' },
    reply: {
      courseId: 'ethics',
      title: 'Ethics at the bedside',
      status: 'active',
      source: 'request',
      progress: 0,
      enrolledAt: '2026-11-23T02:13:31.227Z',
      version: 1,
    },
  },
  'reject-request': {
    story: "The admin turns Ben's request down.",
    by: 'admin',
    params: { userId: 'ben', courseId: 'ethics' },
    body: { reason: 'The seminar is full; the next one is in spring.' },
    reply: {
      courseId: 'ethics',
      title: 'Ethics at the bedside',
      status: 'rejected',
      message: 'I start on the ward in January.',
      requestedAt: '2026-11-23T02:13:30.663Z',
      reason: 'The seminar is full; the next one is in spring.',
      decidedAt: '2026-11-23T02:13:31.604Z',
      version: 1795400010664,
    },
  },
  'waive-item': {
    story: 'The admin lets a text count that Ben has read elsewhere.',
    by: 'admin',
    params: { userId: 'ben', courseId: 'heart', itemId: 'valves-text' },
    body: { reason: 'Read in the printed edition.' },
    reply: WAIVER,
  },
  'withdraw-waiver': {
    story: 'The admin takes that back.',
    by: 'admin',
    params: { userId: 'ben', courseId: 'heart', itemId: 'valves-text' },
    reply: {
      userId: 'ben',
      courseId: 'heart',
      itemId: 'valves-text',
      waived: false,
      reason: 'Read in the printed edition.',
      waivedBy: 'admin',
      waivedAt: '2026-11-23T02:13:35.796Z',
      version: 2,
    },
  },
  ...ADMIN_COURSE_EXAMPLES,
  ...ADMIN_STUDENT_EXAMPLES,
  ...ADMIN_VIEW_EXAMPLES,
};
