import { describe, expect, it } from 'vitest';
import { keepMatrix } from '../../console/src/matrix/keep-matrix.ts';
import {
  type Arrival,
  cellsOf,
  type Deed,
  REQUIRED_CELLS,
  VISIBLE_CELLS,
} from '../../console/src/matrix/seen-cells.ts';
import type { RowChange } from '../../shared/contracts/publish.ts';
import { REQUIREMENT } from '../../shared/domain/requirement.ts';

const deed = (over: Partial<Deed> = {}): Deed => ({
  names: ['Chapter Complete', 'Complete Chapter'],
  requestId: 'request-1',
  startedAt: 1000,
  repliedAt: 1040,
  ...over,
});

const row = (table: string, over: Partial<RowChange> = {}): RowChange => ({
  table,
  key: 'ada#heart',
  version: 2,
  removed: false,
  causedBy: 'request-1',
  causedAt: '2026-11-22T10:00:00.000Z',
  values: {},
  ...over,
});

const progress = (values: RowChange['values'] = { totalProgress: 25 }) => row('studentProgress', { values });

/** Of what the view showed with the event; a time of its own where it was read again for it. */
const arrival = (view: Arrival['view'], change: RowChange, at: number, shownAt = at): Arrival => ({
  view,
  row: change,
  at,
  shownAt,
});

const notShown = (view: Arrival['view'], change: RowChange, at: number): Arrival => ({
  view,
  row: change,
  at,
});

const ids = (cells: readonly { readonly id: string }[]) => cells.map(({ id }) => id);

describe('What was done', () => {
  it('fills the cells of every row of the requirement that it is, by the views that were told of it', () => {
    const cells = cellsOf(deed(), [
      arrival('StudentDashboard', progress(), 1080),
      arrival('AdminAnalytics', row('analytics', { key: 'course#heart#total#0' }), 1100),
    ]);
    expect(ids(cells)).toEqual([
      'Progress Sync: Chapter Complete → studentProgress.totalProgress',
      'Progress Sync: Chapter Complete → Student Dashboard',
      'Progress Sync: Chapter Complete → Admin Analytics',
      'Cross-App Sync (Student → Admin): Complete Chapter → Admin Analytics',
    ]);
    expect(cells[1]).toMatchObject({ afterClick: 80, afterReply: 40 });
  });

  it('fills nothing by what something else caused', () => {
    const other = { ...progress(), causedBy: 'request-2' };
    expect(cellsOf(deed(), [arrival('StudentDashboard', other, 1080)])).toEqual([]);
  });

  it('fills nothing of a view by a row that the view does not show, though the event was of both', () => {
    expect(cellsOf(deed(), [arrival('AdminAnalytics', row('enrollments'), 1080)])).toEqual([]);
  });

  it('fills the cell of an attribute only by a row that tells of it', () => {
    const watched = deed({ names: ['Video Time Update'] });
    const filled = (values: RowChange['values']) =>
      ids(cellsOf(watched, [arrival('StudentCourseDetail', progress(values), 1080)])).filter((id) =>
        id.includes('studentProgress'),
      );
    expect(filled({ totalProgress: 12 })).toEqual([
      'Video Progress Sync: Video Time Update → studentProgress.totalProgress',
    ]);
    expect(filled({ 'videos.film.percent': 50 })).toEqual([
      'Video Progress Sync: Video Time Update → studentProgress.watchedVideos',
    ]);
  });

  it('fills the cell of a table that nobody is told of by the reply', () => {
    expect(cellsOf(deed({ names: ['Video Time Update'] }), [])).toEqual([
      {
        id: 'Video Progress Sync: Video Time Update → videoProgress',
        startedAt: 1000,
        afterClick: 40,
        afterReply: 0,
      },
    ]);
  });

  it('was seen where the view showed it, if that was later, and at the first time of several', () => {
    const [cell] = cellsOf(deed({ names: ['Chapter Complete'] }), [
      arrival('AdminAnalytics', row('analytics'), 1200, 1230),
      arrival('AdminAnalytics', row('analytics'), 1100, 1130),
    ]);
    expect(cell).toMatchObject({ afterClick: 130, afterReply: 90 });
  });

  it('fills no cell of a view that was told of it and does not show it yet', () => {
    const told = notShown('StudentDashboard', progress(), 1080);
    expect(ids(cellsOf(deed({ names: ['Chapter Complete'] }), [told]))).toEqual([
      'Progress Sync: Chapter Complete → studentProgress.totalProgress',
    ]);
  });

  it('is there at once where the event overtakes the reply', () => {
    const [cell] = cellsOf(deed({ names: ['Chapter Complete'] }), [
      arrival('StudentDashboard', progress(), 1020),
    ]);
    expect(cell).toMatchObject({ afterClick: 20, afterReply: 0 });
  });

  it('takes the request away that it let in, though the row that is gone says who asked', () => {
    const approval = deed({ names: ['Request Approval'] });
    const gone = row('accessRequests', { removed: true, causedBy: 'the-asking' });
    const entered = arrival('AdminStudents', row('enrollments', { values: { status: 'active' } }), 1080);
    const filled = (arrivals: readonly Arrival[]) =>
      ids(cellsOf(approval, arrivals)).includes('Enrollment State Sync: Request Approval → Admin Requests');
    expect(filled([entered, arrival('AdminRequests', gone, 1090)])).toBe(true);
    expect(filled([arrival('AdminRequests', gone, 1090)])).toBe(false);
    expect(filled([entered, arrival('AdminRequests', { ...gone, key: 'bob#heart' }, 1090)])).toBe(false);
    expect(filled([entered, arrival('AdminRequests', gone, 900)])).toBe(false);
  });

  it('is in the sums that took the request away, though they say who asked', () => {
    const approval = deed({ names: ['Request Approval'] });
    const sums = arrival('AdminAnalytics', row('analytics', { causedBy: 'the-asking' }), 1200);
    const gone = row('accessRequests', { removed: true, causedBy: 'the-asking' });
    const entered = arrival('AdminStudents', row('enrollments', { values: { status: 'active' } }), 1080);
    const filled = (arrivals: readonly Arrival[]) =>
      ids(cellsOf(approval, arrivals)).includes('Enrollment State Sync: Request Approval → Admin Analytics');
    expect(filled([entered, arrival('AdminRequests', gone, 1090), sums])).toBe(true);
    expect(filled([entered, arrival('AdminRequests', gone, 1090), { ...sums, at: 900 }])).toBe(false);
    expect(filled([entered, sums])).toBe(false);
  });

  it('is told apart where a student and an admin do what has one name', () => {
    const enrolled = row('enrollments', { values: { status: 'active' } });
    const tables = (names: string[]) =>
      ids(cellsOf(deed({ names }), [arrival('StudentDashboard', enrolled, 1080)])).filter((id) =>
        id.includes('Direct Enroll →'),
      );
    expect(tables(['Direct Enrollment', 'Direct Enroll'])).toEqual([
      'Request Status Sync: Direct Enroll → Student Dashboard',
    ]);
    expect(tables(['Admin Enrollment', 'Direct Enroll'])).toEqual([
      'Cross-App Sync (Admin → Student): Direct Enroll → Student Dashboard',
    ]);
  });

  it('fills only cells that have to hold, and each is one that can be seen', () => {
    const tables = [
      'enrollments',
      'studentProgress',
      'accessRequests',
      'analytics',
      'qbankQuestionStatistics',
    ];
    const values = {
      status: 'x',
      progress: 1,
      totalProgress: 1,
      'videos.v.percent': 1,
      'quizzes.q.attempts': 1,
    };
    const views = [
      'StudentDashboard',
      'StudentCourses',
      'StudentProgress',
      'AdminDashboard',
      'AdminAnalytics',
      'AdminRequests',
      'AdminStudents',
    ] as const;
    const everything = views.flatMap((view) =>
      tables.map((table) => arrival(view, row(table, { values }), 1080)),
    );
    const names = [
      ...new Set(
        REQUIREMENT.filter(({ section }) => section < 8).flatMap(({ rows }) => rows.map(({ name }) => name)),
      ),
    ];
    const filled = new Set(ids(cellsOf(deed({ names }), everything)));
    const ofViews = [...VISIBLE_CELLS].filter((id) => id.startsWith('Real-Time Sync Status'));
    expect(ofViews).toHaveLength(27);
    expect([...filled, ...ofViews].sort()).toEqual([...VISIBLE_CELLS].sort());
    expect(REQUIRED_CELLS).toBe(180);
  });
});

describe('The matrix', () => {
  type Update = Parameters<ReturnType<typeof keepMatrix>['hear']>[0];

  function kept() {
    let now = 1000;
    const keeper = keepMatrix(() => now);
    return {
      keeper,
      at: (milliseconds: number) => {
        now = milliseconds;
      },
      hear: (view: string, data: object, rows?: readonly RowChange[], live = true) =>
        keeper.hear({
          view,
          data,
          live,
          at: new Date(now),
          etag: undefined,
          cause: rows === undefined ? 'reloaded' : 'event',
          ...(rows && { event: { eventId: 'e', at: '', views: [view], rows } }),
        } as unknown as Update),
      latency: (id: string) => keeper.matrix().cells.get(id)?.afterClick,
    };
  }
  const ANALYTICS = 'Progress Sync: Chapter Complete → Admin Analytics';
  const DASHBOARD = 'Progress Sync: Chapter Complete → Student Dashboard';

  it('knows what was told before the reply to it', () => {
    const { keeper, hear, at, latency } = kept();
    at(1030);
    hear('StudentDashboard', { progress: 25 }, [progress()]);
    expect(latency(DASHBOARD)).toBeUndefined();
    keeper.did([deed()]);
    expect(latency(DASHBOARD)).toBe(30);
  });

  it('says when a view showed what an event does not carry: once it was read again', () => {
    const { keeper, hear, at, latency } = kept();
    const before = { totals: 1 };
    hear('AdminAnalytics', before);
    keeper.did([deed()]);
    at(1100);
    hear('AdminAnalytics', before, [row('analytics')]);
    expect(latency(ANALYTICS)).toBeUndefined();
    at(1125);
    hear('AdminAnalytics', { totals: 2 });
    expect(latency(ANALYTICS)).toBe(125);
    at(1500);
    hear('AdminAnalytics', { totals: 3 });
    expect(latency(ANALYTICS)).toBe(125);
  });

  it('does not take a change of long after for what it was read again for', () => {
    const { keeper, hear, at, latency } = kept();
    const before = { totals: 1 };
    hear('AdminAnalytics', before);
    keeper.did([deed()]);
    at(1100);
    hear('AdminAnalytics', before, [row('analytics')]);
    at(31_200);
    hear('AdminAnalytics', { totals: 2 });
    expect(latency(ANALYTICS)).toBeUndefined();
  });

  it('waits for what a view is slow to show for as long as the client reads it', () => {
    const { keeper, hear, at, latency } = kept();
    const before = { totals: 1 };
    hear('AdminAnalytics', before);
    keeper.did([deed()]);
    at(1100);
    hear('AdminAnalytics', before, [row('analytics')]);
    at(20_000);
    hear('AdminAnalytics', { totals: 2 });
    expect(latency(ANALYTICS)).toBe(19_000);
  });

  it('shows the latency of the last time, also where an earlier one comes late', () => {
    const { keeper, hear, at, latency } = kept();
    const second = deed({ requestId: 'request-2', startedAt: 2000, repliedAt: 2010 });
    keeper.did([deed(), second]);
    at(2070);
    hear('StudentDashboard', {}, [{ ...progress(), causedBy: 'request-2' }]);
    at(2090);
    hear('StudentDashboard', {}, [progress()]);
    expect(latency(DASHBOARD)).toBe(70);
  });

  it('takes what the provider of payments says for the moment at which somebody paid', () => {
    const { keeper, hear, at } = kept();
    const causedAt = '2026-11-22T10:00:00.000Z';
    at(Date.parse(causedAt) + 90);
    hear('AdminStudents', {}, [
      row('enrollments', { causedBy: 'evt_1', causedAt, values: { status: 'active', source: 'payment' } }),
    ]);
    expect(
      keeper.matrix().cells.get('Enrollment State Sync: Payment Enrollment → enrollments'),
    ).toMatchObject({
      afterClick: 90,
    });
  });

  it('knows of each view whether it was loaded, is live and was pushed to', () => {
    const { keeper, hear } = kept();
    const page = (column: string) =>
      keeper.matrix().watched.has(`Real-Time Sync Status: Student Profile → ${column}`);
    hear('StudentProfile', {}, undefined, false);
    expect([page('Sync Client'), page('Auto-Refresh'), page('Status')]).toEqual([false, false, false]);
    hear('StudentProfile', {});
    expect([page('Sync Client'), page('Auto-Refresh'), page('Status')]).toEqual([true, false, true]);
    hear('StudentProfile', {}, [row('students')]);
    expect(page('Auto-Refresh')).toBe(true);
    hear('StudentProfile', {}, undefined, false);
    expect([page('Sync Client'), page('Auto-Refresh'), page('Status')]).toEqual([true, true, false]);
  });

  it('is the same object until something is new', () => {
    const { keeper, hear } = kept();
    const first = keeper.matrix();
    expect(keeper.matrix()).toBe(first);
    hear('StudentProfile', {});
    expect(keeper.matrix()).not.toBe(first);
  });
});
