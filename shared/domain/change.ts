import { equal } from './equal.ts';
import type { JobState, SegmentState } from './job.ts';
import type { BankQuestionState, TestHead } from './qbank-states.ts';
import type { Cause, Stamp } from './stamp.ts';
import {
  type AggregateState,
  NOTHING,
  type Shown,
  shownAggregate,
  shownCertificate,
  shownCourse,
  shownEnrollment,
  shownHealth,
  shownJob,
  shownNotification,
  shownProgress,
  shownQuestion,
  shownRequest,
  shownStudent,
  shownTest,
  type VisibleValues,
} from './shown.ts';
import type {
  AccessRequestState,
  CertificateState,
  CourseState,
  EnrollmentState,
  NotificationState,
  ProgressState,
  StudentState,
} from './states.ts';
import type { SyncHealth } from './sync-health.ts';

export type StudentViewName =
  'StudentDashboard' | 'StudentCourses' | 'StudentProgress' | 'StudentProfile' | 'StudentCourseDetail';
export type AdminViewName = 'AdminDashboard' | 'AdminAnalytics' | 'AdminRequests' | 'AdminStudents';

/** A row as its viewers know it: `key` is the table's key values joined by `#`; a removed row has no values. */
export type VisibleRow = Cause & {
  readonly table: string;
  readonly key: string;
  readonly version: number;
  readonly removed: boolean;
  readonly values: VisibleValues;
};

export interface VisibleChange<View extends string> {
  readonly views: View[];
  readonly row: VisibleRow;
}

/** The tables whose rows a student sees. Courses belong to no student: their views revalidate by ETag. */
export interface StudentRows {
  readonly enrollments: EnrollmentState;
  readonly studentProgress: ProgressState;
  readonly accessRequests: AccessRequestState;
  readonly certificates: CertificateState;
  readonly notifications: NotificationState;
  readonly students: StudentState;
  readonly qbankTests: TestHead;
  /** Of one student: `aggregateOwner` says of which. */
  readonly analytics: AggregateState;
}
export interface AdminRows {
  readonly enrollments: EnrollmentState;
  readonly accessRequests: AccessRequestState;
  readonly students: StudentState;
  readonly courses: CourseState;
  readonly analytics: AggregateState;
  readonly qbankQuestions: BankQuestionState;
  readonly qbankQuestionStatistics: AggregateState;
  readonly jobs: JobState | SegmentState;
  readonly health: HealthState;
}

/** The figures with where they are kept. An alias, for the reason that states.ts gives. */
export type HealthState = Stamp & SyncHealth & { readonly healthId: string };

/** Whom an aggregate is about, where it is about one student. */
export function aggregateOwner({ scope }: Pick<AggregateState, 'scope'>): string | undefined {
  return scope.startsWith(OF_STUDENT) ? scope.slice(OF_STUDENT.length) : undefined;
}

const OF_STUDENT = 'student#';

function differing(before: VisibleValues, after: VisibleValues): VisibleValues {
  const values: VisibleValues = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[name] !== after[name]) values[name] = after[name] ?? null;
  }
  return values;
}

/** The row's change, or undefined where nobody would see one. */
function changeOf<Row extends Cause & { readonly version: number }>(
  table: string,
  key: (row: Row) => string,
  shown: (row: Row) => Shown,
  before: Row | undefined,
  after: Row | undefined,
): VisibleRow | undefined {
  const row = after ?? before;
  if (row === undefined) return undefined;
  const { causedBy, causedAt } = row;
  if (after === undefined) {
    // Later than all that was seen of it, so that no late event brings it back.
    return { table, key: key(row), version: row.version + 1, removed: true, causedBy, causedAt, values: {} };
  }
  const old = before === undefined ? NOTHING : shown(before);
  const present = shown(after);
  const details = differing(old.details, present.details);
  if (before !== undefined && equal(old.always, present.always) && Object.keys(details).length === 0) {
    return undefined;
  }
  const values = { ...present.always, ...details };
  return { table, key: key(row), version: row.version, removed: false, causedBy, causedAt, values };
}

function learnerKey(row: { readonly userId: string; readonly courseId: string }): string {
  return `${row.userId}#${row.courseId}`;
}

function certificateKey(row: CertificateState): string {
  return `${row.userId}#${row.courseId}#${row.policy}`;
}

function notificationKey(row: NotificationState): string {
  return `${row.userId}#${row.notificationId}`;
}

/** What the admins' list shows of a person. */
function sameListed(before: StudentState, after: StudentState): boolean {
  return before.name === after.name && before.email === after.email;
}

/** A changed name is a change, though events carry none. */
function studentChange(before: StudentState | undefined, after: StudentState | undefined) {
  const renamed = before !== undefined && after !== undefined && !sameListed(before, after);
  return changeOf('students', (row) => row.userId, shownStudent, renamed ? undefined : before, after);
}

function changed<View extends string>(
  row: VisibleRow | undefined,
  views: View[],
): VisibleChange<View> | undefined {
  return row === undefined || views.length === 0 ? undefined : { views, row };
}

type Judge<Row, View extends string> = (
  before: Row | undefined,
  after: Row | undefined,
) => VisibleChange<View> | undefined;

const studentJudges: { readonly [T in keyof StudentRows]: Judge<StudentRows[T], StudentViewName> } = {
  enrollments: (before, after) =>
    changed(
      changeOf('enrollments', learnerKey, shownEnrollment, before, after),
      before?.status === after?.status
        ? ['StudentDashboard', 'StudentCourses', 'StudentCourseDetail']
        : ['StudentDashboard', 'StudentCourses', 'StudentProgress', 'StudentCourseDetail'],
    ),
  studentProgress: (before, after) =>
    changed(changeOf('studentProgress', learnerKey, shownProgress, before, after), [
      'StudentProgress',
      'StudentCourseDetail',
    ]),
  accessRequests: (before, after) =>
    changed(changeOf('accessRequests', learnerKey, shownRequest, before, after), [
      'StudentDashboard',
      'StudentCourses',
      'StudentCourseDetail',
    ]),
  certificates: (before, after) =>
    changed(changeOf('certificates', certificateKey, shownCertificate, before, after), ['StudentProfile']),
  // One that is past its time is removed by the database at some moment after it has left the views.
  notifications: (before, after) =>
    after === undefined
      ? undefined
      : changed(changeOf('notifications', notificationKey, shownNotification, before, after), [
          'StudentProfile',
        ]),
  students: (before, after) => changed(studentChange(before, after), ['StudentProfile']),
  qbankTests: (before, after) =>
    changed(changeOf('qbankTests', testKey, shownTest, before, after), ['StudentProgress']),
  analytics: (before, after) =>
    changed(changeOf('analytics', aggregateKey, shownAggregate, before, after), ['StudentProgress']),
};

function aggregateKey(row: AggregateState): string {
  return `${row.scope}#${row.part}`;
}

function testKey(row: TestHead): string {
  return `${row.userId}#${row.courseId}#${row.testId}`;
}

/** What is about one student, or tells one of them how the others do, is on no page of the admins. */
function viewsOfAggregate(row: AggregateState): AdminViewName[] {
  const { part } = row;
  if (aggregateOwner(row) !== undefined || part.startsWith('qbank-peers#')) return [];
  return part.startsWith('total#') ? ['AdminDashboard', 'AdminAnalytics'] : ['AdminAnalytics'];
}

const adminJudges: { readonly [T in keyof AdminRows]: Judge<AdminRows[T], AdminViewName> } = {
  enrollments: (before, after) =>
    changed(changeOf('enrollments', learnerKey, shownEnrollment, before, after), ['AdminStudents']),
  accessRequests: (before, after) =>
    changed(changeOf('accessRequests', learnerKey, shownRequest, before, after), ['AdminRequests']),
  students: (before, after) => {
    if (before !== undefined && after !== undefined && sameListed(before, after)) return undefined;
    return changed(studentChange(before, after), ['AdminStudents', 'AdminRequests']);
  },
  courses: (before, after) =>
    changed(
      changeOf('courses', (row) => `${row.courseId}#${row.part}`, shownCourse, before, after),
      before !== undefined && after !== undefined && before.title !== after.title
        ? ['AdminDashboard', 'AdminStudents']
        : ['AdminDashboard'],
    ),
  analytics: (before, after) => {
    const row = after ?? before;
    return changed(
      changeOf('analytics', aggregateKey, shownAggregate, before, after),
      row === undefined ? [] : viewsOfAggregate(row),
    );
  },
  qbankQuestions: (before, after) =>
    changed(
      changeOf('qbankQuestions', (row) => `${row.courseId}#${row.part}`, shownQuestion, before, after),
      ['AdminAnalytics'],
    ),
  qbankQuestionStatistics: (before, after) =>
    changed(changeOf('qbankQuestionStatistics', aggregateKey, shownAggregate, before, after), [
      'AdminAnalytics',
    ]),
  // The school at a glance: no view is of the jobs alone.
  jobs: (before, after) =>
    changed(
      changeOf('jobs', (row) => `${row.jobId}#${row.part}`, shownJob, before, after),
      ['AdminDashboard'],
    ),
  health: (before, after) =>
    changed(
      changeOf('health', (row) => row.healthId, shownHealth, before, after),
      ['AdminDashboard'],
    ),
};

/**
 * What the student whose row it is would see change between two states of it (of a batch, the first and the
 * last), or undefined. Videos, quizzes and chapters are told only where they changed, as
 * `videos.<id>.percent`; null where they are gone.
 */
export function visibleStudentChange<T extends keyof StudentRows>(
  table: T,
  before: StudentRows[T] | undefined,
  after: StudentRows[T] | undefined,
): VisibleChange<StudentViewName> | undefined {
  return studentJudges[table](before, after);
}

/** What an admin would see change, or undefined. Of `courses` only the part `course` is shown to anyone. */
export function visibleAdminChange<T extends keyof AdminRows>(
  table: T,
  before: AdminRows[T] | undefined,
  after: AdminRows[T] | undefined,
): VisibleChange<AdminViewName> | undefined {
  return adminJudges[table](before, after);
}
