import { describe, expect, it, vi } from 'vitest';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import { adminChange } from '../support/change.ts';
import { CONFIRM_MS, elsewhere, PATH, shows, tells, useDashboardWatch } from './dashboard-watch.ts';
import { settled } from './sync-school.ts';

const { school, client, updates, shown, openClient, watch, watchAgain, watchLive } = useDashboardWatch();

describe('a watched view', () => {
  it('is read at once, and again once the subscription has begun', async () => {
    watch();
    await settled();
    expect(school().asked).toEqual([
      { path: PATH, etag: undefined },
      { path: PATH, etag: updates[0]?.etag },
    ]);
    expect(updates).toMatchObject([
      { view: 'StudentDashboard', cause: 'loaded', data: shows(1), live: false, at: expect.any(Date) },
      { cause: 'reloaded', data: shows(1), live: true, etag: expect.stringMatching(/^"/) },
    ]);
    expect(school().states).toEqual(['connecting', 'live']);
  });

  it('is read once where the topic is live already', async () => {
    await watchLive();
    watchAgain();
    await settled();
    expect(school().asked).toHaveLength(1);
    expect(updates).toMatchObject([{ cause: 'loaded', live: true }]);
  });

  it('shows what is told at once, and what is read then', async () => {
    await watchLive();
    school().shows(PATH, { ...shows(2), cursor: 'more' });
    const event = tells(2);
    await school().tell(event);
    expect(updates).toMatchObject([{ cause: 'event', data: shows(2), event, live: true, confirmed: false }]);
    // Views that have to be read for the event go first.
    await vi.advanceTimersByTimeAsync(CONFIRM_MS - 1);
    expect(school().asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(updates.slice(1)).toMatchObject([
      { cause: 'reloaded', data: { ...shows(2), cursor: 'more' }, confirmed: true },
    ]);
    expect(updates[1]).not.toHaveProperty('event');
    expect(school().asked).toHaveLength(1);
  });

  it('is not put off by more that it shows at once', async () => {
    await watchLive();
    school().shows(PATH, shows(6));
    for (const version of [2, 3, 4, 5, 6]) {
      await school().tell(tells(version));
      await vi.advanceTimersByTimeAsync(CONFIRM_MS / 5);
    }
    expect(shown().map(([, progress]) => progress)).toEqual([2, 3, 4, 5, 6, 6]);
    expect(updates.at(-1)).toMatchObject({ cause: 'reloaded' });
    expect(school().asked).toHaveLength(1);
  });

  it('is told of an event that does not carry what it shows, and is read for it', async () => {
    await watchLive();
    await school().tell(elsewhere(1));
    expect(school().asked).toHaveLength(1);
    // Once what was told is known to be shown, that is told, though nothing in it is new.
    expect(updates).toMatchObject([
      { cause: 'event', data: shows(1), confirmed: false },
      { cause: 'reloaded', data: shows(1), confirmed: true },
    ]);
    expect(updates[1]?.data).toBe(updates[0]?.data);
  });

  it('takes no notice of an event for another view', async () => {
    await watchLive();
    await school().tell(tells(2, { views: ['StudentProfile'] }));
    expect([updates, school().asked]).toEqual([[], []]);
  });

  it('takes no notice of an event that comes again, or after a newer one', async () => {
    await watchLive();
    school().shows(PATH, shows(3));
    await school().tell(tells(3));
    await vi.advanceTimersByTimeAsync(CONFIRM_MS);
    updates.length = school().asked.length = 0;
    await school().tell(tells(3));
    await school().tell(tells(2));
    expect([updates, school().asked]).toEqual([[], []]);
  });

  it('is read once more, however much was told while it was read', async () => {
    await watchLive();
    school().hold();
    for (const version of [1, 2, 3, 4]) await school().tell(elsewhere(version));
    expect(school().asked).toHaveLength(1);
    await school().letGo();
    expect(school().asked).toHaveLength(2);
  });

  it('is read now and then, which is told only where it differs', async () => {
    await watchLive();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(school().asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(school().asked).toHaveLength(1);
    expect(updates).toEqual([]);
    school().shows(PATH, shows(2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shown()).toEqual([['reloaded', 2]]);
  });

  it('is asked for as its target says', async () => {
    openClient();
    const detail = { ...shows(1), courseId: 'a:b', chapters: [] };
    school().shows('/me/courses/a%3Ab', detail);
    school().shows('/admin/requests?status=rejected', { requests: [] });
    const [onDetail, onRequests] = [vi.fn(), vi.fn()];
    client().watch({ view: 'StudentCourseDetail', params: { courseId: 'a:b' } }, onDetail);
    client().watch({ view: 'AdminRequests', query: { status: 'rejected' } }, onRequests);
    await settled();
    expect(onDetail.mock.calls[0]).toMatchObject([{ data: detail }]);
    expect(onRequests.mock.calls[0]).toMatchObject([{ data: { requests: [] } }]);
  });
});

describe('a list whose rows an index finds', () => {
  const requests = '/admin/requests';
  const waiting = {
    userId: 'ada',
    courseId: 'algebra',
    title: 'Algebra',
    status: 'pending',
    requestedAt: '2026-01-02T03:04:05.000Z',
    version: 1,
  };
  const [aRow] = adminChange().rows;
  const asks = (userId: string) =>
    adminChange({
      views: ['AdminRequests'],
      eventId: userId,
      rows: [{ ...aRow!, table: 'accessRequests', key: `${userId}#algebra` }],
    });

  async function watchRequests() {
    openClient();
    school().shows(requests, { requests: [] });
    const seen: ViewUpdate<'AdminRequests'>[] = [];
    client().watch({ view: 'AdminRequests' }, (update) => seen.push(update));
    await settled();
    return seen;
  }

  it('is read once more when the index must have what was told, however much that was', async () => {
    const seen = await watchRequests();
    await vi.advanceTimersByTimeAsync(10_000);
    school().asked.length = 0;
    // The reply to it lacks the new row.
    await school().tell(asks('ada'));
    await vi.advanceTimersByTimeAsync(1000);
    await school().tell(asks('ben'));
    expect(school().asked).toHaveLength(2);
    school().shows(requests, { requests: [], cursor: 'there' });
    await vi.advanceTimersByTimeAsync(1999);
    expect(school().asked).toHaveLength(2);
    expect(seen.at(-1)).toMatchObject({ cause: 'event', confirmed: false });
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.at(-1)).toMatchObject({ cause: 'reloaded', data: { cursor: 'there' }, confirmed: true });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(school().asked).toHaveLength(3);
  });
  it('is read late enough, though more was told while it was read', async () => {
    const seen = await watchRequests();
    await vi.advanceTimersByTimeAsync(10_000);
    seen.length = 0;
    school().hold();
    await school().tell(asks('ada'));
    await school().tell(asks('ben'));
    school().shows(requests, { requests: [], cursor: 'lacks one' });
    await school().letGo();
    school().asked.length = 0;
    await vi.advanceTimersByTimeAsync(1999);
    expect(seen.filter(({ confirmed }) => confirmed)).toEqual([]);
    school().shows(requests, { requests: [], cursor: 'whole' });
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.at(-1)).toMatchObject({ data: { cursor: 'whole' }, confirmed: true });
  });

  it('is read once more after it is live, as what was before may be on its way into the index', async () => {
    const seen = await watchRequests();
    expect(seen.at(-1)).toMatchObject({ live: true, confirmed: false });
    school().shows(requests, { requests: [], cursor: 'there' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(seen.at(-1)).toMatchObject({ data: { cursor: 'there' }, confirmed: true });
  });

  it('is not read again so for a row that it shows: a reply that lacks its newest version tells so', async () => {
    openClient();
    school().shows(requests, { requests: [waiting] });
    const seen: ViewUpdate<'AdminRequests'>[] = [];
    client().watch({ view: 'AdminRequests' }, (update) => seen.push(update));
    await vi.advanceTimersByTimeAsync(10_000);
    school().asked.length = seen.length = 0;
    // The list is of those who wait.
    school().shows(requests, { requests: [] });
    const values = { status: 'rejected', requestedAt: waiting.requestedAt };
    const row = { ...asks('ada').rows[0]!, version: 2, values };
    await school().tell(adminChange({ views: ['AdminRequests'], rows: [row] }));
    await vi.advanceTimersByTimeAsync(CONFIRM_MS);
    expect(seen.at(-1)).toMatchObject({ cause: 'reloaded', confirmed: true });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(school().asked).toHaveLength(1);
  });

  it('is not read again for what no index of it finds', async () => {
    await watchRequests();
    await vi.advanceTimersByTimeAsync(10_000);
    school().asked.length = 0;
    await school().tell(adminChange({ views: ['AdminRequests'] }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(school().asked).toHaveLength(1);
  });
});
