import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SyncClient, SyncClientOptions } from '../../shared/client/sync-client.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import { enrollmentView } from '../../shared/contracts/enrollment-view.ts';
import type { RowChange, StudentChange } from '../../shared/contracts/publish.ts';
import { visibleStudentChange } from '../../shared/domain/change.ts';
import type { EnrollmentState } from '../../shared/domain/states.ts';
import { enrollment, id } from '../domain/builders.ts';
import { adminChange, studentChange } from '../support/change.ts';
import { adasToken, settled, SyncSchool } from './sync-school.ts';

const PATH = '/me/dashboard';

/** Ada's enrollment at a version; its progress is the version, so that a test sees which it is. */
const at = (version: number): EnrollmentState =>
  enrollment({ userId: id<never>('ada'), version, progress: version });

const shows = (version: number) => ({
  userId: 'ada',
  enrollments: [enrollmentView(at(version), 'A course')],
  requests: [],
});

const tells = (version: number, change: Partial<StudentChange> = {}): StudentChange =>
  studentChange({
    views: ['StudentDashboard'],
    rows: [visibleStudentChange('enrollments', undefined, at(version))!.row],
    ...change,
  });

/** A change of a row that the dashboard does not show with its version. */
const elsewhere = (version: number): StudentChange => {
  const [row] = studentChange().rows;
  return studentChange({ views: ['StudentDashboard'], rows: [{ ...row!, version }] });
};

let school: SyncSchool;
let client: SyncClient;
let updates: ViewUpdate<'StudentDashboard'>[];

beforeEach(() => {
  vi.useFakeTimers();
  school = new SyncSchool();
  school.shows(PATH, shows(1));
  updates = [];
});

afterEach(() => {
  client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function watch(options: Partial<SyncClientOptions> = {}): () => void {
  client = school.client(options);
  return watchAgain();
}
function watchAgain(): () => void {
  return client.watch({ view: 'StudentDashboard' }, (update) => updates.push(update));
}

/** Watches until the view is live, and forgets how it came to that. */
async function watchLive(options: Partial<SyncClientOptions> = {}): Promise<() => void> {
  const stop = watch(options);
  await settled();
  expect(updates.at(-1)).toMatchObject({ live: true });
  updates.length = school.asked.length = 0;
  return stop;
}

/** What was shown, by the number that stands for the version. */
const progressOf = (update: ViewUpdate<'StudentDashboard'> | undefined) =>
  update?.data.enrollments[0]?.progress;
const shown = () => updates.map((update) => [update.cause, progressOf(update)]);

describe('a watched view', () => {
  it('is read at once, and again once the subscription has begun', async () => {
    watch();
    await settled();
    expect(school.asked).toEqual([
      { path: PATH, etag: undefined },
      { path: PATH, etag: updates[0]?.etag },
    ]);
    expect(updates).toMatchObject([
      { view: 'StudentDashboard', cause: 'loaded', data: shows(1), live: false, at: expect.any(Date) },
      { cause: 'reloaded', data: shows(1), live: true, etag: expect.stringMatching(/^"/) },
    ]);
    expect(school.states).toEqual(['connecting', 'live']);
  });

  it('is read once where the topic is live already', async () => {
    await watchLive();
    watchAgain();
    await settled();
    expect(school.asked).toHaveLength(1);
    expect(updates).toMatchObject([{ cause: 'loaded', live: true }]);
  });

  it('shows what is told at once, and what is read then', async () => {
    await watchLive();
    school.shows(PATH, { ...shows(2), cursor: 'more' });
    const event = tells(2);
    await school.tell(event);
    expect(updates).toMatchObject([
      { cause: 'event', data: shows(2), event, live: true },
      { cause: 'reloaded', data: { ...shows(2), cursor: 'more' } },
    ]);
    expect(updates[1]).not.toHaveProperty('event');
    expect(school.asked).toHaveLength(1);
  });

  it('is told of an event that does not carry what it shows, and is read for it', async () => {
    await watchLive();
    await school.tell(elsewhere(1));
    expect(shown()).toEqual([['event', 1]]);
    expect(school.asked).toHaveLength(1);
  });

  it('takes no notice of an event for another view', async () => {
    await watchLive();
    await school.tell(tells(2, { views: ['StudentProfile'] }));
    expect([updates, school.asked]).toEqual([[], []]);
  });

  it('takes no notice of an event that comes again, or after a newer one', async () => {
    await watchLive();
    school.shows(PATH, shows(3));
    await school.tell(tells(3));
    updates.length = school.asked.length = 0;
    await school.tell(tells(3));
    await school.tell(tells(2));
    expect([updates, school.asked]).toEqual([[], []]);
  });

  it('is read once more, however much was told while it was read', async () => {
    await watchLive();
    school.hold();
    for (const version of [1, 2, 3, 4]) await school.tell(elsewhere(version));
    expect(school.asked).toHaveLength(1);
    await school.letGo();
    expect(school.asked).toHaveLength(2);
  });

  it('is read now and then, which is told only where it differs', async () => {
    await watchLive();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(school.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(school.asked).toHaveLength(1);
    expect(updates).toEqual([]);
    school.shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shown()).toEqual([['reloaded', 2]]);
  });

  it('is asked for as its target says', async () => {
    client = school.client();
    const detail = { ...shows(1), courseId: 'a:b', chapters: [] };
    school.shows('/me/courses/a%3Ab', detail);
    school.shows('/admin/requests?status=rejected', { requests: [] });
    const [onDetail, onRequests] = [vi.fn(), vi.fn()];
    client.watch({ view: 'StudentCourseDetail', params: { courseId: 'a:b' } }, onDetail);
    client.watch({ view: 'AdminRequests', query: { status: 'rejected' } }, onRequests);
    await settled();
    expect(onDetail.mock.calls[0]).toMatchObject([{ data: detail }]);
    expect(onRequests.mock.calls[0]).toMatchObject([{ data: { requests: [] } }]);
  });
});

describe('an older version never follows a newer one', () => {
  it('though a read that began before the event is answered after it', async () => {
    await watchLive({ revalidateMs: 1000 });
    school.shows(PATH, { ...shows(1), cursor: 'old' });
    school.hold();
    await vi.advanceTimersByTimeAsync(1000);
    school.shows(PATH, { ...shows(2), cursor: 'new' });
    await school.tell(tells(2));
    await school.letGo();
    expect(shown()).toEqual([
      ['event', 2],
      ['reloaded', 2],
      ['reloaded', 2],
    ]);
    expect(updates.map(({ data }) => data.cursor)).toEqual([undefined, 'old', 'new']);
    expect(school.asked).toHaveLength(2);
  });

  it('though the event comes before the first reply', async () => {
    school.hold();
    watch();
    await settled();
    await school.tell(tells(2));
    school.shows(PATH, shows(2));
    await school.letGo();
    expect(shown()).toEqual([
      ['loaded', 2],
      ['reloaded', 2],
    ]);
  });

  it('though what is read lags behind: then it is read again, a few times', async () => {
    await watchLive();
    await school.tell(tells(2));
    expect(school.asked).toHaveLength(1);
    for (const [ms, reads] of [
      [100, 2],
      [200, 3],
      [400, 4],
      [800, 5],
      [1600, 6],
      [59_999, 6],
      [1, 7],
    ] as const) {
      await vi.advanceTimersByTimeAsync(ms);
      expect(school.asked).toHaveLength(reads);
    }
    expect(shown()).toEqual([['event', 2]]);
    await school.tell(tells(3));
    await vi.advanceTimersByTimeAsync(100);
    expect(school.asked).toHaveLength(9);
  });

  it('and it is read again only until it has caught up', async () => {
    await watchLive();
    await school.tell(tells(2));
    school.shows(PATH, shows(3));
    await vi.advanceTimersByTimeAsync(100);
    expect(shown()).toEqual([
      ['event', 2],
      ['reloaded', 3],
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(school.asked).toHaveLength(2);
  });

  it('and it is read as often again when it lags behind another time', async () => {
    await watchLive({ revalidateMs: 60_000 });
    await school.tell(tells(2));
    await vi.advanceTimersByTimeAsync(10_000);
    school.shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(60_000);
    school.shows(PATH, shows(1));
    await vi.advanceTimersByTimeAsync(50_000);
    school.asked.length = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(school.asked).toHaveLength(6);
    expect(shown().map(([, progress]) => progress)).not.toContain(1);
  });

  it('though a row that is gone is read once more', async () => {
    await watchLive();
    const gone: RowChange = { ...visibleStudentChange('enrollments', at(1), undefined)!.row };
    await school.tell(tells(2, { rows: [gone] }));
    await vi.advanceTimersByTimeAsync(100);
    expect(shown()).toEqual([['event', undefined]]);
    school.shows(PATH, { ...shows(1), enrollments: [], cursor: 'new' });
    await vi.advanceTimersByTimeAsync(200);
    expect(shown().at(-1)).toEqual(['reloaded', undefined]);
  });

  it('though one read is answered by a replica that is older than the last', async () => {
    await watchLive({ revalidateMs: 1000 });
    school.shows(PATH, shows(5));
    await vi.advanceTimersByTimeAsync(1000);
    school.shows(PATH, shows(4));
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().map(([, progress]) => progress)).toEqual([5, 5]);
  });
});

describe('while the connection is down', () => {
  it('views are polled, however often the connection fails, and are no longer live', async () => {
    await watchLive();
    school.up = false;
    await school.cut();
    expect(school.states.at(-1)).toBe('polling');
    await vi.advanceTimersByTimeAsync(14_999);
    expect(school.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(school.asked).toHaveLength(1);
    expect(updates).toEqual([]);
    school.shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(updates).toMatchObject([{ cause: 'reloaded', data: shows(2), live: false }]);
  });

  it('ends with a read, as events may have been missed', async () => {
    await watchLive();
    school.shows(PATH, shows(2));
    await school.cut();
    expect(updates).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(school.states).toEqual(['connecting', 'live', 'polling', 'live']);
    expect(updates).toMatchObject([{ cause: 'reloaded', data: shows(2), live: true }]);
    expect(school.asked).toHaveLength(1);
    await school.tell(tells(3));
    expect(shown().at(1)).toEqual(['event', 3]);
  });

  it('a page that is opened shows its views all the same', async () => {
    school.up = false;
    watch();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(updates).toMatchObject([{ cause: 'loaded', live: false }]);
    expect(school.asked).toHaveLength(2);
  });

  it('a read that was under way does not count as live', async () => {
    await watchLive({ revalidateMs: 1000 });
    school.shows(PATH, shows(2));
    school.hold();
    await vi.advanceTimersByTimeAsync(1000);
    school.up = false;
    await school.cut();
    await school.letGo();
    expect(updates).toMatchObject([{ data: shows(2), live: false }]);
  });
});

describe('watches', () => {
  it('share one connection, and one subscription for each topic', async () => {
    await watchLive();
    const stops = [
      watchAgain(),
      client.watch({ view: 'StudentProfile' }, () => undefined),
      client.watch({ view: 'AdminDashboard' }, () => undefined),
      client.watch({ view: 'AdminAnalytics', query: { courseId: 'c1' } }, () => undefined),
    ];
    await settled();
    expect(school.sockets.map((socket) => socket.subscriptions.size)).toEqual([2]);
    stops.forEach((stop) => stop());
    await settled();
    expect(school.sockets.map((socket) => socket.subscriptions.size)).toEqual([1]);
  });

  it('of admins hear the topic of the admins', async () => {
    client = school.client();
    school.shows('/admin/dashboard', { totals: {}, courses: [] });
    const onUpdate = vi.fn();
    client.watch({ view: 'AdminDashboard' }, onUpdate);
    await settled();
    await school.tell(adminChange());
    expect(onUpdate.mock.lastCall).toMatchObject([{ cause: 'event', event: adminChange() }]);
  });

  it('end on their own, with the request that is under way', async () => {
    const stop = await watchLive();
    watchAgain();
    await settled();
    updates.length = 0;
    school.hold();
    school.signals.length = 0;
    await school.tell(elsewhere(1));
    stop();
    stop();
    expect(school.signals.map((signal) => signal.aborted)).toEqual([true, false]);
    await school.letGo();
    await school.tell(tells(2));
    expect(updates.filter(({ cause }) => cause === 'event')).toHaveLength(3);
    expect(school.errors).toEqual([]);
  });

  it('may be stopped by what they show', async () => {
    client = school.client();
    let calls = 0;
    const stop: () => void = client.watch({ view: 'StudentDashboard' }, () => {
      calls += 1;
      stop();
    });
    await vi.advanceTimersByTimeAsync(120_000);
    expect([calls, school.asked.length]).toEqual([1, 1]);
  });

  it('all end when the client is closed, and none begins after', async () => {
    await watchLive();
    client.close();
    client.close();
    expect(school.states).toEqual(['connecting', 'live', 'closed']);
    expect(school.sockets.map((socket) => socket.closed)).toEqual([true]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([school.asked, updates, school.errors]).toEqual([[], [], []]);
    expect(watchAgain).toThrow('closed');
  });
});

describe('what goes wrong', () => {
  it('is reported, and the view read again, after twice the time each time up to the poll', async () => {
    await watchLive();
    school.fault = { status: 503 };
    await school.tell(elsewhere(1));
    for (const seconds of [1, 2, 4, 8, 15, 15]) {
      const before = school.asked.length;
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(school.asked).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(school.asked).toHaveLength(before + 1);
    }
    expect(school.errors).toHaveLength(7);
    school.fault = undefined;
    school.shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(shown().at(-1)).toEqual(['reloaded', 2]);
    school.fault = { status: 503 };
    await school.tell(elsewhere(2));
    school.asked.length = 0;
    await vi.advanceTimersByTimeAsync(1000);
    expect(school.asked).toHaveLength(1);
  });

  it('waits as long as a busy server asks', async () => {
    await watchLive();
    school.fault = { status: 503, headers: { 'retry-after': '7' } };
    await school.tell(elsewhere(1));
    await vi.advanceTimersByTimeAsync(6999);
    expect(school.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(school.asked).toHaveLength(2);
  });

  it('waits for the regular read, or news, where the request is refused', async () => {
    await watchLive();
    school.fault = { status: 404 };
    await school.tell(elsewhere(1));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(school.asked).toHaveLength(1);
    await school.tell(elsewhere(2));
    expect(school.asked).toHaveLength(2);
  });

  it('in the page does not end the watch', async () => {
    client = school.client();
    const onUpdate = vi.fn().mockImplementationOnce(() => {
      throw new Error('the page is broken');
    });
    client.watch({ view: 'StudentDashboard' }, onUpdate);
    await settled();
    expect(onUpdate).toHaveBeenCalledTimes(2);
    expect(school.errors).toEqual([new Error('the page is broken')]);
  });

  it('with a reply that is none does not end the watch', async () => {
    await watchLive();
    school.shows(PATH, { message: 'hello' });
    await school.tell(elsewhere(1));
    expect(school.errors).toHaveLength(1);
    school.shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().at(-1)).toEqual(['reloaded', 2]);
  });

  it('with an event that cannot be read is made good by a read', async () => {
    await watchLive();
    school.shows(PATH, shows(2));
    await school.tellRaw('onStudentChange', { onStudentChange: { userId: 'ada' } });
    expect(shown()).toEqual([['reloaded', 2]]);
    expect(school.errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching('unreadable') }),
    ]);
  });

  it('with a subscription that is refused leaves the views polled', async () => {
    school.refusal = 'Unauthorized';
    watch();
    await settled();
    expect(school.states).toEqual(['connecting', 'polling']);
    expect(school.errors).toEqual([new Error('refused: Unauthorized: no message')]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(school.asked).toHaveLength(2);
  });
});

describe('the student', () => {
  it('is whom the token names, in any script', async () => {
    const token = `x.${Buffer.from(JSON.stringify({ sub: 'Zoë>>>???' })).toString('base64url')}.x`;
    await watchLive({ token: async () => token });
    expect(school.sockets[0]?.userIds).toEqual(['Zoë>>>???']);
  });

  it('is the one given', async () => {
    await watchLive({ token: 'opaque', userId: 'eve' });
    expect(school.sockets[0]?.userIds).toEqual(['eve']);
  });

  it('is asked for again when there was no token', async () => {
    const token = vi.fn(() => adasToken);
    token.mockImplementationOnce(() => {
      throw new Error('signed out');
    });
    watch({ token });
    await settled();
    expect(school.states).toEqual(['connecting', 'polling']);
    expect(school.errors).toContainEqual(new Error('signed out'));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(school.states.at(-1)).toBe('live');
  });

  it('who is nobody is told so, and stays without push', async () => {
    watch({ token: 'x.e30.x' });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(school.errors).toEqual([new Error('the token names nobody'), new Error('the token names nobody')]);
    expect(updates).toMatchObject([{ cause: 'loaded', live: false }]);
  });
});
