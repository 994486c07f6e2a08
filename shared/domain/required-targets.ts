import type { AdminViewName, StudentViewName } from './change.ts';
import type { RequiredTable } from './requirement.ts';

type ViewName = StudentViewName | AdminViewName;

/** Where somebody who follows the school sees that a cell of the requirement holds. */
export type RequiredTarget =
  /** Subscribers are told of a row of the table, with a value whose name begins so, or that it is gone. */
  | { readonly by: 'event'; readonly table: string; readonly value: string }
  /** The command writes the row itself and replies after that; nobody is told, for no view shows the row. */
  | { readonly by: 'reply'; readonly table: string }
  /** The view is updated because a row of one of these tables tells it so. */
  | { readonly by: 'view'; readonly view: ViewName; readonly tables: readonly string[] }
  /** Of the view that the row names: it was loaded and goes on live, was updated by a push, or is live now. */
  | { readonly by: 'watch'; readonly what: 'loaded' | 'pushed' | 'live' }
  | { readonly by: 'none'; readonly why: string };

/** The tables whose rows tell a view of what the requirement is about. */
const TELLING: Readonly<Record<ViewName, readonly string[]>> = {
  StudentDashboard: ['enrollments', 'studentProgress', 'accessRequests'],
  StudentCourses: ['enrollments', 'studentProgress', 'accessRequests'],
  StudentProgress: ['enrollments', 'studentProgress'],
  StudentCourseDetail: ['enrollments', 'studentProgress', 'accessRequests'],
  StudentProfile: ['students', 'certificates', 'notifications'],
  AdminDashboard: ['analytics'],
  AdminAnalytics: ['analytics', 'qbankQuestionStatistics'],
  AdminRequests: ['accessRequests'],
  AdminStudents: ['enrollments'],
};

/** The views by the names that the requirement has for them. */
const VIEWS: ReadonlyMap<string, ViewName> = new Map([
  ['Student Dashboard', 'StudentDashboard'],
  ['Student Courses', 'StudentCourses'],
  ['Student Progress', 'StudentProgress'],
  ['Student Progress Page', 'StudentProgress'],
  ['Overall Progress', 'StudentProgress'],
  ['Student Profile', 'StudentProfile'],
  ['Student Course Detail', 'StudentCourseDetail'],
  ['Admin Dashboard', 'AdminDashboard'],
  ['Admin Analytics', 'AdminAnalytics'],
  ['Admin Requests', 'AdminRequests'],
  ['Admin Students', 'AdminStudents'],
]);

/** The view that a column, or a row of the real-time section, names. */
export function viewNamed(name: string): ViewName | undefined {
  return VIEWS.get(name);
}

const event = (table: string, value: string): RequiredTarget => ({ by: 'event', table, value });
const reply = (table: string): RequiredTarget => ({ by: 'reply', table });
const none = (why: string): RequiredTarget => ({ by: 'none', why });

const ROWS: ReadonlyMap<string, RequiredTarget> = new Map([
  // A new row of progress is told by the enrollment that is written with it: one event for what is one change.
  ['studentProgress', event('enrollments', 'status')],
  ['enrollments', event('enrollments', 'status')],
  ['studentProgress.totalProgress', event('studentProgress', 'totalProgress')],
  ['enrollments.progress', event('enrollments', 'progress')],
  ['accessRequests.status', event('accessRequests', 'status')],
  ['studentProgress.watchedVideos', event('studentProgress', 'videos.')],
  ['studentProgress.quizAttempts', event('studentProgress', 'quizzes.')],
  ['qbankQuestionStatistics', event('qbankQuestionStatistics', '')],
  ['videoProgress', reply('videoProgress')],
  ['quizAttempts', reply('quizAttempts')],
  ['qbankQuestionAttempts', reply('qbankQuestionAttempts')],
]);

const STORED = none(
  'it is about the values that rows are stored with, whatever happens: nobody is told of them',
);
const WHOLE = none('that a write is whole is seen only where one is made to fail');

/** The columns of the sections that are not about something that happens. */
const OTHERS: ReadonlyMap<number, ReadonlyMap<string, RequiredTarget>> = new Map([
  [
    8,
    new Map([
      ['Field', none('it names the attribute')],
      ['Values', none('it lists the values')],
      ['Normalized', STORED],
      ['Consistent', STORED],
    ]),
  ],
  [
    9,
    new Map<string, RequiredTarget>([
      ['Sync Client', { by: 'watch', what: 'loaded' }],
      ['Auto-Refresh', { by: 'watch', what: 'pushed' }],
      ['Poll Interval', none('nothing is polled while it is pushed')],
      ['Status', { by: 'watch', what: 'live' }],
    ]),
  ],
  [
    10,
    new Map([
      ['Tables Affected', none('it lists the tables')],
      ['Transaction', WHOLE],
      ['Atomic', WHOLE],
      ['Status', WHOLE],
    ]),
  ],
]);

/** Where the cells of a column are seen to hold. @throws where the requirement has no such column */
export function requiredTarget({ section, title }: RequiredTable, column: string): RequiredTarget {
  const view = VIEWS.get(column);
  const target =
    OTHERS.get(section)?.get(column) ??
    ROWS.get(column) ??
    (view === undefined ? undefined : ({ by: 'view', view, tables: TELLING[view] } as const));
  if (target === undefined) throw new Error(`${title} has a column ${column} that is seen nowhere`);
  return target;
}
