import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { markedByHand, publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { putRows } from './http-rows.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await publish(school.admin, 'open', threeChapters());
  await publish(school.admin, 'closed', threeChapters({ access: 'admin' }));
});
const open = { params: { courseId: 'open' } };

describe('enrolling', () => {
  it('puts enrollment, progress and student in one transaction, after one snapshot', async () => {
    await school.student('ann').call('enroll-directly', open);
    school.db.faults.clear();

    const { body } = await school.student('bob').call('enroll-directly', open);

    expect(body).toEqual({
      courseId: 'open',
      title: 'Three chapters',
      status: 'active',
      source: 'direct',
      progress: 0,
      progressVersion: 1,
      enrolledAt: '2026-11-22T10:00:00.000Z',
      version: 1,
    });
    expect(sent(school.db)).toEqual(['TransactGetItems', 'TransactWriteItems']);
    const [enrollment] = (await school.db.rows('enrollments')).filter((row) => row.userId === 'bob');
    const [progress] = (await school.db.rows('studentProgress')).filter((row) => row.userId === 'bob');
    const [student] = (await school.db.rows('students')).filter((row) => row.userId === 'bob');
    expect(enrollment?.progress).toBe(progress?.totalProgress);
    expect(new Set([enrollment?.causedBy, progress?.causedBy, student?.causedBy]).size).toBe(1);
  });

  it('writes nothing and says the same when it is sent again', async () => {
    const first = await school.student('ann').call('enroll-directly', open);
    const before = await written(school.db);

    const second = await school.student('ann').call('enroll-directly', open);

    expect(second.body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('has no second effect under the same Idempotency-Key, even after leaving', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', { ...open, idempotencyKey: 'k1' });
    await ann.call('unenroll', open);
    const before = await written(school.db);

    const again = await ann.call('enroll-directly', { ...open, idempotencyKey: 'k1' });

    expect(again.body.status).toBe('cancelled');
    expect(await written(school.db)).toEqual(before);
    expect((await ann.call('enroll-directly', { ...open, idempotencyKey: 'k2' })).body.status).toBe('active');
  });

  it('is another command in another course, under the same Idempotency-Key too', async () => {
    const ann = school.student('ann');
    await publish(school.admin, 'second', threeChapters());
    await ann.call('enroll-directly', { ...open, idempotencyKey: 'k1' });
    const other = { params: { courseId: 'second' }, idempotencyKey: 'k1' };
    expect((await ann.call('enroll-directly', other)).body).toMatchObject({
      courseId: 'second',
      status: 'active',
    });
    expect((await ann.call('unenroll', other)).body.status).toBe('cancelled');
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when the transaction meets: %s',
    async (kind) => {
      failFirst(school.db, 'TransactWriteItems', { kind });

      const { body } = await school.student('ann').call('enroll-directly', open);

      expect(body).toMatchObject({ status: 'active', version: 1 });
      expect(sent(school.db).filter((name) => name === 'TransactGetItems')).toHaveLength(2);
      expect(await school.db.rows('enrollments')).toHaveLength(1);
    },
  );

  it('decides again when another write came between', async () => {
    failFirst(school.db, 'TransactWriteItems', { kind: 'stale', write: 1 });
    await school.student('ann').call('enroll-directly', open);
    expect(await school.db.rows('studentProgress')).toHaveLength(1);
    expect(sent(school.db).filter((name) => name === 'TransactWriteItems')).toHaveLength(2);
  });

  it('refuses as busy, with nothing written, when it cannot settle', async () => {
    school.db.faults.clear();
    school.db.faults.plan(({ name }) => (name === 'TransactWriteItems' ? { kind: 'throttled' } : undefined));
    expect(await refusal(school.student('ann').call('enroll-directly', open))).toBe('busy');
    expect(await school.db.rows('enrollments')).toEqual([]);
  });

  it('lets a new student enter two courses at the same moment', async () => {
    await publish(school.admin, 'essay', markedByHand());
    const ann = school.student('ann');
    const replies = await Promise.all(
      ['open', 'essay'].map((courseId) => ann.call('enroll-directly', { params: { courseId } })),
    );
    expect(replies.map((reply) => reply.body.status)).toEqual(['active', 'active']);
    expect(await school.db.rows('students')).toHaveLength(1);
  });

  it('enrolls once when the student and the admin do it at the same moment', async () => {
    await Promise.all([
      school.student('ann').call('enroll-directly', open),
      school.admin.call('enroll-student', { params: { userId: 'ann', courseId: 'open' } }),
    ]);
    expect(await school.db.rows('enrollments')).toMatchObject([{ version: 1 }]);
  });

  it('refuses an unknown, an unpublished, an archived and a closed course, and writes nothing', async () => {
    await school.admin.call('put-course', { params: { courseId: 'draft' }, body: threeChapters() });
    await publish(school.admin, 'old', threeChapters());
    await school.admin.call('set-course-status', {
      params: { courseId: 'old' },
      body: { status: 'archived' },
    });
    const before = await written(school.db);
    const enroll = (courseId: string) =>
      refusal(school.student('ann').call('enroll-directly', { params: { courseId } }));

    expect(await enroll('nowhere')).toBe('course_unknown');
    expect(await enroll('draft')).toBe('course_not_published');
    expect(await enroll('old')).toBe('course_not_published');
    expect(await enroll('closed')).toBe('course_closed');
    expect(await written(school.db)).toEqual(before);
  });

  it('is for an admin to do in a course that is closed', async () => {
    const { body } = await school.admin.call('enroll-student', {
      params: { userId: 'ann', courseId: 'closed' },
    });
    expect(body).toMatchObject({ status: 'active', source: 'admin' });
  });
});

describe('leaving', () => {
  it('keeps the progress row as it is', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', open);
    const before = await school.db.rows('studentProgress');

    const { body } = await ann.call('unenroll', open);

    expect(body).toMatchObject({ status: 'cancelled', cancelledAt: '2026-11-22T10:00:00.000Z' });
    expect(await school.db.rows('studentProgress')).toEqual(before);
  });

  it('says the same when it is sent again, also under the key of a leaving before a return', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', open);
    const first = await ann.call('unenroll', { ...open, idempotencyKey: 'bye' });
    expect((await ann.call('unenroll', open)).body).toEqual(first.body);
    await ann.call('enroll-directly', open);
    expect((await ann.call('unenroll', { ...open, idempotencyKey: 'bye' })).body.status).toBe('active');
  });

  it('loses nothing that a projection wrote in between', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', open);
    const [enrollment] = await school.db.rows('enrollments');
    const held = holdNext(school.db, 'PutItem');
    const leaving = ann.call('unenroll', open);
    await held.reached;
    await putRows(school.db, 'enrollments', [{ ...enrollment, progress: 40, version: 2 }]);
    held.release();
    expect((await leaving).body).toMatchObject({ status: 'cancelled', progress: 40, version: 3 });
  });

  it('is not undone by a return that was decided before it', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', open);
    await ann.call('unenroll', open);
    const held = holdNext(school.db, 'TransactWriteItems');
    const returning = ann.call('enroll-directly', open);
    await held.reached;
    await ann.call('enroll-directly', open);
    school.pass(1);
    await ann.call('unenroll', { ...open, idempotencyKey: 'last' });
    held.release();
    expect((await returning).body).toMatchObject({ status: 'active', version: 5 });
  });

  it('is refused to who is not enrolled', async () => {
    expect(await refusal(school.student('ann').call('unenroll', open))).toBe('not_enrolled');
    const params = { userId: 'ann', courseId: 'nowhere' };
    expect(await refusal(school.admin.call('unenroll-student', { params }))).toBe('not_enrolled');
  });

  it('is for an admin to do to a student', async () => {
    await school.student('ann').call('enroll-directly', open);
    const params = { userId: 'ann', courseId: 'open' };
    expect((await school.admin.call('unenroll-student', { params })).body.status).toBe('cancelled');
  });
});

describe('admin operations', () => {
  it('are forbidden to students', async () => {
    const params = { userId: 'ann', courseId: 'open' };
    expect(await refusal(school.student('ann').call('enroll-student', { params }))).toBe('forbidden');
    expect(await refusal(school.student('ann').call('get-course', open))).toBe('forbidden');
  });
});
