import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { markedByHand, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { failFirst, type HttpSchool, httpSchool, refusal, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await publish(school.admin, 'c', threeChapters());
  await publish(school.admin, 'essay', markedByHand());
  await school.student('ann').call('enroll-directly', { params: { courseId: 'c' } });
  await school.student('ann').call('enroll-directly', { params: { courseId: 'essay' } });
  school.pass(60);
});

const course = { courseId: 'c' };
const attempt = (attemptId: string) => ({ ...course, quizId: 'quiz', attemptId });
const essay = (attemptId: string) => ({ courseId: 'essay', quizId: 'essay', attemptId });

describe('an attempt at a quiz', () => {
  const submit = (attemptId: string, answers: Record<string, string> = rightAnswers.answers) =>
    school.student('ann').call('submit-quiz-attempt', { params: attempt(attemptId), body: { answers } });

  it('is graded by the keys at once, and never tells them', async () => {
    const { body } = await submit('a1', { one: 'right', two: 'wrong' });
    expect(body).toEqual({
      courseId: 'c',
      quizId: 'quiz',
      userId: 'ann',
      attemptId: 'a1',
      number: 1,
      score: 50,
      passed: true,
      submittedAt: '2026-11-22T10:01:00.000Z',
      version: 1,
    });
  });

  it('counts once when it is handed in again, and gets the same reply', async () => {
    const first = await submit('a1');
    const before = await written(school.db);
    school.pass(10);
    expect((await submit('a1')).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('gets the same reply even after leaving, and when the course is archived', async () => {
    const first = await submit('a1');
    await school.student('ann').call('unenroll', { params: course });
    expect((await submit('a1')).body).toEqual(first.body);
    await school.admin.call('set-course-status', { params: course, body: { status: 'archived' } });
    expect((await submit('a1')).body).toEqual(first.body);
  });

  it('is refused under the id of another one', async () => {
    await submit('a1');
    expect(await refusal(submit('a1', { one: 'wrong' }))).toBe('attempt_conflict');
  });

  it('gets a number of its own when several are handed in at the same moment', async () => {
    const replies = await Promise.all(['a1', 'a2', 'a3', 'a1'].map((id) => submit(id)));
    const numbers = replies.map((reply) => reply.body.number);
    expect(new Set(numbers.slice(0, 3))).toEqual(new Set([1, 2, 3]));
    expect(numbers[3]).toBe(numbers[0]);
    expect(await school.db.rows('quizAttempts')).toHaveLength(3);
  });

  it('counts once when its reply is lost', async () => {
    failFirst(school.db, 'PutItem', { kind: 'lost' });
    expect((await submit('a1')).body.number).toBe(1);
    expect(await school.db.rows('quizAttempts')).toHaveLength(1);
  });

  it('is refused with answers to what was not asked, and writes nothing', async () => {
    const before = await written(school.db);
    expect(await refusal(submit('a1', { three: 'right' }))).toBe('answers_invalid');
    expect(await refusal(submit('a1', { one: 'third' }))).toBe('answers_invalid');
    expect(await written(school.db)).toEqual(before);
  });
});

describe('marking by hand', () => {
  const mark = (attemptId: string, body: { score: number; ifVersion?: number }) =>
    school.admin.call('mark-quiz-attempt', { params: { ...essay(attemptId), userId: 'ann' }, body });

  beforeEach(async () => {
    const { body } = await school
      .student('ann')
      .call('submit-quiz-attempt', { params: essay('e1'), body: {} });
    expect(body).toMatchObject({ score: null, passed: null });
  });

  it('gives the attempt its score, and says who gave it', async () => {
    expect((await mark('e1', { score: 40 })).body).toMatchObject({ score: 40, passed: true, version: 2 });
    expect(await school.db.rows('quizAttempts')).toMatchObject([{ markedBy: 'the-admin', score: 40 }]);
  });

  it('says the same and writes nothing when it is sent again', async () => {
    const first = await mark('e1', { score: 40 });
    const before = await written(school.db);
    expect((await mark('e1', { score: 40 })).body).toEqual(first.body);
    expect(await written(school.db)).toEqual(before);
  });

  it('lets only one of two different marks at the same moment stand', async () => {
    const outcomes = await Promise.all([
      refusal(mark('e1', { score: 40 })),
      refusal(mark('e1', { score: 60 })),
    ]);
    expect(outcomes.toSorted()).toEqual(['mark_conflict', undefined]);
    expect(await school.db.rows('quizAttempts')).toMatchObject([{ version: 2 }]);
  });

  it('changes a mark only at the version that was seen', async () => {
    await mark('e1', { score: 40 });
    expect(await refusal(mark('e1', { score: 60 }))).toBe('mark_conflict');
    expect(await refusal(mark('e1', { score: 60, ifVersion: 1 }))).toBe('mark_conflict');
    expect((await mark('e1', { score: 60, ifVersion: 2 })).body).toMatchObject({ score: 60, version: 3 });
  });

  it('is refused for a quiz with keys, an unknown attempt, item and course', async () => {
    const { params, body } = { params: { ...essay('e1'), userId: 'ann' }, body: { score: 1 } };
    const marking = (change: Partial<typeof params>) =>
      refusal(school.admin.call('mark-quiz-attempt', { params: { ...params, ...change }, body }));
    expect(await marking({ courseId: 'c', quizId: 'quiz' })).toBe('not_marked_by_hand');
    expect(await marking({ attemptId: 'e2' })).toBe('attempt_unknown');
    expect(await marking({ userId: 'bob' })).toBe('attempt_unknown');
    expect(await marking({ quizId: 'nothing' })).toBe('item_unknown');
    expect(await marking({ courseId: 'nowhere' })).toBe('course_unknown');
  });
});
