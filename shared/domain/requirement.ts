/**
 * The requirement: its ten sections, table by table, as the school wrote them. A cell is a mark that has to be
 * proved, or something else that stands in the table: `N/A`, a name, a value.
 */

/** A cell that has to hold. */
export const MARK = Symbol('a cell that has to hold');
export type Cell = typeof MARK | string;

export interface RequiredTable {
  readonly section: number;
  readonly title: string;
  /** Of the first column and the others. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[] }[];
}

function row(name: string, ...cells: Cell[]) {
  return { name, cells };
}

const NA = 'N/A';

export const REQUIREMENT: readonly RequiredTable[] = [
  {
    section: 1,
    title: 'Enrollment State Sync',
    heading: 'Source',
    columns: [
      'studentProgress',
      'enrollments',
      'Student Dashboard',
      'Student Courses',
      'Student Progress',
      'Admin Dashboard',
      'Admin Analytics',
      'Admin Requests',
    ],
    rows: [
      row('Request Approval', MARK, MARK, MARK, MARK, MARK, MARK, MARK, MARK),
      row('Direct Enrollment', MARK, MARK, MARK, MARK, MARK, MARK, MARK, MARK),
      row('Payment Enrollment', MARK, MARK, MARK, MARK, MARK, MARK, MARK, NA),
      row('Admin Enrollment', MARK, MARK, MARK, MARK, MARK, MARK, MARK, MARK),
    ],
  },
  {
    section: 2,
    title: 'Progress Sync',
    heading: 'Source',
    columns: [
      'studentProgress.totalProgress',
      'enrollments.progress',
      'Student Dashboard',
      'Student Progress Page',
      'Admin Analytics',
    ],
    rows: [
      row('Chapter Complete', MARK, MARK, MARK, MARK, MARK),
      row('Video Watched', MARK, MARK, MARK, MARK, MARK),
      row('Video Completed', MARK, MARK, MARK, MARK, MARK),
      row('Quiz Completed', MARK, MARK, MARK, MARK, MARK),
      row('Q-Bank Test', MARK, MARK, MARK, MARK, MARK),
    ],
  },
  {
    section: 3,
    title: 'Request Status Sync',
    heading: 'Action',
    columns: [
      'accessRequests.status',
      'Student Courses',
      'Student Dashboard',
      'Admin Requests',
      'Admin Analytics',
    ],
    rows: [
      row('Create Request', MARK, MARK, MARK, MARK, NA),
      row('Approve Request', MARK, MARK, MARK, MARK, MARK),
      row('Reject Request', MARK, MARK, MARK, MARK, NA),
      row('Direct Enroll', MARK, MARK, MARK, MARK, MARK),
    ],
  },
  {
    section: 4,
    title: 'Video Progress Sync',
    heading: 'Source',
    columns: [
      'videoProgress',
      'studentProgress.watchedVideos',
      'studentProgress.totalProgress',
      'Student Progress Page',
    ],
    rows: [
      row('Video Time Update', MARK, MARK, MARK, MARK),
      row('Video Completed (90%+)', MARK, MARK, MARK, MARK),
      row('Chapter Complete (video)', NA, MARK, MARK, MARK),
    ],
  },
  {
    section: 5,
    title: 'Quiz Attempts Sync',
    heading: 'Source',
    columns: [
      'quizAttempts',
      'studentProgress.quizAttempts',
      'studentProgress.totalProgress',
      'Admin Analytics',
    ],
    rows: [row('Quiz Submit', MARK, MARK, MARK, MARK), row('Quiz Passed', MARK, MARK, MARK, MARK)],
  },
  {
    section: 6,
    title: 'Q-Bank Statistics Sync',
    heading: 'Source',
    columns: ['qbankQuestionAttempts', 'qbankQuestionStatistics', 'Overall Progress', 'Admin Analytics'],
    rows: [
      row('Question Attempt', MARK, MARK, MARK, MARK),
      row('Test Completion', MARK, MARK, MARK, MARK),
      row('Test Score', MARK, MARK, MARK, MARK),
    ],
  },
  {
    section: 7,
    title: 'Cross-App Sync (Student → Admin)',
    heading: 'Student Action',
    columns: ['Admin Dashboard', 'Admin Analytics', 'Admin Requests', 'Admin Students'],
    rows: [
      row('Request Course', MARK, NA, MARK, NA),
      row('Complete Chapter', MARK, MARK, NA, MARK),
      row('Watch Video', MARK, MARK, NA, MARK),
      row('Complete Quiz', MARK, MARK, NA, MARK),
      row('Enroll Directly', MARK, MARK, MARK, MARK),
    ],
  },
  {
    section: 7,
    title: 'Cross-App Sync (Admin → Student)',
    heading: 'Admin Action',
    columns: ['Student Dashboard', 'Student Courses', 'Student Progress'],
    rows: [
      row('Approve Request', MARK, MARK, MARK),
      row('Reject Request', MARK, MARK, NA),
      row('Direct Enroll', MARK, MARK, MARK),
      row('Unenroll', MARK, MARK, MARK),
    ],
  },
  {
    section: 8,
    title: 'Status Value Consistency',
    heading: 'Table',
    columns: ['Field', 'Values', 'Normalized', 'Consistent'],
    rows: [
      row('courses', 'status', 'draft, published, archived', MARK, MARK),
      row('enrollments', 'status', 'active, completed, cancelled', MARK, MARK),
      row('accessRequests', 'status', 'pending, approved (deleted), rejected', MARK, MARK),
      row('payments', 'status', 'pending, completed, failed, refunded', MARK, MARK),
      row('qbankTests', 'status', 'pending, in_progress, completed, abandoned', MARK, MARK),
    ],
  },
  {
    section: 9,
    title: 'Real-Time Sync Status',
    heading: 'Component',
    columns: ['Sync Client', 'Auto-Refresh', 'Poll Interval', 'Status'],
    rows: [
      'Student Dashboard',
      'Student Courses',
      'Student Progress',
      'Student Profile',
      'Student Course Detail',
      'Admin Dashboard',
      'Admin Analytics',
      'Admin Requests',
      'Admin Students',
    ].map((name) => row(name, MARK, MARK, 'pushed', MARK)),
  },
  {
    section: 10,
    title: 'Transaction Support',
    heading: 'Operation',
    columns: ['Tables Affected', 'Transaction', 'Atomic', 'Status'],
    rows: [
      row('Request Approval', 'studentProgress, enrollments, accessRequests', MARK, MARK, MARK),
      row('Direct Enrollment', 'studentProgress, enrollments, accessRequests', MARK, MARK, MARK),
      row('Payment Enrollment', 'payments, studentProgress, enrollments', MARK, MARK, MARK),
      row('Progress Update', 'studentProgress, enrollments', MARK, MARK, MARK),
    ],
  },
];

/** A score of the requirement's own list: the part of the cells of these sections that hold. */
export const HEALTH_SCORES: readonly { readonly name: string; readonly sections: readonly number[] }[] = [
  { name: 'Enrollment Sync', sections: [1] },
  { name: 'Progress Sync', sections: [2] },
  { name: 'Request Sync', sections: [3] },
  { name: 'Video Progress', sections: [4] },
  { name: 'Quiz Progress', sections: [5] },
  { name: 'Cross-App Sync', sections: [7] },
];
