import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { ids, walk } from './http-rows.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await publish(school.admin, 'asked', threeChapters({ access: 'request' }));
  await publish(school.admin, 'open', threeChapters());
});
const asked = { params: { courseId: 'asked' } };
const ofAnn = { params: { userId: 'ann', courseId: 'asked' } };
const ask = (userId = 'ann', message?: string) =>
  school.student(userId).call('request-access', { ...asked, body: { message } });

describe('asking for access', () => {
  it('puts one request, which the student and the admins see', async () => {
    const { body } = await ask('ann', 'I would love to');

    expect(body).toMatchObject({ courseId: 'asked', title: 'Three chapters', status: 'pending' });
    const dashboard = await school.student('ann').call('get-student-dashboard');
    expect(dashboard.body.requests).toEqual([body]);
    const courses = await school.student('ann').call('get-student-courses');
    expect(courses.body.courses.find(({ courseId }) => courseId === 'asked')?.request).toEqual(body);
    const detail = await school.student('ann').call('get-student-course-detail', asked);
    expect(detail.body.request).toEqual(body);
    const waiting = await school.admin.call('get-admin-requests');
    expect(waiting.body.requests).toEqual([{ userId: 'ann', ...body }]);
  });

  it('again while it waits writes nothing and says the same', async () => {
    const first = await ask('ann', 'please');
    const before = await written(school.db);
    const second = await ask('ann', 'pretty please');
    expect(second.body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('is refused to who is enrolled, also when the enrollment came between', async () => {
    await school.admin.call('enroll-student', ofAnn);
    expect(await refusal(ask())).toBe('already_enrolled');

    const held = holdNext(school.db, 'TransactWriteItems');
    const asking = refusal(ask('ben'));
    await held.reached;
    await school.admin.call('enroll-student', { params: { userId: 'ben', courseId: 'asked' } });
    held.release();
    expect(await asking).toBe('already_enrolled');
    expect(await school.db.rows('accessRequests')).toEqual([]);
  });

  it('is refused in a course that is open, unknown or not published', async () => {
    const call = (courseId: string) =>
      refusal(school.student('ann').call('request-access', { params: { courseId }, body: {} }));
    expect(await call('open')).toBe('course_closed');
    expect(await call('none')).toBe('course_unknown');
    await school.admin.call('set-course-status', { ...asked, body: { status: 'archived' } });
    expect(await call('asked')).toBe('course_not_published');
  });
});

describe('approving', () => {
  it('enrolls, deletes the request and tells the student, in one transaction after one snapshot', async () => {
    await ask();
    await ask('warm-up');
    await school.admin.call('approve-request', { params: { userId: 'warm-up', courseId: 'asked' } });
    school.db.faults.clear();

    const { body } = await school.admin.call('approve-request', ofAnn);

    expect(body).toMatchObject({ courseId: 'asked', status: 'active', source: 'request' });
    expect(sent(school.db)).toEqual(['TransactGetItems', 'TransactWriteItems']);
    expect((await school.db.rows('accessRequests')).filter((row) => row.userId === 'ann')).toEqual([]);
    const [news] = (await school.db.rows('notifications')).filter((row) => row.userId === 'ann');
    const [enrollment] = (await school.db.rows('enrollments')).filter((row) => row.userId === 'ann');
    expect(news).toMatchObject({ kind: 'request_approved', causedBy: enrollment?.causedBy });
  });

  it('twice is once, with the same reply', async () => {
    await ask();
    const first = await school.admin.call('approve-request', ofAnn);
    const before = await written(school.db);
    expect((await school.admin.call('approve-request', ofAnn)).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('late, after the student has left again, does not bring them back', async () => {
    await ask();
    await school.admin.call('approve-request', { ...ofAnn, idempotencyKey: 'k1' });
    await school.student('ann').call('unenroll', asked);
    const late = await school.admin.call('approve-request', { ...ofAnn, idempotencyKey: 'k1' });
    expect(late.body.status).toBe('cancelled');
    expect(await refusal(school.admin.call('approve-request', ofAnn))).toBe('request_unknown');
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when the transaction meets: %s',
    async (kind) => {
      await ask();
      failFirst(school.db, 'TransactWriteItems', { kind });
      await school.admin.call('approve-request', ofAnn);
      expect(await school.db.rows('enrollments')).toHaveLength(1);
      expect(await school.db.rows('notifications')).toHaveLength(1);
      expect(await school.db.rows('accessRequests')).toEqual([]);
    },
  );

  it('and withdrawing at once end in one of the two, never in a request of somebody enrolled', async () => {
    await ask();
    const outcomes = await Promise.allSettled([
      school.admin.call('approve-request', ofAnn),
      school.student('ann').call('withdraw-request', asked),
    ]);
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await school.db.rows('accessRequests')).toEqual([]);
  });

  it('is refused where nobody asked, and where the request was rejected', async () => {
    expect(await refusal(school.admin.call('approve-request', ofAnn))).toBe('request_unknown');
    await ask();
    await school.admin.call('reject-request', { ...ofAnn, body: { reason: 'full' } });
    expect(await refusal(school.admin.call('approve-request', ofAnn))).toBe('request_status_refused');
  });
});

describe('rejecting', () => {
  it('keeps the reason for the student and tells them, in one transaction', async () => {
    await ask();
    school.db.faults.clear();
    const { body } = await school.admin.call('reject-request', { ...ofAnn, body: { reason: 'full' } });
    expect(body).toMatchObject({ status: 'rejected', reason: 'full' });
    expect(sent(school.db)).toEqual(['TransactGetItems', 'TransactWriteItems']);
    expect(await school.db.rows('notifications')).toMatchObject([
      { kind: 'request_rejected', details: { reason: 'full' } },
    ]);
    expect((await school.admin.call('get-admin-requests')).body.requests).toEqual([]);
    const rejected = await school.admin.call('get-admin-requests', { query: { status: 'rejected' } });
    expect(rejected.body.requests).toMatchObject([{ userId: 'ann', reason: 'full' }]);
  });

  it('lets the student ask again', async () => {
    await ask();
    await school.admin.call('reject-request', { ...ofAnn, body: { reason: 'full' } });
    expect((await ask()).body).toMatchObject({ status: 'pending' });
    expect((await school.admin.call('approve-request', ofAnn)).body.status).toBe('active');
  });

  it('is refused where nobody asked, and without a reason', async () => {
    const reject = (reason: string) =>
      refusal(school.admin.call('reject-request', { ...ofAnn, body: { reason } }));
    expect(await reject('full')).toBe('request_unknown');
    expect(await reject(' ')).toBe('invalid_request');
  });
});

describe('a request', () => {
  it('can be withdrawn, twice too', async () => {
    await ask();
    for (const _time of [1, 2]) {
      const { body } = await school.student('ann').call('withdraw-request', asked);
      expect(body).toEqual({ courseId: 'asked' });
    }
    expect(await school.db.rows('accessRequests')).toEqual([]);
  });

  it('that comes anew is of a later version than the one that was deleted', async () => {
    const first = await ask();
    await school.student('ann').call('withdraw-request', asked);
    school.pass(1);
    const second = await ask();
    expect(second.body.version).toBeGreaterThan(first.body.version + 1);
  });

  it('ends with an enrollment by an admin', async () => {
    await ask();
    await school.admin.call('enroll-student', ofAnn);
    expect(await school.db.rows('accessRequests')).toEqual([]);
    expect(await school.db.rows('notifications')).toMatchObject([{ kind: 'enrolled' }]);
  });
});

describe('the pages of requests', () => {
  it('are in the order of asking, each with at most three requests to the database', async () => {
    for (const courseId of ids(70)) {
      await publish(school.admin, courseId, threeChapters({ access: 'request' }));
      school.pass(1);
      await school.student('ann').call('request-access', { params: { courseId }, body: {} });
    }
    const pages = await walk(school.db, (cursor) =>
      school.admin.call('get-admin-requests', { query: { limit: 100, ...cursor } }),
    );
    expect(pages.flatMap(({ requests }) => requests.map(({ courseId }) => courseId))).toEqual(ids(70));

    const own = await walk(school.db, (cursor) =>
      school.student('ann').call('get-student-dashboard', { query: { limit: 20, ...cursor } }),
    );
    expect(own.flatMap(({ requests }) => requests.map(({ courseId }) => courseId))).toEqual(ids(70));
  });

  it('of the dashboard hold enrollments and requests of the same courses, none left out', async () => {
    const all = ids(30);
    for (const [index, courseId] of all.entries()) {
      await publish(school.admin, courseId, threeChapters({ access: 'request' }));
      // Enrollments first, requests last, so that the lists end far apart.
      if (index < 12) await school.admin.call('enroll-student', { params: { userId: 'ann', courseId } });
      else await school.student('ann').call('request-access', { params: { courseId }, body: {} });
    }
    const pages = await walk(school.db, (cursor) =>
      school.student('ann').call('get-student-dashboard', { query: { limit: 5, ...cursor } }),
    );
    const shown = pages.map((page) =>
      [...page.enrollments, ...page.requests].map((row) => row.courseId).sort(),
    );
    expect(shown.flat()).toEqual(all);
  });
});
