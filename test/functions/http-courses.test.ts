import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { practising, publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { bankRow, putRows } from './http-rows.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
});

const c = { courseId: 'c' };
const put = (change: Parameters<typeof threeChapters>[0] = {}) =>
  school.admin.call('put-course', { params: c, body: threeChapters(change) });
const setStatus = (status: string, idempotencyKey?: string) =>
  school.admin.call('set-course-status', { params: c, body: { status }, idempotencyKey });
const withoutQuiz = () => ({
  outline: { chapters: threeChapters().outline.chapters.slice(0, 2) },
});

describe('putting a course', () => {
  it('creates a draft that is in force for nobody', async () => {
    const { body } = await put();
    expect(body).toMatchObject({ status: 'draft', outlineVersion: 0, version: 1 });
    expect(body).not.toHaveProperty('published');
    expect(body.draft.chapters.map((chapter) => chapter.chapterId)).toEqual(['read', 'watch', 'answer']);
  });

  it('says the same and writes nothing when it is sent again, even with the version it was made on', async () => {
    const first = await put({ ifVersion: 0 });
    const before = await written(school.db);
    expect((await put({ ifVersion: 0 })).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('changes course and draft in one transaction, and leaves what is published', async () => {
    await put();
    await setStatus('published');
    school.db.faults.clear();
    const { body } = await put({ title: 'Two chapters', ...withoutQuiz() });
    expect(sent(school.db).filter((name) => name.startsWith('Transact'))).toHaveLength(2);
    expect(body.title).toBe('Two chapters');
    expect([body.draft.chapters.length, body.published?.chapters.length]).toEqual([2, 3]);
    expect((await school.admin.call('get-course', { params: c })).body).toEqual(body);
  });

  it('is refused when another change came first, and writes nothing', async () => {
    await put({ ifVersion: 0 });
    await put({ title: 'Second', ifVersion: 1 });
    const before = await written(school.db);
    expect(await refusal(put({ title: 'Late', ifVersion: 1 }))).toBe('version_conflict');
    expect(await refusal(put({ title: 'Late', ifVersion: 0 }))).toBe('version_conflict');
    expect(await written(school.db)).toEqual(before);
  });

  it('lets one of two changes of the same version stand when they come at the same moment', async () => {
    await put();
    const outcomes = await Promise.all([
      refusal(put({ title: 'One', ifVersion: 1 })),
      refusal(put({ title: 'Two', ifVersion: 1 })),
    ]);
    expect(outcomes.toSorted()).toEqual(['version_conflict', undefined]);
  });

  it('decides again on a change that came between', async () => {
    await put();
    const held = holdNext(school.db, 'PutItem');
    const late = refusal(put({ title: 'Late', ifVersion: 1 }));
    await held.reached;
    await put({ title: 'First', ifVersion: 1 });
    held.release();
    expect(await late).toBe('version_conflict');
    expect((await school.admin.call('get-course', { params: c })).body).toMatchObject({ title: 'First' });
  });

  it.each(['lost', '500 after'] as const)('takes effect once when its reply is %s', async (kind) => {
    failFirst(school.db, 'TransactWriteItems', { kind });
    expect((await put({ ifVersion: 0 })).body.version).toBe(1);
  });
});

describe('the status of a course', () => {
  it('becomes published with the draft as the next outline', async () => {
    await put();
    const { body } = await setStatus('published');
    expect(body).toMatchObject({ status: 'published', outlineVersion: 1, version: 2 });
    expect(body.published).toEqual(body.draft);
    await put(withoutQuiz());
    const again = await setStatus('published');
    expect(again.body).toMatchObject({ outlineVersion: 2, version: 4 });
    expect(again.body.published?.chapters).toHaveLength(2);
  });

  it('takes the spellings of older clients', async () => {
    await put();
    expect((await setStatus('Active')).body.status).toBe('published');
  });

  it('says the same and writes nothing when it is so already', async () => {
    await put();
    for (const status of ['published', 'archived']) {
      const first = await setStatus(status);
      const before = await written(school.db);
      expect((await setStatus(status)).body).toEqual(first.body);
      expect(await written(school.db)).toEqual(before);
    }
  });

  it('has no second effect under the same Idempotency-Key, even after the opposite command', async () => {
    await put();
    await setStatus('published', 'k1');
    await put(withoutQuiz());
    expect((await setStatus('published', 'k1')).body.outlineVersion).toBe(1);
    await setStatus('archived', 'k1');
    const before = await written(school.db);
    expect((await setStatus('published', 'k1')).body.status).toBe('archived');
    expect(await written(school.db)).toEqual(before);
    expect((await setStatus('published', 'k2')).body).toMatchObject({
      status: 'published',
      outlineVersion: 2,
    });
    expect((await setStatus('archived', 'k1')).body.status).toBe('published');
  });

  it('puts in force the draft as it is, also when it has just changed', async () => {
    await put();
    const held = holdNext(school.db, 'TransactWriteItems');
    const publishing = setStatus('published');
    await held.reached;
    await put(withoutQuiz());
    held.release();
    const { body } = await publishing;
    expect(body).toMatchObject({ status: 'published', version: 3 });
    expect(body.published).toEqual(body.draft);
    expect(body.draft.chapters).toHaveLength(2);
  });

  it('publishes one outline when two admins publish at the same moment', async () => {
    await put();
    const replies = await Promise.all([setStatus('published'), setStatus('published')]);
    expect(replies.map((reply) => reply.body.outlineVersion)).toEqual([1, 1]);
  });

  it('is refused where it may not lead, for an empty course and an unknown one', async () => {
    expect(await refusal(setStatus('published'))).toBe('course_unknown');
    await put({ outline: { chapters: [] } });
    expect(await refusal(setStatus('published'))).toBe('course_empty');
    await setStatus('archived');
    expect(await refusal(setStatus('draft'))).toBe('course_status_refused');
  });

  describe('with practice in the question bank', () => {
    const draft = (questions: number) =>
      school.admin.call('put-course', { params: c, body: practising(questions) });

    it('is refused while the bank has fewer questions than an item asks for, and writes nothing', async () => {
      await draft(3);
      for (const [has, bank] of [
        [0, []],
        [2, [bankRow('c', 2)]],
      ] as const) {
        await putRows(school.db, 'qbankQuestions', [...bank]);
        const before = await written(school.db);
        const reply = await school.send({
          method: 'PUT',
          path: '/admin/courses/c/status',
          body: JSON.stringify({ status: 'published' }),
          headers: { 'content-type': 'application/json' },
          caller: 'admin:root',
        });
        expect(reply).toMatchObject({
          status: 409,
          json: { code: 'bank_too_small', details: { itemId: 'drill', asked: 3, has } },
        });
        expect(await written(school.db)).toEqual(before);
      }
    });

    it('becomes published once the bank has them, and then again whatever else changes', async () => {
      await draft(3);
      await putRows(school.db, 'qbankQuestions', [bankRow('c', 3)]);
      const { body } = await setStatus('published');
      expect(body).toMatchObject({ status: 'published', outlineVersion: 1 });
      expect(body.published?.chapters[1]?.items).toMatchObject([{ kind: 'qbank', questions: 3 }]);
      await setStatus('archived');
      expect((await setStatus('published')).body).toMatchObject({ status: 'published', outlineVersion: 1 });
    });

    it('reads the bank only to publish, and only for a draft that asks for practice', async () => {
      const bank = school.db.tables.qbankQuestions;
      const banksRead = () => JSON.stringify(school.db.faults.requests).split(`"${bank}"`).length - 1;
      await put();
      await setStatus('published');
      await draft(1);
      await setStatus('archived');
      expect(banksRead()).toBe(0);
      expect(await refusal(setStatus('published'))).toBe('bank_too_small');
      expect(banksRead()).toBe(1);
    });

    it.each([0, 1.5, 10_001])('cannot ask for %d questions', async (questions) => {
      expect(await refusal(draft(questions))).toBe('invalid_request');
    });
  });

  it('is read by learners as it is now, also by a warm function', async () => {
    await publish(school.admin, 'c', threeChapters());
    await school.student('ann').call('enroll-directly', { params: c });
    const quiz = { ...c, quizId: 'quiz', attemptId: 'a' };
    await put(withoutQuiz());
    await setStatus('published');
    expect(
      await refusal(
        school.student('ann').call('submit-quiz-attempt', { params: quiz, body: { answers: {} } }),
      ),
    ).toBe('item_unknown');
  });
});

describe('reading a course as admin', () => {
  it('shows the keys', async () => {
    await put();
    const { body } = await school.admin.call('get-course', { params: c });
    expect(JSON.stringify(body)).toContain('"key":"right"');
  });

  it('refuses an unknown one', async () => {
    expect(await refusal(school.admin.call('get-course', { params: c }))).toBe('course_unknown');
  });
});
