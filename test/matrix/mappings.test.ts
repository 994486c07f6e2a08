import { describe, expect, inject, it } from 'vitest';
import { matrixWithoutMapping } from '../support/broken-school.ts';
import { cellsLike, reasons, redCells } from '../support/matrix-cells.ts';

/** A function that follows a table no more, and the cells that need it to. */
interface Cut {
  readonly consumer: string;
  readonly table: string;
  readonly red: readonly string[];
}

/** What shows how far somebody is, on the pages that keep themselves in step. */
const PROGRESS_PAGES = [
  'Student Dashboard',
  'Student Courses',
  'Student Progress',
  'Student Course Detail',
  'Admin Dashboard',
  'Admin Analytics',
  'Admin Students',
];

const cuts: readonly Cut[] = [
  {
    consumer: 'project-progress',
    table: 'quizAttempts',
    red: [
      '2: Quiz Completed → *',
      '5: * → studentProgress.*',
      '7: Complete Quiz → *',
      // Nobody completes a course any more.
      '8: enrollments → *',
    ],
  },
  {
    consumer: 'project-progress',
    table: 'videoProgress',
    red: [
      '2: Video * → *',
      '4: Video * → studentProgress.*',
      '4: Video * → Student Progress Page',
      '7: Watch Video → *',
      ...PROGRESS_PAGES.map((page) => `9: ${page} → Status`),
    ],
  },
  {
    consumer: 'project-progress',
    table: 'chapterCompletions',
    red: [
      '2: Chapter Complete → *',
      '4: Chapter Complete (video) → *',
      '7: Complete Chapter → *',
      '8: enrollments → *',
      ...PROGRESS_PAGES.flatMap((page) => [`9: ${page} → Auto-Refresh`, `9: ${page} → Status`]),
      '10: Progress Update → *',
    ],
  },
  {
    consumer: 'aggregate-analytics',
    table: 'enrollments',
    red: [
      '1: * → Admin Dashboard',
      '1: * → Admin Analytics',
      '2: Chapter Complete → Admin Analytics',
      '2: Video * → Admin Analytics',
      '2: Quiz Completed → Admin Analytics',
      '2: Q-Bank Test → Admin Analytics',
      '3: * → Admin Analytics',
      '7: Complete * → Admin Dashboard',
      '7: Complete * → Admin Analytics',
      '7: Watch Video → Admin Dashboard',
      '7: Watch Video → Admin Analytics',
      '7: Enroll Directly → Admin Dashboard',
      '7: Enroll Directly → Admin Analytics',
      '9: Admin Dashboard → Auto-Refresh',
      '9: Admin Dashboard → Status',
      '9: Admin Analytics → Auto-Refresh',
      '9: Admin Analytics → Status',
    ],
  },
  {
    consumer: 'aggregate-analytics',
    table: 'accessRequests',
    red: ['3: * → Admin Analytics', '7: Request Course → Admin Dashboard'],
  },
  {
    consumer: 'aggregate-analytics',
    table: 'quizAttempts',
    red: ['5: * → Admin Analytics'],
  },
  {
    consumer: 'project-progress',
    table: 'qbankQuestionAttempts',
    red: ['2: Q-Bank Test → *', '6: * → Overall Progress'],
  },
  {
    consumer: 'aggregate-analytics',
    table: 'qbankQuestionAttempts',
    red: [
      '6: Question Attempt → qbankQuestionStatistics',
      '6: Test Score → qbankQuestionStatistics',
      '6: * → Admin Analytics',
    ],
  },
  {
    consumer: 'aggregate-analytics',
    table: 'qbankTests',
    red: [
      '6: Test Completion → qbankQuestionStatistics',
      '6: Test Score → qbankQuestionStatistics',
      '6: Test Completion → Admin Analytics',
      '6: Test Score → Admin Analytics',
    ],
  },
  {
    consumer: 'notify-subscribers',
    table: 'qbankQuestionStatistics',
    red: ['6: * → Admin Analytics'],
  },
  {
    consumer: 'notify-subscribers',
    table: 'accessRequests',
    red: [
      // Of who had asked, a page must know that the request is over; nobody asks before paying.
      '1: Request Approval → Student Dashboard',
      '1: Request Approval → Student Courses',
      '1: Direct Enrollment → Student Dashboard',
      '1: Direct Enrollment → Student Courses',
      '1: Admin Enrollment → Student Dashboard',
      '1: Admin Enrollment → Student Courses',
      '1: * → Admin Requests',
      '3: * → Student Courses',
      '3: * → Student Dashboard',
      '3: * → Admin Requests',
      '7: * → Admin Requests',
      '7: Approve Request → Student Dashboard',
      '7: Approve Request → Student Courses',
      '7: Reject Request → *',
      '9: Admin Requests → Auto-Refresh',
    ],
  },
  {
    consumer: 'notify-subscribers',
    table: 'analytics',
    red: [
      '* → Admin Analytics',
      '1: * → Admin Dashboard',
      '7: * → Admin Dashboard',
      '9: Admin Dashboard → Auto-Refresh',
      '9: Admin Analytics → Auto-Refresh',
    ],
  },
  {
    consumer: 'notify-subscribers',
    table: 'studentProgress',
    red: [
      '2: * → Student *',
      '6: * → Overall Progress',
      '4: * → Student Progress Page',
      '9: Student Dashboard → Auto-Refresh',
      '9: Student Courses → Auto-Refresh',
      '9: Student Progress → Auto-Refresh',
      '9: Student Course Detail → Auto-Refresh',
    ],
  },
  {
    consumer: 'notify-subscribers',
    table: 'enrollments',
    red: [
      '1: * → Student *',
      '3: Approve Request → Student *',
      '3: Direct Enroll → Student *',
      '7: Approve Request → *',
      '7: Direct Enroll → *',
      '7: Unenroll → *',
      '7: * → Admin Students',
      '9: Admin Students → Auto-Refresh',
    ],
  },
  {
    consumer: 'notify-subscribers',
    table: 'students',
    red: ['9: Student Profile → Auto-Refresh'],
  },
];

describe('the matrix turns exactly those cells red that need a stream', () => {
  it.each(cuts)(
    'when $consumer does not follow $table',
    async ({ consumer, table, red }) => {
      const expected = cellsLike(...red);
      const cells = await matrixWithoutMapping(inject('assembly'), consumer, table);
      expect(redCells(cells), reasons(cells)).toEqual(expected);
    },
    300_000,
  );
});
