import type { EnrollmentView, Totals } from '../../shared/contracts/views.ts';
import type { Lab, Learner } from './lab.ts';
import { findInList, findOnDashboard, findOnPages } from './pages.ts';
import type { Target } from './prove-row.ts';

/** The places where a change can arrive, each asking whether it is there. */

type Row = Readonly<Record<string, unknown>>;

function rowOf(table: string, shows: (row: Row | undefined) => boolean): Target {
  return {
    shows: async ({ userId, courseId }, lab) => shows(await lab.row(table, { userId, courseId })),
  };
}

export const progressRow = (shows: (row: Row | undefined) => boolean) => rowOf('studentProgress', shows);
export const enrollmentRow = (shows: (row: Row | undefined) => boolean) => rowOf('enrollments', shows);
export const requestRow = (shows: (row: Row | undefined) => boolean) => rowOf('accessRequests', shows);

/** A row of `videoProgress` or `quizAttempts`, by what its sort key has after the course. */
export function factRow(
  table: 'videoProgress' | 'quizAttempts',
  sort: { readonly name: string; readonly rest: string },
  shows: (row: Row | undefined) => boolean,
): Target {
  return {
    shows: async ({ userId, courseId }, lab) =>
      shows(await lab.row(table, { userId, [sort.name]: `${courseId}#${sort.rest}` })),
  };
}

/** What a student sees of a course on a page. */
export interface Place {
  readonly enrollment: EnrollmentView | undefined;
  readonly request: string | undefined;
}

/** The tables whose rows tell a student of a change. */
export type StudentTables = readonly ('enrollments' | 'studentProgress' | 'accessRequests')[];

export function studentDashboard(by: StudentTables, shows: (place: Place) => boolean): Target {
  return {
    told: { topic: 'student', view: 'StudentDashboard', by },
    shows: async ({ api, courseId }) => {
      const { body } = await api.call('get-student-dashboard');
      return shows({
        enrollment: body.enrollments.find((each) => each.courseId === courseId),
        request: body.requests.find((each) => each.courseId === courseId)?.status,
      });
    },
  };
}

export function studentCourses(by: StudentTables, shows: (place: Place) => boolean): Target {
  return {
    told: { topic: 'student', view: 'StudentCourses', by },
    shows: async (learner) => {
      const found = await findInList(learner);
      return shows({ enrollment: found?.row.enrollment, request: found?.row.request?.status });
    },
  };
}

/** Whether the course is on the page, and how far the student is. */
export function studentProgress(
  by: StudentTables,
  shows: (course: { readonly totalProgress: number | null } | undefined) => boolean,
): Target {
  return {
    told: { topic: 'student', view: 'StudentProgress', by },
    shows: async ({ api, courseId }) => {
      const { body } = await api.call('get-student-progress');
      return shows(body.courses.find((each) => each.courseId === courseId));
    },
  };
}

/** The course on the page with the whole school's totals. */
export function adminDashboard(
  shows: (course: {
    readonly learners: number;
    readonly meanProgress: number | null;
    readonly pendingRequests: number;
  }) => boolean,
): Target {
  return {
    told: { topic: 'admins', view: 'AdminDashboard', by: ['analytics'] },
    shows: async (learner, lab) => {
      const found = await findOnDashboard(learner, lab);
      return found !== undefined && shows(found.row);
    },
  };
}

export function adminAnalytics(
  shows: (totals: Totals) => boolean,
  showed: (totals: Totals) => boolean = () => true,
): Target {
  const totals = async ({ courseId }: Learner, lab: Lab) =>
    (await lab.admin.call('get-admin-analytics', { query: { courseId } })).body.totals;
  return {
    told: { topic: 'admins', view: 'AdminAnalytics', by: ['analytics'] },
    shows: async (learner, lab) => shows(await totals(learner, lab)),
    showed: async (learner, lab) => showed(await totals(learner, lab)),
  };
}

/** How many people the question table counts who met a question first. */
export async function peopleInQuestionTable(
  questionId: string,
  { courseId }: Learner,
  { admin }: Lab,
): Promise<number | undefined> {
  const { body } = await admin.call('get-question-table', { params: { courseId } });
  return body.questions.find((each) => each.questionId === questionId)?.figures.people;
}

/** Whether the student's request is among those that wait. */
export function adminRequests(shows: (waits: boolean) => boolean): Target {
  return {
    told: { topic: 'admins', view: 'AdminRequests', by: ['accessRequests'] },
    shows: async (learner, lab) => shows(await waits(learner, lab)),
  };
}

async function waits({ userId, courseId }: Learner, { admin }: Lab): Promise<boolean> {
  const found = await findOnPages(
    async (cursor) => {
      const { body } = await admin.call('get-admin-requests', { query: { cursor } });
      return { rows: body.requests, next: body.cursor };
    },
    (request) => request.userId === userId && request.courseId === courseId,
  );
  return found !== undefined;
}

export function adminStudents(shows: (enrollment: EnrollmentView | undefined) => boolean): Target {
  return {
    told: { topic: 'admins', view: 'AdminStudents', by: ['enrollments'] },
    shows: async ({ userId, courseId }, lab) => {
      const { body } = await lab.admin.call('get-admin-students', { query: { courseId } });
      const student = body.students.find((each) => each.userId === userId);
      return shows(student?.enrollments?.find((each) => each.courseId === courseId));
    },
  };
}
