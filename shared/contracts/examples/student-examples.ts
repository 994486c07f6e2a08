import type * as z from 'zod';
import type { EnrollmentView } from '../views.ts';
import type { studentOperations } from '../student-operations.ts';
import type { Examples } from './example.ts';
import { STUDENT_VIEW_EXAMPLES } from './student-view-examples.ts';

const LEFT: z.input<typeof EnrollmentView> = {
  courseId: 'heart',
  title: 'Anatomy of the heart',
  status: 'cancelled',
  source: 'direct',
  progress: 80,
  enrolledAt: '2026-11-23T02:13:18.857Z',
  cancelledAt: '2026-11-23T02:13:36.252Z',
  completedAt: '2026-11-23T02:13:22.973Z',
  version: 8,
};

/** What students do and see. */
export const STUDENT_EXAMPLES: Examples<typeof studentOperations> = {
  'enroll-directly': {
    story: 'Ben enrolls in the course on the heart, which is open to all.',
    by: 'ben',
    params: { courseId: 'heart' },
    reply: {
      courseId: 'heart',
      title: 'Anatomy of the heart',
      status: 'active',
      source: 'direct',
      progress: 80,
      enrolledAt: '2026-11-23T02:13:18.857Z',
      completedAt: '2026-11-23T02:13:22.973Z',
      version: 9,
    },
  },
  unenroll: {
    story: 'Ben leaves the course on the heart; he may come back.',
    by: 'ben',
    params: { courseId: 'heart' },
    reply: LEFT,
  },
  'complete-chapter': {
    story: 'Ben is through with the first chapter.',
    by: 'ben',
    params: { courseId: 'heart', chapterId: 'chambers' },
    reply: { courseId: 'heart', chapterId: 'chambers', completedAt: '2026-11-23T02:13:22.530Z' },
  },
  'record-video-beat': {
    story: "Ben's player tells that he has watched the seconds 12 to 20 of the film.",
    by: 'ben',
    params: { courseId: 'heart', videoId: 'chambers-film' },
    body: { intervals: [[12, 20]], positionSeconds: 20, playbackId: 'phone' },
    reply: {
      videoId: 'chambers-film',
      intervals: [[0, 20]],
      watchedSeconds: 20,
      percent: 50,
      completed: false,
      positionSeconds: 20,
      cutSeconds: 0,
      version: 2,
    },
  },
  'submit-quiz-attempt': {
    story: 'Ben hands in the quiz on the valves with one answer of two right, which is enough.',
    by: 'ben',
    params: { courseId: 'heart', quizId: 'valves-quiz', attemptId: 'first' },
    body: { answers: { left: 'mitral', aorta: 'pulmonary' } },
    reply: {
      courseId: 'heart',
      quizId: 'valves-quiz',
      userId: 'ben',
      attemptId: 'first',
      number: 1,
      score: 50,
      passed: true,
      submittedAt: '2026-11-23T02:13:22.678Z',
      version: 1,
    },
  },
  'put-student-profile': {
    story: 'Ben writes his name out.',
    by: 'ben',
    body: { name: 'Benjamin Lindqvist' },
    reply: {
      userId: 'ben',
      name: 'Benjamin Lindqvist',
      email: 'ben@school.example',
      joinedAt: '2026-11-23T02:13:18.580Z',
      version: 4,
    },
  },
  'request-access': {
    story: 'Ben asks for a seat in the seminar on ethics.',
    by: 'ben',
    params: { courseId: 'ethics' },
    body: { message: 'I start on the ward in January.' },
    reply: {
      courseId: 'ethics',
      title: 'Ethics at the bedside',
      status: 'pending',
      message: 'I start on the ward in January.',
      requestedAt: '2026-11-23T02:13:30.663Z',
      version: 1795400010663,
    },
  },
  'withdraw-request': {
    story: 'Ben puts his rejected request away.',
    by: 'ben',
    params: { courseId: 'ethics' },
    reply: { courseId: 'ethics' },
  },
  'start-checkout': {
    story:
      'Ben buys the course on X-rays. The reply says where to pay; on a local stack that is a page of this machine.',
    by: 'ben',
    params: { paymentId: 'xray' },
    body: {
      courseId: 'imaging',
      successUrl: 'https://school.example/paid',
      cancelUrl: 'https://school.example/courses',
    },
    reply: {
      paymentId: 'xray',
      courseId: 'imaging',
      amount: 4900,
      currency: 'EUR',
      status: 'pending',
      checkoutUrl: 'http://127.0.0.1:4000/local/payments/cs_local_1416761bc1bbef29b189bf0e6d26825f',
      createdAt: '2026-11-23T02:13:32.190Z',
      version: 2,
    },
  },
  'get-payments': {
    story: 'Ben looks what he has paid.',
    by: 'ben',
    reply: {
      payments: [
        {
          paymentId: 'xray',
          courseId: 'imaging',
          amount: 4900,
          currency: 'EUR',
          status: 'completed',
          createdAt: '2026-11-23T02:13:32.190Z',
          completedAt: '2026-11-23T02:13:33.000Z',
          version: 3,
        },
      ],
    },
  },
  'read-notification': {
    story: 'Ben has read the newest.',
    by: 'ben',
    params: { notificationId: '2026-11-23T02:13:23.128Z.certificate_issued.heart' },
    follows: {
      operation: 'get-notifications',
      params: { notificationId: '/notifications/0/notificationId' },
    },
    reply: {
      notificationId: '2026-11-23T02:13:23.128Z.certificate_issued.heart',
      kind: 'certificate_issued',
      courseId: 'heart',
      details: { title: 'Anatomy of the heart', code: 'MRANW97GGHHJKY9KZ0BC1SVSPA' },
      createdAt: '2026-11-23T02:13:23.128Z',
      read: true,
    },
  },
  'read-notifications': {
    story: 'Ben has read everything up to the newest.',
    by: 'ben',
    body: { upTo: '2026-11-23T02:13:23.128Z.certificate_issued.heart' },
    follows: { operation: 'get-notifications', body: { upTo: '/notifications/0/notificationId' } },
    reply: { unread: 0 },
  },
  ...STUDENT_VIEW_EXAMPLES,
};
