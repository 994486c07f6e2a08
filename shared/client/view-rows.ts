import type { AccessRequestView, AdminRequests } from '../contracts/access-requests.ts';
import type { CourseProgress, EnrollmentView } from '../contracts/views.ts';
import type { ViewData, ViewName } from './watched-views.ts';

/** The rows that views show with their versions. */
export interface ShownRows {
  readonly enrollment: EnrollmentView;
  /** Shown beside the progress it repeats, which is to be of the same moment. */
  readonly detailedEnrollment: EnrollmentView;
  readonly progress: CourseProgress;
  readonly request: AccessRequestView;
  readonly listedRequest: AdminRequests['requests'][number];
}
export type RowKind = keyof ShownRows;

/**
 * Gives what is to be shown in place of a row, undefined for nothing. The key is the table's as `RowChange` has
 * it; to students, who see their own rows only, without the user id in front.
 */
export type RowVisitor = <Kind extends RowKind>(
  kind: Kind,
  key: string,
  row: ShownRows[Kind],
) => ShownRows[Kind] | undefined;

/** The key that `RowVisitor` is given for the row of an event. */
export function keyInView(view: ViewName, key: string): string {
  return view.startsWith('Student') ? key.slice(key.indexOf('#') + 1) : key;
}

/** The view with each of its versioned rows as the visitor wants it. */
export function mapRows<View extends ViewName>(
  view: View,
  data: ViewData<View>,
  visit: RowVisitor,
): ViewData<View> {
  return walks[view](data, visit);
}

// Rows whose versions a view does not show are not here: nobody can tell which of two is the newer.
const walks: {
  readonly [View in ViewName]: (data: ViewData<View>, visit: RowVisitor) => ViewData<View>;
} = {
  StudentDashboard: (data, visit) => ({
    ...data,
    enrollments: each(data.enrollments, (row) => visit('enrollment', row.courseId, row)),
    requests: each(data.requests, (row) => visit('request', row.courseId, row)),
  }),
  StudentCourses: (data, visit) => ({
    ...data,
    courses: data.courses.map((course) => ({ ...course, ...standing('enrollment', course, visit) })),
  }),
  StudentProgress: (data, visit) => ({
    ...data,
    courses: each(data.courses, (row) => visit('progress', row.courseId, row)),
  }),
  StudentProfile: (data) => data,
  StudentCourseDetail: (data, visit) => {
    const detail = { ...data, ...standing('detailedEnrollment', data, visit) };
    if (detail.enrollment === data.enrollment) return detail;
    // The progress of an enrollment is that of the course: the server reads both at one moment.
    return { ...detail, totalProgress: detail.enrollment?.progress ?? null };
  },
  AdminDashboard: (data) => data,
  AdminAnalytics: (data) => data,
  AdminRequests: (data, visit) => ({
    ...data,
    requests: each(data.requests, (row) => {
      const next = visit('listedRequest', `${row.userId}#${row.courseId}`, row);
      // The list is of one status.
      return next?.status === row.status ? next : undefined;
    }),
  }),
  AdminStudents: (data, visit) => ({
    ...data,
    students: data.students.map((student) => ({
      ...student,
      ...(student.enrollments && {
        enrollments: each(student.enrollments, (row) =>
          visit('enrollment', `${student.userId}#${row.courseId}`, row),
        ),
      }),
    })),
  }),
};

interface Standing {
  readonly courseId: string;
  readonly enrollment?: EnrollmentView | undefined;
  readonly request?: AccessRequestView | undefined;
}

function standing(
  kind: 'enrollment' | 'detailedEnrollment',
  { courseId, enrollment, request }: Standing,
  visit: RowVisitor,
) {
  return {
    ...(enrollment && { enrollment: visit(kind, courseId, enrollment) }),
    ...(request && { request: visit('request', courseId, request) }),
  };
}

function each<Row extends object>(rows: readonly Row[], change: (row: Row) => Row | undefined): Row[] {
  return rows.flatMap((row) => change(row) ?? []);
}
