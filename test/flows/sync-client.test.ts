import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  createSyncClient,
  type SyncClient,
  type SyncClientOptions,
} from '../../shared/client/sync-client.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import type { ViewName, WatchTarget } from '../../shared/client/watched-views.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { useSchool } from '../support/school.ts';

describe('The sync client', () => {
  const school = useSchool();
  const clients: SyncClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  function client(userId: string, group: string, options: Partial<SyncClientOptions> = {}): SyncClient {
    const made = createSyncClient({
      url: school().url,
      graphqlUrl: school().graphqlUrl,
      token: () => school().token(userId, [group]),
      WebSocket,
      backoffMs: 50,
      // Nothing here comes from reading now and then.
      revalidateMs: 300_000,
      pollMs: 300_000,
      ...options,
    });
    clients.push(made);
    return made;
  }

  /** Everything a watch shows; resolves when it is live. */
  async function watch<View extends ViewName>(
    by: SyncClient,
    target: WatchTarget<View>,
  ): Promise<ViewUpdate<View>[]> {
    const updates: ViewUpdate<View>[] = [];
    by.watch(target, (update) => updates.push(update));
    await until(updates, ({ live }) => live);
    return updates;
  }

  async function until<View extends ViewName>(
    updates: readonly ViewUpdate<View>[],
    holds: (update: ViewUpdate<View>) => boolean,
  ): Promise<void> {
    const last = (): boolean => updates.length > 0 && holds(updates.at(-1)!);
    await expect.poll(last).toBe(true);
  }

  /** What was shown, each value once. */
  const series = <View extends ViewName>(
    updates: readonly ViewUpdate<View>[],
    value: (update: ViewUpdate<View>) => unknown,
  ): unknown[] => updates.map(value).filter((each, index, all) => each !== all[index - 1]);

  const told = <View extends ViewName>(updates: readonly ViewUpdate<View>[]): unknown[] =>
    updates.filter(({ cause }) => cause === 'event');

  /** A course, published, with a learner in it. */
  async function enrolled(courseId: string, userId: string) {
    const admin = await school().admin();
    const student = await school().student(userId);
    const params = { courseId };
    await publish(admin, courseId, threeChapters());
    await student.call('enroll-directly', { params });
    await school().quiet();
    return { admin, student, params, read: { params: { ...params, chapterId: 'read' } } };
  }

  it('moves what a student watches with what the student does, and never back', async () => {
    const { student, params, read } = await enrolled('watched', 'ada');
    const sync = client('ada', 'student');
    const [dashboard, courses, progress, detail] = await Promise.all([
      watch(sync, { view: 'StudentDashboard' }),
      watch(sync, { view: 'StudentCourses' }),
      watch(sync, { view: 'StudentProgress' }),
      watch(sync, { view: 'StudentCourseDetail', params }),
    ]);
    await student.call('complete-chapter', read);
    await student.call('record-video-beat', {
      params: { ...params, videoId: 'film' },
      body: { intervals: [[0, 10]] },
    });
    await student.call('submit-quiz-attempt', {
      params: { ...params, quizId: 'quiz', attemptId: 'one' },
      body: rightAnswers,
    });
    const percent = {
      dashboard: ({ data }: (typeof dashboard)[number]) => data.enrollments[0]?.progress,
      courses: ({ data }: (typeof courses)[number]) =>
        data.courses.find(({ courseId }) => courseId === 'watched')?.enrollment?.progress,
      progress: ({ data }: (typeof progress)[number]) => data.courses[0]?.totalProgress,
      detail: ({ data }: (typeof detail)[number]) => data.totalProgress,
    };
    await until(dashboard, (update) => percent.dashboard(update) === 100);
    await until(courses, (update) => percent.courses(update) === 100);
    await until(progress, (update) => percent.progress(update) === 100);
    await until(detail, (update) => percent.detail(update) === 100);
    const figures = [
      series(dashboard, percent.dashboard),
      series(courses, percent.courses),
      series(progress, percent.progress),
      series(detail, percent.detail),
    ];
    for (const each of figures) expect(each).toEqual([...each].sort((a, b) => Number(a) - Number(b)));
    for (const updates of [dashboard, courses, progress, detail]) {
      expect(told(updates)).not.toEqual([]);
    }
    await school().quiet();
    await until(dashboard, ({ data }) => data.enrollments[0]?.status === 'completed');
    await until(detail, ({ data }) =>
      data.chapters.every((chapter) => chapter.items.every((i) => i.completed)),
    );
    expect(progress.at(-1)?.data.courses[0]).toMatchObject({
      completedItems: 3,
      completedChapters: ['read'],
    });
  });

  it('moves what admins watch with what a student does', async () => {
    const { student, params, read } = await enrolled('taught', 'ben');
    const sync = client('the-admin', 'admin');
    const [dashboard, analytics, students] = await Promise.all([
      watch(sync, { view: 'AdminDashboard' }),
      watch(sync, { view: 'AdminAnalytics', query: params }),
      watch(sync, { view: 'AdminStudents', query: params }),
    ]);
    await student.call('complete-chapter', read);
    await until(
      dashboard,
      ({ data }) => data.courses.find(({ courseId }) => courseId === 'taught')?.meanProgress === 33,
    );
    await until(analytics, ({ data }) => data.totals.chaptersCompleted === 1);
    await until(students, ({ data }) => data.students[0]?.enrollments?.[0]?.progress === 33);
    for (const updates of [dashboard, analytics, students]) expect(told(updates)).not.toEqual([]);
  });

  it('tells admins of requests, and students of what becomes of theirs', async () => {
    const admin = await school().admin();
    const student = await school().student('cyn');
    const params = { courseId: 'asked-for' };
    await publish(admin, 'asked-for', threeChapters({ access: 'request' }));
    const requests = await watch(client('the-admin', 'admin'), { view: 'AdminRequests' });
    const detail = await watch(client('cyn', 'student'), { view: 'StudentCourseDetail', params });
    await student.call('request-access', { params, body: {} });
    await until(requests, ({ data }) => data.requests.some(({ courseId }) => courseId === 'asked-for'));
    await until(detail, ({ data }) => data.request?.status === 'pending');
    await admin.call('approve-request', { params: { ...params, userId: 'cyn' } });
    await until(requests, ({ data }) => data.requests.length === 0);
    await until(detail, ({ data }) => data.enrollment?.source === 'request' && data.request === undefined);
    expect([told(requests).length, told(detail).length].every((count) => count >= 2)).toBe(true);
  });

  it('shows a changed profile', async () => {
    const student = await school().student('dan');
    const profile = await watch(client('dan', 'student'), { view: 'StudentProfile' });
    await student.call('put-student-profile', { body: { name: 'Dan' } });
    await until(profile, ({ data }) => data.name === 'Dan');
    expect(told(profile)).not.toEqual([]);
  });

  it('shows after a reconnect what it could not be told meanwhile', async () => {
    const { student, read } = await enrolled('missed', 'eve');
    const states: string[] = [];
    const sync = client('eve', 'student', { onState: (state) => states.push(state) });
    const dashboard = await watch(sync, { view: 'StudentDashboard' });
    school().stack.realtime.dropNext(100);
    await student.call('complete-chapter', read);
    await school().quiet();
    expect(told(dashboard)).toEqual([]);
    // Those that are left of the hundred.
    school().stack.realtime.dropNext(-100);
    school().stack.realtime.cut();
    await until(dashboard, ({ data, live }) => data.enrollments[0]?.progress === 33 && live);
    expect(dashboard.at(-1)?.cause).toBe('reloaded');
    expect(states).toEqual(['connecting', 'live', 'polling', 'live']);
  });

  it('finds what no event told of by reading now and then, and by polling where it is refused', async () => {
    const { student, read } = await enrolled('polled', 'fay');
    const errors: string[] = [];
    const sync = client('fay', 'student', {
      // Somebody else's topic.
      userId: 'ada',
      pollMs: 200,
      onError: (error) => errors.push(String(error)),
    });
    const updates: ViewUpdate<'StudentDashboard'>[] = [];
    sync.watch({ view: 'StudentDashboard' }, (update) => updates.push(update));
    await until(updates, ({ data }) => data.enrollments[0]?.progress === 0);
    await student.call('complete-chapter', read);
    await until(updates, ({ data }) => data.enrollments[0]?.progress === 33);
    expect(updates.some(({ live }) => live)).toBe(false);
    expect(errors).toEqual([expect.stringContaining('Unauthorized')]);
  });

  it('uses one connection for all its views, and leaves nothing behind', async () => {
    const { realtime } = school().stack;
    await expect.poll(() => realtime.connectionCount).toBe(0);
    const sync = client('the-admin', 'admin');
    await Promise.all(
      (['AdminDashboard', 'AdminAnalytics', 'AdminStudents'] as const).map((view) => watch(sync, { view })),
    );
    await watch(sync, { view: 'StudentProfile' });
    expect([realtime.connectionCount, realtime.subscriptionCount]).toEqual([1, 2]);
    sync.close();
    await expect.poll(() => realtime.connectionCount).toBe(0);
  });
});
