import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CourseId } from '../../shared/domain/ids.ts';
import { NOTIFICATION_DAYS, notify } from '../../shared/domain/notification.ts';
import { cause, id } from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { putRows, walk } from './http-rows.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
});

const DAY = 86_400;
const NOW = Date.parse('2026-11-22T10:00:00.000Z');

/** What a student was told so many seconds ago. */
function told(secondsAgo: number, userId = 'ann') {
  return notify({
    userId: id(userId),
    kind: 'enrolled',
    subject: 'open',
    courseId: id<CourseId>('open'),
    details: { title: 'Open' },
    at: new Date(NOW - secondsAgo * 1000).toISOString(),
    cause,
  });
}

async function tell(...secondsAgo: number[]): Promise<string[]> {
  const rows = secondsAgo.map((seconds) => told(seconds));
  await putRows(school.db, 'notifications', rows);
  return rows.map((row) => row.notificationId);
}

const read = (notificationId: string) =>
  school.student('ann').call('read-notification', { params: { notificationId } });
const readAll = async (upTo: string) =>
  (await school.student('ann').call('read-notifications', { body: { upTo } })).body.unread;
const unread = async () => (await school.student('ann').call('get-notifications')).body.unread;

describe('the notifications', () => {
  it('come newest first, of the caller alone, with how many are unread', async () => {
    const [older, newer] = await tell(20, 10);
    await putRows(school.db, 'notifications', [told(5, 'bob')]);
    await read(older!);
    const { body } = await school.student('ann').call('get-notifications');
    expect(body).toEqual({
      unread: 1,
      notifications: [
        {
          notificationId: newer,
          kind: 'enrolled',
          courseId: 'open',
          details: { title: 'Open' },
          createdAt: '2026-11-22T09:59:50.000Z',
          read: false,
        },
        expect.objectContaining({ notificationId: older, read: true }),
      ],
    });
  });

  it('are none for somebody whom nobody told anything', async () => {
    const { body } = await school.student('ann').call('get-notifications');
    expect(body).toEqual({ unread: 0, notifications: [] });
  });

  it('come page by page, each once', async () => {
    const all = await tell(...Array.from({ length: 7 }, (_, index) => index + 1));
    const pages = await walk(school.db, (query) =>
      school.student('ann').call('get-notifications', { query: { limit: 3, ...query } }),
    );
    expect(pages.flatMap((page) => page.notifications.map((one) => one.notificationId))).toEqual(all);
    expect(pages.map((page) => page.unread)).toEqual([7, 7, 7]);
  });

  it('that have expired are neither shown nor counted, and a page of them alone goes on to the next', async () => {
    const [fresh] = await tell(
      1,
      ...Array.from({ length: 5 }, (_, index) => NOTIFICATION_DAYS * DAY + index),
    );
    // One of another time to live lies behind those that have expired.
    const kept = { ...told(NOTIFICATION_DAYS * DAY + 10), expiresAt: NOW / 1000 + 1 };
    await putRows(school.db, 'notifications', [kept]);
    const pages = await walk(school.db, (query) =>
      school.student('ann').call('get-notifications', { query: { limit: 2, ...query } }),
    );
    expect(pages.map((page) => page.notifications.length)).toContain(0);
    expect(pages.flatMap((page) => page.notifications.map((one) => one.notificationId))).toEqual([
      fresh,
      kept.notificationId,
    ]);
    expect(pages[0]?.unread).toBe(2);
  });

  it('are counted up to a hundred', async () => {
    await tell(...Array.from({ length: 130 }, (_, index) => index + 1));
    expect(await unread()).toBe(100);
    const { body } = await school.student('ann').call('get-student-profile');
    expect(body.unreadNotifications).toBe(100);
  });

  it('are counted behind a hundred that were read one by one', async () => {
    const rows = Array.from({ length: 130 }, (_, index) => told(index + 1));
    const at = new Date(NOW).toISOString();
    await putRows(
      school.db,
      'notifications',
      rows.map((row, index) => (index < 120 ? { ...row, readAt: at } : row)),
    );
    expect(await unread()).toBe(10);
  });
});

describe('reading one notification', () => {
  it('marks it, and says the same when it is sent again', async () => {
    const [one] = await tell(10);
    const first = await read(one!);
    expect(first.body).toMatchObject({ notificationId: one, read: true });
    school.db.faults.clear();
    expect((await read(one!)).body).toEqual(first.body);
    expect(sent(school.db)).toEqual(['BatchGetItem']);
    expect(await unread()).toBe(0);
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when the write meets: %s',
    async (kind) => {
      const [one] = await tell(10);
      failFirst(school.db, 'PutItem', { kind });
      expect((await read(one!)).body.read).toBe(true);
      expect(await school.db.rows('notifications')).toMatchObject([{ version: 2 }]);
    },
  );

  it('is not undone by a mark on it that came between', async () => {
    const [one] = await tell(10);
    const held = holdNext(school.db, 'PutItem');
    const first = read(one!);
    await held.reached;
    await read(one!);
    held.release();
    expect((await first).body.read).toBe(true);
    expect(await school.db.rows('notifications')).toMatchObject([{ version: 2 }]);
  });

  it('refuses one that there is not, that has expired, or that is somebody else’s', async () => {
    const [, expired] = await tell(10, NOTIFICATION_DAYS * DAY);
    await putRows(school.db, 'notifications', [told(5, 'bob')]);
    for (const other of [told(11).notificationId, expired!, told(5).notificationId]) {
      expect(await refusal(read(other))).toBe('notification_unknown');
    }
    expect(await refusal(read('yesterday'))).toBe('invalid_request');
  });
});

describe('reading all up to one', () => {
  it('leaves newer ones unread, and makes the row of a student who has none', async () => {
    const [, second] = await tell(30, 20, 10);
    expect(await readAll(second!)).toBe(1);
    const { body } = await school.student('ann').call('get-notifications');
    expect(body.notifications.map((one) => one.read)).toEqual([false, true, true]);
    expect(await school.db.rows('students')).toMatchObject([
      { userId: 'ann', readUpTo: second, newcomerSince: '2026-11-22' },
    ]);
  });

  it('never reads what is still to come, whatever it is asked for', async () => {
    const [newest] = await tell(10);
    expect(await readAll('9999-12-31T23:59:59.999Z.enrolled.zzz')).toBe(0);
    expect(await school.db.rows('students')).toMatchObject([{ readUpTo: newest }]);
    await tell(5);
    expect(await unread()).toBe(1);
  });

  it('writes nothing where nobody was told anything, or the mark stands further', async () => {
    expect(await readAll(told(1).notificationId)).toBe(0);
    expect(await school.db.rows('students')).toEqual([]);
    const [older, newer] = await tell(20, 10);
    await readAll(newer!);
    const before = await school.db.rows('students');
    expect(await readAll(older!)).toBe(0);
    expect(await school.db.rows('students')).toEqual(before);
  });

  it('ends at the furthest of two marks that are set at the same moment', async () => {
    const [older, newer] = await tell(20, 10);
    const held = holdNext(school.db, 'PutItem');
    const first = readAll(older!);
    await held.reached;
    expect(await readAll(newer!)).toBe(0);
    held.release();
    expect(await first).toBe(0);
    expect(await school.db.rows('students')).toMatchObject([{ readUpTo: newer, version: 1 }]);
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when the write meets: %s',
    async (kind) => {
      const [one] = await tell(10);
      failFirst(school.db, 'PutItem', { kind });
      expect(await readAll(one!)).toBe(0);
      expect(await school.db.rows('students')).toMatchObject([{ readUpTo: one, version: 1 }]);
    },
  );
});
