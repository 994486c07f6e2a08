import { WebSocket } from 'ws';
import type { ApiClient } from '../../shared/client/api.ts';
import { createSyncClient, type SyncClientOptions, type SyncState } from '../../shared/client/sync-client.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';
import type { TestSchool } from './school.ts';

/** All nine views, as somebody sees them who has a window open as a student and one as an admin. */
export interface NineViews {
  /** What is shown now. */
  shown(): Partial<Record<ViewName, unknown>>;
  readonly updates: readonly ViewUpdate<ViewName>[];
  readonly errors: readonly unknown[];
  /** How the student's window and the admin's have been kept. */
  readonly states: { readonly student: readonly SyncState[]; readonly admin: readonly SyncState[] };
  live(): boolean;
  close(): void;
}

interface Watching {
  readonly userId: string;
  /** Of the course detail. */
  readonly courseId: string;
  readonly url?: string;
  readonly options?: Partial<SyncClientOptions>;
}

export function watchNineViews(
  school: TestSchool,
  { userId, courseId, url = school.url, options }: Watching,
): NineViews {
  const last = new Map<ViewName, ViewUpdate<ViewName>>();
  const updates: ViewUpdate<ViewName>[] = [];
  const errors: unknown[] = [];
  const states = { student: [] as SyncState[], admin: [] as SyncState[] };
  const client = (group: 'student' | 'admin', who: string) =>
    createSyncClient({
      url,
      graphqlUrl: `${url}/graphql`,
      token: () => school.token(who, [group]),
      WebSocket,
      onState: (state) => states[group].push(state),
      onError: (error) => errors.push(error),
      ...options,
    });
  const [student, admin] = [client('student', userId), client('admin', 'the-admin')];
  const show = (update: ViewUpdate<ViewName>): void => {
    last.set(update.view, update);
    updates.push(update);
  };
  student.watch({ view: 'StudentDashboard' }, show);
  student.watch({ view: 'StudentCourses' }, show);
  student.watch({ view: 'StudentProgress' }, show);
  student.watch({ view: 'StudentProfile' }, show);
  student.watch({ view: 'StudentCourseDetail', params: { courseId } }, show);
  admin.watch({ view: 'AdminDashboard' }, show);
  admin.watch({ view: 'AdminAnalytics' }, show);
  admin.watch({ view: 'AdminRequests' }, show);
  admin.watch({ view: 'AdminStudents' }, show);
  return {
    shown: () => Object.fromEntries([...last].map(([view, { data }]) => [view, data])),
    updates,
    errors,
    states,
    live: () => last.size === 9 && [...last.values()].every(({ live }) => live),
    close() {
      student.close();
      admin.close();
    },
  };
}

/** The nine views as the school tells them to who asks now. */
export async function readNineViews(
  student: ApiClient,
  admin: ApiClient,
  courseId: string,
): Promise<Record<ViewName, unknown>> {
  return {
    StudentDashboard: (await student.call('get-student-dashboard')).body,
    StudentCourses: (await student.call('get-student-courses')).body,
    StudentProgress: (await student.call('get-student-progress')).body,
    StudentProfile: (await student.call('get-student-profile')).body,
    StudentCourseDetail: (await student.call('get-student-course-detail', { params: { courseId } })).body,
    AdminDashboard: (await admin.call('get-admin-dashboard')).body,
    AdminAnalytics: (await admin.call('get-admin-analytics')).body,
    AdminRequests: (await admin.call('get-admin-requests')).body,
    AdminStudents: (await admin.call('get-admin-students')).body,
  };
}
