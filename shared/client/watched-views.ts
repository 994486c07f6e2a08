import type { AdminView, StudentView } from '../contracts/publish.ts';
import type { ApiClient, ApiResult, Arguments, CallInput, CallName, Reply } from './api.ts';

export type ViewName = StudentView | AdminView;

interface ViewOperations {
  readonly StudentDashboard: 'get-student-dashboard';
  readonly StudentCourses: 'get-student-courses';
  readonly StudentProgress: 'get-student-progress';
  readonly StudentProfile: 'get-student-profile';
  readonly StudentCourseDetail: 'get-student-course-detail';
  readonly AdminDashboard: 'get-admin-dashboard';
  readonly AdminAnalytics: 'get-admin-analytics';
  readonly AdminRequests: 'get-admin-requests';
  readonly AdminStudents: 'get-admin-students';
}

/** What a view shows: the reply of its operation. */
export type ViewData<View extends ViewName> = Reply<ViewOperations[View]>;

/** A view with what its operation asks for, such as the course of a detail or the page of a list. */
export type WatchTarget<View extends ViewName> = { readonly view: View } & Pick<
  CallInput<ViewOperations[View]>,
  'params' | 'query'
>;

/** Reads a view; under a known ETag undefined when it is still the same. Throws as `ApiClient.call`. */
export type ViewReader<View extends ViewName> = (
  etag: string | undefined,
  signal: AbortSignal,
) => Promise<ApiResult<ViewOperations[View]> | undefined>;

/** Who is told of changes to a view: the student whose it is, or all admins. */
export type TopicName = 'student' | 'admin';

interface WatchedView<View extends ViewName> {
  readonly topic: TopicName;
  /** Tables whose rows it finds by an index, which may lag behind what an event told. */
  readonly lagging?: readonly string[];
  readonly reader: (api: ApiClient, target: WatchTarget<View>) => ViewReader<View>;
}

function reading<Name extends CallName>(
  api: ApiClient,
  name: Name,
  input: (signal: AbortSignal) => Arguments<Name>,
) {
  return (etag: string | undefined, signal: AbortSignal): Promise<ApiResult<Name> | undefined> =>
    etag === undefined ? api.call(name, ...input(signal)) : api.revalidate(name, etag, ...input(signal));
}

export const watchedViews: { readonly [View in ViewName]: WatchedView<View> } = {
  StudentDashboard: {
    topic: 'student',
    reader: (api, { query }) => reading(api, 'get-student-dashboard', (signal) => [{ query, signal }]),
  },
  StudentCourses: {
    topic: 'student',
    reader: (api, { query }) => reading(api, 'get-student-courses', (signal) => [{ query, signal }]),
  },
  StudentProgress: {
    topic: 'student',
    reader: (api, { query }) => reading(api, 'get-student-progress', (signal) => [{ query, signal }]),
  },
  StudentProfile: {
    topic: 'student',
    reader: (api, { query }) => reading(api, 'get-student-profile', (signal) => [{ query, signal }]),
  },
  StudentCourseDetail: {
    topic: 'student',
    reader: (api, { params }) => reading(api, 'get-student-course-detail', (signal) => [{ params, signal }]),
  },
  AdminDashboard: {
    topic: 'admin',
    lagging: ['courses'],
    reader: (api, { query }) => reading(api, 'get-admin-dashboard', (signal) => [{ query, signal }]),
  },
  AdminAnalytics: {
    topic: 'admin',
    reader: (api, { query }) => reading(api, 'get-admin-analytics', (signal) => [{ query, signal }]),
  },
  AdminRequests: {
    topic: 'admin',
    lagging: ['accessRequests'],
    reader: (api, { query }) => reading(api, 'get-admin-requests', (signal) => [{ query, signal }]),
  },
  AdminStudents: {
    topic: 'admin',
    lagging: ['enrollments', 'students'],
    reader: (api, { query }) => reading(api, 'get-admin-students', (signal) => [{ query, signal }]),
  },
};
