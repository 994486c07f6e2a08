import { WebSocket } from 'ws';
import { createSyncClient, type SyncClient } from '../../shared/client/sync-client.ts';
import type { ViewData, ViewName, WatchTarget } from '../../shared/client/watched-views.ts';
import * as act from './actions.ts';
import type { Lab, Learner } from './lab.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';

/** Section 9: pages that keep themselves in step, by the client that pages use. */

/** A view, something that changes it, something that changes it again, and what it then shows. */
interface LiveView<View extends ViewName> {
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
  target: LiveView<View>['target'],
  percentOf: (data: ViewData<View>, learner: Learner) => number | null | undefined,
): LiveView<View> {
  return {
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

/** The query of the page on which something is. */
async function pageWith(
  read: (cursor: string | undefined) => Promise<{ found: boolean; next: string | undefined }>,
): Promise<{ cursor?: string }> {
  let cursor: string | undefined;
  for (;;) {
    const { found, next } = await read(cursor);
    if (found) return cursor === undefined ? {} : { cursor };
    if (next === undefined) throw new Error('It is on no page');
    cursor = next;
  }
}

const isNamed = (name: string) => (data: ViewData<'StudentProfile'>) => data.name === name;
const rename =
  (name: string) =>
  async ({ api }: Learner) => {
    await api.call('put-student-profile', { body: { name } });
  };
const waits = ({ requests }: ViewData<'AdminRequests'>, { userId }: Learner) =>
  requests.some((request) => request.userId === userId);

const profile: LiveView<'StudentProfile'> = {
  given: act.studying,
  as: 'student',
  target: () => ({ view: 'StudentProfile' }),
  first: rename('Ada'),
  showsFirst: isNamed('Ada'),
  second: rename('Ada Lovelace'),
  showsSecond: isNamed('Ada Lovelace'),
};

const requests: LiveView<'AdminRequests'> = {
  given: (lab) => lab.learner('request'),
  as: 'admin',
  target: () => ({ view: 'AdminRequests' }),
  first: act.askForAccess,
  showsFirst: waits,
  second: act.reject,
  showsSecond: (data, learner) => !waits(data, learner),
};

const dashboard = progressView<'StudentDashboard'>(
  'student',
  () => ({ view: 'StudentDashboard' }),
  (data, learner) => ofCourse(data.enrollments, learner)?.progress,
);
const courses = progressView<'StudentCourses'>(
  'student',
  async (learner) => ({
    view: 'StudentCourses',
    query: await pageWith(async (cursor) => {
      const { body } = await learner.api.call('get-student-courses', { query: { cursor } });
      return { found: ofCourse(body.courses, learner) !== undefined, next: body.cursor };
    }),
  }),
  (data, learner) => ofCourse(data.courses, learner)?.enrollment?.progress,
);
const progress = progressView<'StudentProgress'>(
  'student',
  () => ({ view: 'StudentProgress' }),
  (data, learner) => ofCourse(data.courses, learner)?.totalProgress,
);
const detail = progressView<'StudentCourseDetail'>(
  'student',
  ({ courseId }) => ({ view: 'StudentCourseDetail', params: { courseId } }),
  (data) => data.totalProgress,
);
const board = progressView<'AdminDashboard'>(
  'admin',
  async (learner, lab) => ({
    view: 'AdminDashboard',
    query: await pageWith(async (cursor) => {
      const { body } = await lab.admin.call('get-admin-dashboard', { query: { cursor } });
      return { found: ofCourse(body.courses, learner) !== undefined, next: body.cursor };
    }),
  }),
  (data, learner) => ofCourse(data.courses, learner)?.meanProgress,
);
const analytics = progressView<'AdminAnalytics'>(
  'admin',
  ({ courseId }) => ({ view: 'AdminAnalytics', query: { courseId } }),
  (data) => data.totals.meanProgress,
);
const students = progressView<'AdminStudents'>(
  'admin',
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
 * Sync Client: it loads the view and goes live. Auto-Refresh: it shows what changes, and nobody asks it to. Status:
 * cut off while something changes, it comes back and shows that too.
 */
async function prove<View extends ViewName>(
  lab: Lab,
  view: LiveView<View>,
): Promise<Readonly<Record<string, Proof>>> {
  const learner = await view.given(lab);
  await lab.school.quiet();
  const sockets = new Set<WebSocket>();
  class Cuttable extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given);
      sockets.add(this);
    }
  }
  const client = createSyncClient({
    url: lab.school.url,
    graphqlUrl: lab.school.graphqlUrl,
    token: view.as === 'admin' ? lab.adminToken : learner.token,
    WebSocket: Cuttable,
    // Neither of these may be what shows a change.
    revalidateMs: 600_000,
    pollMs: 600_000,
    backoffMs: 50,
  });
  try {
    const page = openPage(lab, client, await view.target(learner, lab));
    const loads = await attempt(async () => {
      const ms = await page.until(({ live }) => live);
      return ms === undefined ? failed('the view did not go live') : proved('loaded and live', ms);
    });
    if (page.shows((data) => view.showsFirst(data, learner))) {
      const why = 'it showed the change before anything was done';
      return { 'Sync Client': loads, 'Auto-Refresh': failed(why), Status: failed(why) };
    }
    const refreshes = await attempt(async () => {
      await view.first(learner, lab);
      const ms = await page.until(({ data }) => view.showsFirst(data, learner));
      return ms === undefined ? failed('the open page did not show the change') : proved('pushed', ms);
    });
    const works = await attempt(async () => {
      for (const socket of sockets) socket.terminate();
      await view.second(learner, lab);
      const ms = await page.until(({ data, live }) => live && view.showsSecond(data, learner));
      return ms === undefined
        ? failed('after its connection was cut, the page did not show what had changed')
        : proved('connected again and caught up', ms);
    });
    return { 'Sync Client': loads, 'Auto-Refresh': refreshes, Status: works };
  } finally {
    client.close();
  }
}

interface Shown<View extends ViewName> {
  readonly data: ViewData<View>;
  readonly live: boolean;
}

/** A page that shows a view. */
function openPage<View extends ViewName>(lab: Lab, client: SyncClient, target: WatchTarget<View>) {
  let shown: Shown<View> | undefined;
  const waiting = new Set<() => void>();
  client.watch(target, (update) => {
    shown = update;
    for (const look of waiting) look();
  });
  return {
    shows: (test: (data: ViewData<View>) => boolean) => shown !== undefined && test(shown.data),
    /** Milliseconds until what is shown passes the test; undefined when it never does. */
    until(test: (shown: Shown<View>) => boolean): Promise<number | undefined> {
      const since = performance.now();
      return new Promise((resolve) => {
        const end = (ms: number | undefined) => {
          waiting.delete(look);
          clearTimeout(timer);
          resolve(ms);
        };
        const look = () => {
          if (shown !== undefined && test(shown)) end(performance.now() - since);
        };
        const timer = setTimeout(() => end(undefined), lab.timeoutMs);
        waiting.add(look);
        look();
      });
    },
  };
}
