import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Table } from '../../shared/store/keys.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { at, courseRow, enrollmentRow, ids, progressRow, putRows, stamp } from './http-rows.ts';
import { type HttpSchool, httpSchool, sent } from './http-school.ts';

let engine: Database;
let school: HttpSchool;

const VIEWS = [
  '/me/dashboard',
  '/me/courses',
  '/me/progress',
  '/me/profile',
  '/me/courses/c000',
  '/admin/dashboard',
  '/admin/analytics?courseId=c000',
  '/admin/requests',
  '/admin/students',
  '/admin/students?courseId=c000',
  '/admin/students?search=student',
];

/** A school of 130 courses and 130 students; Ann is in every course, and everybody in the first. */
beforeAll(async () => {
  engine = await startDatabase();
  school = httpSchool(engine);
  const put = (table: Table, rows: Record<string, unknown>[]) => putRows(engine, table, rows);
  const courses = ids(130);
  const people = ids(130).map((id) => id.replace('c', 'u'));
  await publish(school.admin, 'c000', threeChapters());
  await put(
    'courses',
    courses.slice(1).map((id) => courseRow(id)),
  );
  await put(
    'students',
    ['ann', ...people].map((userId) => ({
      userId,
      joinedAt: at,
      name: `Student ${userId}`,
      namePrefix: 'st',
      nameKey: `student ${userId}`,
      ...stamp,
    })),
  );
  await put('enrollments', [
    ...courses.map((id) => enrollmentRow('ann', id)),
    ...people.map((id) => enrollmentRow(id, 'c000')),
  ]);
  await put(
    'studentProgress',
    courses.map((id) => progressRow('ann', id)),
  );
  await put(
    'accessRequests',
    people.flatMap((userId) => ({
      ...{ userId, courseId: 'c001', status: 'pending', requestedAt: at },
      ...stamp,
    })),
  );
  await put(
    'notifications',
    people.map((_, index) => ({
      userId: 'ann',
      notificationId: `2026-11-22T10:00:00.000Z.enrolled.c.${index}`,
      kind: 'enrolled',
      details: {},
      createdAt: at,
      expiresAt: 1_900_000_000,
      ...stamp,
    })),
  );
});
afterAll(() => engine.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  school.send({ method: 'GET', path, headers, caller: path.startsWith('/admin') ? 'admin:root' : 'ann' });

describe.each(VIEWS)('the view %s', (path) => {
  it('takes at most three requests to the database a page, also of the largest and when it is cold', async () => {
    // A school of its own has seen no outline yet.
    school = httpSchool(engine);
    for (const limit of [undefined, 100]) {
      if (limit !== undefined && /c000$/.test(path) && !path.includes('students')) continue;
      const sized = limit === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
      engine.faults.clear();
      expect((await get(sized)).status).toBe(200);
      expect(sent(engine).length).toBeGreaterThan(0);
      expect(sent(engine).length).toBeLessThanOrEqual(3);
    }
  });

  it('is not sent again to who has it, and not kept by others', async () => {
    const { headers } = await get(path);
    expect(headers['cache-control']).toBe('private, no-cache');
    const again = await get(path, { 'if-none-match': `W/${headers.etag}, "other"` });
    expect(again).toMatchObject({ status: 304, json: undefined, headers: { etag: headers.etag } });
    const other = await get(path, { 'if-none-match': '"other"' });
    expect(other).toMatchObject({ status: 200, headers: { etag: headers.etag } });
  });

  it('is for nobody who does not say who they are, and for admins where it is theirs', async () => {
    expect(await school.send({ method: 'GET', path })).toMatchObject({ status: 401 });
    const { status } = await school.send({ method: 'GET', path, caller: 'ann' });
    expect(status).toBe(path.startsWith('/admin') ? 403 : 200);
  });
});
