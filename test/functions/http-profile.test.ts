import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { at, ids, putRows, stamp, walk } from './http-rows.ts';
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

const CODE = '0123456789ABCDEFGHJKMNPQRS';

function certificateRow(userId: string, courseId: string) {
  return {
    userId,
    certificate: `${courseId}#completion`,
    courseId,
    policy: 'completion',
    code: CODE,
    studentName: 'Ann',
    courseTitle: `Course ${courseId}`,
    completedAt: at,
    issuedAt: at,
    outlineVersion: 1,
    ruleVersion: 1,
    ...stamp,
  };
}

describe('the profile', () => {
  it('is there before there is a row', async () => {
    const { body } = await school.student('ann').call('get-student-profile');
    expect(body).toEqual({ userId: 'ann', unreadNotifications: 0, certificates: [], version: 0 });
  });

  it('shows the person, and nothing of what the row has for the database', async () => {
    await school.student('ann').call('put-student-profile', { body: { name: 'Ann' } });
    const { body } = await school.student('ann').call('get-student-profile');
    expect(body).toEqual({
      userId: 'ann',
      name: 'Ann',
      joinedAt: at,
      unreadNotifications: 0,
      certificates: [],
      version: 1,
    });
  });

  it('pages through the certificates of the caller alone', async () => {
    await putRows(school.db, 'certificates', [
      ...ids(5).map((id) => certificateRow('ann', id)),
      certificateRow('bob', 'c000'),
    ]);
    const pages = await walk(school.db, (query) =>
      school.student('ann').call('get-student-profile', { query: { limit: 2, ...query } }),
    );
    expect(pages.map((page) => page.certificates.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap((page) => page.certificates.map((one) => one.courseId))).toEqual(ids(5));
    expect(pages[0]?.certificates[0]).toEqual({
      courseId: 'c000',
      courseTitle: 'Course c000',
      policy: 'completion',
      code: CODE,
      completedAt: at,
      issuedAt: at,
    });
  });

  it('has an entity tag that changes with the name', async () => {
    const ann = school.student('ann');
    const { etag = '' } = await ann.call('get-student-profile');
    expect(await ann.revalidate('get-student-profile', etag)).toBeUndefined();
    await ann.call('put-student-profile', { body: { name: 'Ann' } });
    expect((await ann.revalidate('get-student-profile', etag))?.body.name).toBe('Ann');
  });
});

describe('changing the name', () => {
  it('makes the row of a newcomer where there is none', async () => {
    const { body } = await school.student('ann').call('put-student-profile', { body: { name: ' Ann Lee ' } });
    expect(body).toEqual({ userId: 'ann', name: 'Ann Lee', joinedAt: at, version: 1 });
    expect(await school.db.rows('students')).toMatchObject([
      { namePrefix: 'an', nameKey: 'ann lee', newcomerSince: '2026-11-22', causedBy: 'request-1' },
    ]);
  });

  it('writes nothing and says the same when it is sent again', async () => {
    const ann = school.student('ann');
    const first = await ann.call('put-student-profile', { body: { name: 'Ann' } });
    school.db.faults.clear();
    expect((await ann.call('put-student-profile', { body: { name: 'Ann' } })).body).toEqual(first.body);
    expect(sent(school.db)).toEqual(['GetItem']);
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when the write meets: %s',
    async (kind) => {
      failFirst(school.db, 'PutItem', { kind });
      const { body } = await school.student('ann').call('put-student-profile', { body: { name: 'Ann' } });
      expect(body).toMatchObject({ name: 'Ann', version: 1 });
      expect(await school.db.rows('students')).toHaveLength(1);
    },
  );

  it('loses neither the name nor the enrollment when both come at the same moment', async () => {
    await publish(school.admin, 'open', threeChapters());
    const ann = school.student('ann');
    await ann.call('put-student-profile', { body: { name: 'Ann' } });
    const held = holdNext(school.db, 'PutItem');
    const renaming = ann.call('put-student-profile', { body: { name: 'Ann Lee' } });
    await held.reached;
    await ann.call('enroll-directly', { params: { courseId: 'open' } });
    held.release();
    await renaming;
    const [row] = await school.db.rows('students');
    expect(row).toMatchObject({ name: 'Ann Lee', version: 3 });
    expect(row).not.toHaveProperty('newcomerSince');
  });

  it.each([
    ['', 'body.name'],
    ['x'.repeat(101), 'body.name'],
    ['\u200b \u2060', 'body.name'],
    ['Ann\u202eeeL', 'body.name'],
    ['Ann\u0000', 'body.name'],
    [7, 'body.name'],
  ])('refuses the name %j, and says where it stands', async (name, field) => {
    const reply = await school.send({
      method: 'PUT',
      path: '/me/profile',
      body: JSON.stringify({ name }),
      caller: 'ann',
    });
    expect(reply).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(reply.json).toHaveProperty(['details', field]);
  });

  it('takes a cursor of this list only', async () => {
    const cursor = Buffer.from('{"courseId":"c"}').toString('base64url');
    expect(await refusal(school.student('ann').call('get-student-profile', { query: { cursor } }))).toBe(
      'invalid_request',
    );
  });
});
