import { equal } from './equal.ts';
import { bestScore } from './quiz.ts';
import type { Cause } from './stamp.ts';
import type { CourseState, EnrollmentState, ProgressState } from './states.ts';

export type StudentViewName =
  'StudentDashboard' | 'StudentCourses' | 'StudentProgress' | 'StudentProfile' | 'StudentCourseDetail';
export type AdminViewName = 'AdminDashboard' | 'AdminAnalytics' | 'AdminRequests' | 'AdminStudents';

export type VisibleValues = Record<string, number | string | boolean | null>;

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

/** One shard of an aggregate; its metrics are the attributes that are numbers, the version apart. */
export type AggregateState = Cause & {
  readonly scope: string;
  readonly part: string;
  readonly version: number;
};

/** The tables whose rows a student sees. Courses belong to no student: their views revalidate by ETag. */
export interface StudentRows {
  readonly enrollments: EnrollmentState;
  readonly studentProgress: ProgressState;
}
export interface AdminRows {
  readonly enrollments: EnrollmentState;
  readonly courses: CourseState;
  readonly analytics: AggregateState;
}

/** What is shown of a row: `always` goes with every change, `details` only where they differ. */
interface Shown {
  readonly always: VisibleValues;
  readonly details: VisibleValues;
}

const NOTHING: Shown = { always: {}, details: {} };

function shownEnrollment(row: EnrollmentState): Shown {
  return {
    always: {
      status: row.status,
      source: row.source,
      progress: row.progress,
      enrolledAt: row.enrolledAt,
      cancelledAt: row.cancelledAt ?? null,
      completedAt: row.completedAt ?? null,
    },
    details: {},
  };
}

function shownProgress(row: ProgressState): Shown {
  const details: VisibleValues = {};
  for (const chapterId of Object.keys(row.completedChapters))
    details[`chapters.${chapterId}.completed`] = true;
  for (const [videoId, video] of Object.entries(row.watchedVideos)) {
    details[`videos.${videoId}.percent`] = video.percent;
    details[`videos.${videoId}.completed`] = video.completed;
  }
  for (const [quizId, attempts] of Object.entries(row.quizAttempts)) {
    details[`quizzes.${quizId}.attempts`] = attemptCount(attempts);
    details[`quizzes.${quizId}.bestScore`] = bestScore(Object.values(attempts));
  }
  return {
    always: {
      totalProgress: row.totalProgress,
      completedItems: row.completedItems,
      requiredItems: row.requiredItems,
      completedAt: row.completedAt ?? null,
    },
    details,
  };
}

/** How often a quiz was handed in: numbers are given once, so the greatest counts them all. */
export function attemptCount(attempts: Readonly<Record<string, unknown>>): number {
  return Object.keys(attempts).reduce((greatest, number) => Math.max(greatest, Number(number)), 0);
}

function shownCourse(row: CourseState): Shown {
  return { always: { title: row.title, status: row.status, access: row.access }, details: {} };
}

function shownAggregate(row: AggregateState): Shown {
  const always: VisibleValues = {};
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'number' && name !== 'version') always[name] = value;
  }
  return { always, details: {} };
}

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
};

function viewsOfAggregate({ part }: AggregateState): AdminViewName[] {
  return part.startsWith('total#') ? ['AdminDashboard', 'AdminAnalytics'] : ['AdminAnalytics'];
}

const adminJudges: { readonly [T in keyof AdminRows]: Judge<AdminRows[T], AdminViewName> } = {
  enrollments: (before, after) =>
    changed(changeOf('enrollments', learnerKey, shownEnrollment, before, after), ['AdminStudents']),
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
      changeOf('analytics', (shard) => `${shard.scope}#${shard.part}`, shownAggregate, before, after),
      row === undefined ? [] : viewsOfAggregate(row),
    );
  },
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
