import { createSyncClient } from '../../shared/client/sync-client.ts';
import type { ViewData, ViewName, WatchTarget } from '../../shared/client/watched-views.ts';
import * as act from './actions.ts';
import { isAbout, type Lab, type Learner } from './lab.ts';
import { cuttable, openPage } from './open-page.ts';
import { findInList, findOnDashboard, LONGEST_PAGE } from './pages.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';

/** Section 9: pages that keep themselves in step, by the client that pages use. */

/** A view, something that changes it, something that changes it again, and what it then shows. */
interface LiveView<View extends ViewName> {
  /** The table whose rows tell it of the change: it may come to show it also because it was told of another. */
  readonly by: string;
  readonly given: (lab: Lab) => Promise<Learner>;
  readonly as: 'student' | 'admin';
  readonly target: (learner: Learner, lab: Lab) => WatchTarget<View> | Promise<WatchTarget<View>>;
  readonly first: (learner: Learner, lab: Lab) => Promise<void>;
  readonly showsFirst: (data: ViewData<View>, learner: Learner) => boolean;
  readonly second: (learner: Learner, lab: Lab) => Promise<void>;
  readonly showsSecond: (data: ViewData<View>, learner: Learner) => boolean;
}

const readChapter = (learner: Learner) => act.completeChapter('read', learner);
const watchFilm = (learner: Learner) => act.watch(10, learner);

function progressView<View extends ViewName>(
  as: 'student' | 'admin',
  by: string,
  target: LiveView<View>['target'],
  percentOf: (data: ViewData<View>, learner: Learner) => number | null | undefined,
): LiveView<View> {
  return {
    by,
    given: act.studying,
    as,
    target,
    first: readChapter,
    showsFirst: (data, learner) => percentOf(data, learner) === 25,
    second: watchFilm,
    showsSecond: (data, learner) => percentOf(data, learner) === 50,
  };
}

const ofCourse = <Row extends { readonly courseId: string }>(rows: readonly Row[], { courseId }: Learner) =>
  rows.find((row) => row.courseId === courseId);

/** The query of the page it is on, as long as can be: a course that is published before it must not push it off. */
function pageOf(found: { readonly cursor: string | undefined } | undefined) {
  if (found === undefined) throw new Error('It is on no page');
  return { limit: LONGEST_PAGE, ...(found.cursor !== undefined && { cursor: found.cursor }) };
}

const isNamed = (name: string) => (data: ViewData<'StudentProfile'>) => data.name === name;
const rename =
  (name: string) =>
  async ({ api }: Learner) => {
    await api.call('put-student-profile', { body: { name } });
  };
const waitsSaying =
  (message: string) =>
  ({ requests }: ViewData<'AdminRequests'>, { userId }: Learner) =>
    requests.some((request) => request.userId === userId && request.message === message);
const ask =
  (message: string) =>
  async ({ api, courseId }: Learner) => {
    await api.call('request-access', { params: { courseId }, body: { message } });
  };
const AGAIN = 'Is there room by now?';

const profile: LiveView<'StudentProfile'> = {
  by: 'students',
  given: act.studying,
  as: 'student',
  target: () => ({ view: 'StudentProfile' }),
  first: rename('Ada'),
  showsFirst: isNamed('Ada'),
  second: rename('Ada Lovelace'),
  showsSecond: isNamed('Ada Lovelace'),
};

const requests: LiveView<'AdminRequests'> = {
  by: 'accessRequests',
  given: (lab) => lab.learner('request'),
  as: 'admin',
  target: () => ({ view: 'AdminRequests' }),
  first: ask('Please'),
  showsFirst: waitsSaying('Please'),
  second: async (learner, lab) => {
    await act.reject(learner, lab);
    await ask(AGAIN)(learner);
  },
  showsSecond: waitsSaying(AGAIN),
};

const dashboard = progressView<'StudentDashboard'>(
  'student',
  'studentProgress',
  () => ({ view: 'StudentDashboard' }),
  (data, learner) => ofCourse(data.enrollments, learner)?.progress,
);
const courses = progressView<'StudentCourses'>(
  'student',
  'studentProgress',
  async (learner) => ({
    view: 'StudentCourses',
    query: pageOf(await findInList(learner)),
  }),
  (data, learner) => ofCourse(data.courses, learner)?.enrollment?.progress,
);
const progress = progressView<'StudentProgress'>(
  'student',
  'studentProgress',
  () => ({ view: 'StudentProgress' }),
  (data, learner) => ofCourse(data.courses, learner)?.totalProgress,
);
const detail = progressView<'StudentCourseDetail'>(
  'student',
  'studentProgress',
  ({ courseId }) => ({ view: 'StudentCourseDetail', params: { courseId } }),
  (data) => data.totalProgress,
);
const board = progressView<'AdminDashboard'>(
  'admin',
  'analytics',
  async (learner, lab) => ({
    view: 'AdminDashboard',
    query: pageOf(await findOnDashboard(learner, lab)),
  }),
  (data, learner) => ofCourse(data.courses, learner)?.meanProgress,
);
const analytics = progressView<'AdminAnalytics'>(
  'admin',
  'analytics',
  ({ courseId }) => ({ view: 'AdminAnalytics', query: { courseId } }),
  (data) => data.totals.meanProgress,
);
const students = progressView<'AdminStudents'>(
  'admin',
  'enrollments',
  ({ courseId }) => ({ view: 'AdminStudents', query: { courseId } }),
  (data, learner) => ofCourse(data.students[0]?.enrollments ?? [], learner)?.progress,
);

const PAGES: ReadonlyMap<string, (lab: Lab) => Promise<Readonly<Record<string, Proof>>>> = new Map([
  ['Student Dashboard', (lab: Lab) => prove(lab, dashboard)],
  ['Student Courses', (lab: Lab) => prove(lab, courses)],
  ['Student Progress', (lab: Lab) => prove(lab, progress)],
  ['Student Profile', (lab: Lab) => prove(lab, profile)],
  ['Student Course Detail', (lab: Lab) => prove(lab, detail)],
  ['Admin Dashboard', (lab: Lab) => prove(lab, board)],
  ['Admin Analytics', (lab: Lab) => prove(lab, analytics)],
  ['Admin Requests', (lab: Lab) => prove(lab, requests)],
  ['Admin Students', (lab: Lab) => prove(lab, students)],
]);

/** Proves a page of section 9. */
export async function proveLiveView(lab: Lab, name: string): Promise<Readonly<Record<string, Proof>>> {
  const page = PAGES.get(name);
  if (page === undefined) throw new Error(`There is no page ${name}`);
  return page(lab);
}

/**
 * Sync Client: it loads the view and goes live. Auto-Refresh: it is told of what changes and shows it, and nobody asks it
 * to. Status: offline while something changes, it comes back and shows that too.
 */
async function prove<View extends ViewName>(
  lab: Lab,
  view: LiveView<View>,
): Promise<Readonly<Record<string, Proof>>> {
  const learner = await view.given(lab);
  await lab.quiet();
  const connection = cuttable(view.as === 'admin' ? lab.adminToken : learner.token);
  const client = createSyncClient({
    url: lab.school.url,
    graphqlUrl: lab.school.graphqlUrl,
    token: connection.token,
    WebSocket: connection.WebSocket,
    // Neither of these may be what shows a change.
    revalidateMs: 600_000,
    pollMs: 600_000,
    backoffMs: 50,
  });
  try {
    const page = openPage(lab, client, await view.target(learner, lab));
    const told = () => page.heard((row) => row.table === view.by && isAbout(learner, row));
    const loads = await attempt(async () => {
      const ms = await page.goesLive();
      return ms === undefined ? failed('the view did not go live') : proved('loaded and live', ms);
    });
    if (page.shows((data) => view.showsFirst(data, learner))) {
      const why = 'it showed the change before anything was done';
      return { 'Sync Client': loads, 'Auto-Refresh': failed(why), Status: failed(why) };
    }
    const refreshes = await attempt(async () => {
      await view.first(learner, lab);
      const ms = await page.comesToShow((data) => view.showsFirst(data, learner), told);
      return ms === undefined
        ? failed('the open page was not told of the change, or did not show it')
        : proved('pushed', ms);
    });
    const works = await attempt(async () => {
      if (page.shows((data) => view.showsSecond(data, learner))) {
        return failed('it showed what would change before it was offline');
      }
      connection.cut();
      await view.second(learner, lab);
      // Only what the page reads when it is back can show it, for no event comes any more.
      await lab.quiet();
      page.forget();
      connection.mend();
      const ms = await page.goesLive();
      if (ms === undefined) return failed('after it was offline, the page did not come back');
      return page.shows((data) => view.showsSecond(data, learner))
        ? proved('connected again and caught up', ms)
        : failed('after it was offline, the page did not show what had changed');
    });
    return { 'Sync Client': loads, 'Auto-Refresh': refreshes, Status: works };
  } finally {
    client.close();
  }
}
