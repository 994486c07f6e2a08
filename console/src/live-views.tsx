import { type ReactNode, useEffect, useMemo } from 'react';
import type { SyncClient } from '../../shared/client/sync-client.ts';
import { type ViewSource, viewSource } from '../../shared/client/view-source.ts';
import type { ViewName, WatchTarget } from '../../shared/client/watched-views.ts';
import type { Actions } from './actions.ts';
import { type School, type Views, ViewsContext } from './school.ts';

interface LiveViewsProps {
  readonly school: School;
  /** Of the detail. */
  readonly courseId: string | undefined;
  readonly children: ReactNode;
}

/** Keeps the nine views for all pages, and lets `actions` hear of every update of theirs. */
export function LiveViews({ school, courseId, children }: LiveViewsProps) {
  const { actions } = school;
  const admin = useHeard(school.admin.sync, actions);
  const student = useHeard(school.student?.sync, actions);
  const StudentDashboard = useKept(student, { view: 'StudentDashboard' });
  const StudentCourses = useKept(student, { view: 'StudentCourses' });
  const StudentProgress = useKept(student, { view: 'StudentProgress' });
  const StudentProfile = useKept(student, { view: 'StudentProfile' });
  const StudentCourseDetail = useKept(courseId === undefined ? undefined : student, {
    view: 'StudentCourseDetail',
    params: { courseId: courseId ?? '' },
  });
  const AdminDashboard = useKept(admin, { view: 'AdminDashboard' });
  const AdminAnalytics = useKept(admin, { view: 'AdminAnalytics' });
  const AdminRequests = useKept(admin, { view: 'AdminRequests' });
  const AdminStudents = useKept(admin, { view: 'AdminStudents' });
  const ofStudent = {
    StudentDashboard,
    StudentCourses,
    StudentProgress,
    StudentProfile,
    StudentCourseDetail,
  };
  const ofAdmin = { AdminDashboard, AdminAnalytics, AdminRequests, AdminStudents };
  const all: Views = { ...ofStudent, ...ofAdmin };
  // The same as long as its sources are: whoever looks at one view is not rendered for another.
  const views = useMemo(() => all, Object.values(all));
  return <ViewsContext value={views}>{children}</ViewsContext>;
}

/** A view that is watched as long as the console is open, whether a page shows it or not. */
function useKept<View extends ViewName>(
  client: SyncClient | undefined,
  target: WatchTarget<View>,
): ViewSource<View> {
  const asked = JSON.stringify(target);
  const source = useMemo(() => viewSource(client, target), [client, asked]);
  useEffect(() => source.subscribe(() => undefined), [source]);
  return source;
}

// What renders may skip an update that another follows at once; the one who listens may not.
function useHeard(client: SyncClient | undefined, actions: Actions): SyncClient | undefined {
  return useMemo(() => {
    if (client === undefined) return undefined;
    return {
      watch: (target, callback) =>
        client.watch(target, (update) => {
          actions.hear(update);
          callback(update);
        }),
      close: () => client.close(),
    } satisfies SyncClient;
  }, [client, actions]);
}
