import { describe, expect, it } from 'vitest';
import { matrixWithSlips, type Slip } from '../support/broken-school.ts';
import { cellsLike, reasons, redCells } from '../support/matrix-cells.ts';

/** Something that the sources leave out, and the cells that need it. */
interface Link {
  readonly when: string;
  readonly slips: readonly Slip[];
  readonly red: readonly string[];
}

const links: readonly Link[] = [
  {
    when: 'an enrollment is not said to touch the courses of a student',
    slips: [
      {
        file: 'shared/domain/change.ts',
        find: "['StudentDashboard', 'StudentCourses', 'StudentProgress', 'StudentCourseDetail']",
        put: "['StudentDashboard', 'StudentProgress', 'StudentCourseDetail']",
      },
    ],
    red: [
      '1: * → Student Courses',
      '3: Approve Request → Student Courses',
      '3: Direct Enroll → Student Courses',
      '7: Approve Request → Student Courses',
      '7: Direct Enroll → Student Courses',
      '7: Unenroll → Student Courses',
    ],
  },
  {
    when: 'progress is not said to touch the dashboard of a student',
    slips: [
      {
        file: 'shared/runtime/visible-changes.ts',
        find: "['StudentDashboard', 'StudentCourses'] : []",
        put: "['StudentCourses'] : []",
      },
    ],
    red: [
      '2: Chapter Complete → Student Dashboard',
      '2: Video * → Student Dashboard',
      '2: Quiz Completed → Student Dashboard',
      '2: Q-Bank Test → Student Dashboard',
      '9: Student Dashboard → Auto-Refresh',
    ],
  },
  {
    when: 'the totals are not said to touch the dashboard of the admins',
    slips: [
      {
        file: 'shared/domain/change.ts',
        find: "['AdminDashboard', 'AdminAnalytics'] : ['AdminAnalytics']",
        put: "['AdminAnalytics'] : ['AdminAnalytics']",
      },
    ],
    red: ['1: * → Admin Dashboard', '7: * → Admin Dashboard', '9: Admin Dashboard → Auto-Refresh'],
  },
  {
    when: 'a request is not said to touch the requests of the admins',
    slips: [
      {
        file: 'shared/domain/change.ts',
        find: "shownRequest, before, after), ['AdminRequests'])",
        put: 'shownRequest, before, after), [])',
      },
    ],
    red: ['* → Admin Requests', '9: Admin Requests → Auto-Refresh'],
  },
  {
    when: 'nothing that is published is handed to subscribers',
    slips: [
      {
        file: 'functions/graphql/publish-change.ts',
        find: 'return { payload: ctx.args.change };',
        put: "util.error('refused');",
      },
      {
        file: 'functions/graphql/publish-change.ts',
        find: "import type { Context } from '@aws-appsync/utils';",
        put: "import { type Context, util } from '@aws-appsync/utils';",
      },
    ],
    red: [
      '1: * → Student *',
      '1: * → Admin *',
      '2: * → Student *',
      '2: * → Admin *',
      '3: * → Student *',
      '3: * → Admin *',
      '4: * → Student Progress Page',
      '5: * → Admin Analytics',
      '6: * → Overall Progress',
      '6: * → Admin Analytics',
      '7: * → *',
      '9: * → Auto-Refresh',
    ],
  },
  {
    when: 'who is let in gets no row of progress',
    slips: [
      {
        file: 'shared/store/enrollment-commands.ts',
        find: "put(tables.studentProgress, decided.progress, () => asRead(read.progress, 'userId'));",
        put: '',
      },
    ],
    red: [
      '1: * → studentProgress',
      '1: * → Student Progress',
      '7: * → Student Progress',
      '10: Request Approval → *',
      '10: * Enrollment → *',
    ],
  },
  {
    when: 'a request stays when it is over',
    slips: [
      {
        file: 'shared/store/enrollment-commands.ts',
        find: "return [{ kind: 'delete', table, key: accessRequestKey(userId, courseId), when: atVersion(version) }];",
        put: 'return [];',
      },
    ],
    red: [
      ...['Request Approval', 'Direct Enrollment', 'Admin Enrollment'].flatMap((source) => [
        `1: ${source} → Student Dashboard`,
        `1: ${source} → Student Courses`,
        `1: ${source} → Admin Requests`,
      ]),
      '3: Approve Request → *',
      '3: Direct Enroll → *',
      '7: Enroll Directly → Admin Requests',
      '7: Approve Request → Student Dashboard',
      '7: Approve Request → Student Courses',
      '8: accessRequests → Consistent',
      '10: Request Approval → *',
      '10: * Enrollment → *',
    ],
  },
  {
    when: 'progress does not reach the enrollment',
    slips: [
      {
        file: 'shared/store/learner-projection.ts',
        find: "writes.push({ kind: 'put', table: tables.enrollments, item: projection.enrollment, when });",
        put: '',
      },
    ],
    red: [
      '2: * → enrollments.progress',
      '2: * → Student Dashboard',
      '2: * → Admin Analytics',
      '7: Complete * → *',
      '7: Watch Video → *',
      '8: enrollments → *',
      ...[
        'Student Dashboard',
        'Student Courses',
        'Admin Dashboard',
        'Admin Analytics',
        'Admin Students',
      ].flatMap((page) => [`9: ${page} → Auto-Refresh`, `9: ${page} → Status`]),
      '10: Progress Update → *',
    ],
  },
  {
    when: 'a payment is written before the enrollment that it buys',
    slips: [
      {
        file: 'shared/store/payment-commands.ts',
        find: 'await commit(documents, [\n      paymentPut(tables, payment, decided.payment),',
        put: 'await commit(documents, [paymentPut(tables, payment, decided.payment)]);\n    await commit(documents, [',
      },
    ],
    red: ['10: Payment Enrollment → *'],
  },
  {
    when: 'older spellings of a status are not read',
    slips: [
      {
        file: 'shared/domain/status.ts',
        find: "courses: { Published: 'published', active: 'published', Active: 'published' },",
        put: 'courses: {},',
      },
    ],
    red: ['8: courses → *'],
  },
  {
    when: 'a view has the same ETag whatever it shows',
    slips: [
      {
        file: 'shared/runtime/http-edge.ts',
        find: "createHash('sha256').update(content.body).digest('base64url')",
        put: "createHash('sha256').digest('base64url')",
      },
    ],
    red: [
      '9: * → Status',
      // What an event tells of progress and of enrollments is shown without a read; all else has to be read.
      '9: Student Dashboard → Auto-Refresh',
      '9: Student Courses → Auto-Refresh',
      '9: Student Profile → Auto-Refresh',
      '9: Student Course Detail → Auto-Refresh',
      '9: Admin Dashboard → Auto-Refresh',
      '9: Admin Analytics → Auto-Refresh',
      '9: Admin Requests → Auto-Refresh',
    ],
  },
];

describe('the matrix turns exactly those cells red that need a link', () => {
  it.each(links)(
    'when $when',
    async ({ slips, red }) => {
      const expected = cellsLike(...red);
      const cells = await matrixWithSlips(slips);
      expect(redCells(cells), reasons(cells)).toEqual(expected);
    },
    300_000,
  );
});
