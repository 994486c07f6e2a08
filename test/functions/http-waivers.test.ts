import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await publish(school.admin, 'c1', threeChapters());
  await school.student('ann').call('enroll-directly', { params: { courseId: 'c1' } });
});
const quiz = { params: { userId: 'ann', courseId: 'c1', itemId: 'quiz' } };
const waive = (reason = 'was ill') => school.admin.call('waive-item', { ...quiz, body: { reason } });

describe('waiving an item', () => {
  it('puts the waiver and the news in one transaction that needs the enrollment', async () => {
    await waive('to warm up');
    school.db.faults.clear();
    const { body } = await waive();
    expect(body).toMatchObject({
      itemId: 'quiz',
      waived: true,
      reason: 'was ill',
      waivedBy: expect.any(String),
    });
    expect(sent(school.db)).toEqual(['TransactGetItems', 'TransactWriteItems']);
    expect(await school.db.rows('notifications')).toContainEqual(
      expect.objectContaining({
        kind: 'item_waived',
        details: expect.objectContaining({ reason: 'was ill' }),
      }),
    );
  });

  it('twice is once, with the same reply', async () => {
    const first = await waive();
    const before = await written(school.db);
    expect((await waive()).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('late, after it was taken back, does not bring it back; nor does taking it back late', async () => {
    const waiving = { ...quiz, body: { reason: 'was ill' } };
    await school.admin.call('waive-item', { ...waiving, idempotencyKey: 'k1' });
    await school.admin.call('withdraw-waiver', { ...quiz, idempotencyKey: 'k2' });
    const late = await school.admin.call('waive-item', { ...waiving, idempotencyKey: 'k1' });
    expect(late.body).toMatchObject({ waived: false, version: 2 });
    await school.admin.call('waive-item', { ...waiving, idempotencyKey: 'k3' });
    const before = await written(school.db);
    const later = await school.admin.call('withdraw-waiver', { ...quiz, idempotencyKey: 'k2' });
    expect(later.body).toMatchObject({ waived: true, version: 3 });
    expect(await written(school.db)).toEqual(before);
  });

  it('again under its key is no refusal to who has left meanwhile', async () => {
    const waiving = { ...quiz, body: { reason: 'was ill' }, idempotencyKey: 'k1' };
    const first = await school.admin.call('waive-item', waiving);
    await school.student('ann').call('unenroll', { params: { courseId: 'c1' } });
    expect((await school.admin.call('waive-item', waiving)).body).toEqual(first.body);
  });

  it('writes nothing when the student leaves in between', async () => {
    const held = holdNext(school.db, 'TransactWriteItems');
    const waiving = refusal(waive());
    await held.reached;
    await school.student('ann').call('unenroll', { params: { courseId: 'c1' } });
    held.release();
    expect(await waiving).toBe('not_enrolled');
    expect(await school.db.rows('waivers')).toEqual([]);
    expect(await school.db.rows('notifications')).toEqual([]);
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when the transaction meets: %s',
    async (kind) => {
      failFirst(school.db, 'TransactWriteItems', { kind });
      await waive();
      expect(await school.db.rows('waivers')).toMatchObject([{ version: 1 }]);
      expect(await school.db.rows('notifications')).toHaveLength(1);
    },
  );

  it('is refused for what is not there', async () => {
    const call = (params: Partial<(typeof quiz)['params']>) =>
      refusal(
        school.admin.call('waive-item', { params: { ...quiz.params, ...params }, body: { reason: 'x' } }),
      );
    expect(await call({ courseId: 'none' })).toBe('course_unknown');
    expect(await call({ itemId: 'none' })).toBe('item_unknown');
    expect(await call({ userId: 'ben' })).toBe('not_enrolled');
  });
});

describe('taking a waiver back', () => {
  it('keeps the row, not waived any more, and tells the student; twice is once', async () => {
    await waive();
    const { body } = await school.admin.call('withdraw-waiver', quiz);
    expect(body).toMatchObject({ waived: false, version: 2 });
    const before = await written(school.db);
    expect((await school.admin.call('withdraw-waiver', quiz)).body).toEqual(body);
    expect(await written(school.db)).toEqual(before);
    expect((await school.db.rows('notifications')).map(({ kind }) => kind)).toContain('waiver_withdrawn');
  });

  it('is refused where there is none', async () => {
    expect(await refusal(school.admin.call('withdraw-waiver', quiz))).toBe('waiver_unknown');
  });
});
