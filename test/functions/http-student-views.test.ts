import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import type { Table } from '../../shared/store/keys.ts';
import { practising, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { at, bankRow, courseRow, enrollmentRow, ids, progressRow, putRows, walk } from './http-rows.ts';
import { failFirst, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
});
const put = (table: Table, rows: Record<string, unknown>[]) => putRows(school.db, table, rows);

describe('every view', () => {
  it.each([
    ['/me/dashboard', 'Query'],
    ['/me/courses', 'BatchGetItem'],
    ['/me/courses/c', 'TransactGetItems'],
    ['/me/progress', 'BatchGetItem'],
    ['/me/profile', 'GetItem'],
    ['/me/notifications', 'Query'],
    ['/admin/dashboard', 'Scan'],
    ['/admin/analytics', 'Query'],
    ['/admin/students', 'Scan'],
    ['/admin/students?search=ann', 'Query'],
    ['/admin/students/ann', 'BatchGetItem'],
  ])('is read again when the database has no capacity: %s', async (path, request) => {
    await put('courses', [courseRow('c', { outlineVersion: 0 })]);
    await put('enrollments', [enrollmentRow('ann', 'c')]);
    await put('studentProgress', [progressRow('ann', 'c')]);
    failFirst(school.db, request, { kind: 'throttled' });
    const caller = path.startsWith('/admin') ? 'admin:root' : 'ann';
    expect(await school.send({ method: 'GET', path, caller })).toMatchObject({ status: 200 });
    expect(sent(school.db).filter((name) => name === request).length).toBeGreaterThan(1);
  });

  it('is refused as busy when there is none for long', async () => {
    school.db.faults.plan(() => ({ kind: 'throttled' }));
    expect(await refusal(school.student('ann').call('get-student-dashboard'))).toBe('busy');
  });
});

describe('the student dashboard', () => {
  it('pages through the enrollments of the caller alone, cancelled ones too', async () => {
    await put(
      'courses',
      ids(5).map((id) => courseRow(id)),
    );
    await put('enrollments', [
      ...ids(5).map((id) => enrollmentRow('ann', id, { status: id === 'c001' ? 'cancelled' : 'active' })),
      enrollmentRow('bob', 'c000', { progress: 99 }),
    ]);
    const pages = await walk(school.db, (query) =>
      school.student('ann').call('get-student-dashboard', { query: { limit: 2, ...query } }),
    );
    expect(pages.map((page) => page.enrollments.length)).toEqual([2, 2, 1]);
    const all = pages.flatMap((page) => page.enrollments);
    expect(all.map((each) => each.title)).toEqual(ids(5).map((id) => `Course ${id}`));
    expect(all[1]).toMatchObject({ status: 'cancelled', progress: 0 });
  });

  it('has an entity tag that changes only with what it shows', async () => {
    await put('courses', [courseRow('c')]);
    await put('enrollments', [enrollmentRow('ann', 'c')]);
    const ann = school.student('ann');
    const { etag = '' } = await ann.call('get-student-dashboard');
    expect(await ann.revalidate('get-student-dashboard', etag)).toBeUndefined();
    await put('enrollments', [enrollmentRow('ann', 'c', { progress: 10 })]);
    expect((await ann.revalidate('get-student-dashboard', etag))?.body.enrollments).toMatchObject([
      { progress: 10 },
    ]);
  });
});

describe('the student courses', () => {
  it('pages through the published courses, each with the place of the caller in it', async () => {
    await put('courses', [
      ...ids(100).map((id) => courseRow(id)),
      courseRow('draft', { status: 'draft' }),
      courseRow('old', { status: 'archived' }),
    ]);
    await put('enrollments', [enrollmentRow('ann', 'c003', { progress: 40 }), enrollmentRow('bob', 'c004')]);
    const pages = await walk(school.db, (query) =>
      school.student('ann').call('get-student-courses', { query: { limit: 100, ...query } }),
    );
    const all = pages.flatMap((page) => page.courses);
    expect(all.map((course) => course.courseId)).toEqual(ids(100));
    expect(all.filter((course) => course.enrollment)).toMatchObject([
      { courseId: 'c003', enrollment: { title: 'Course c003', progress: 40 } },
    ]);
  });
});

describe('the student progress', () => {
  it('shows every course that the caller has not left, by its facts', async () => {
    await put(
      'courses',
      ['a', 'b'].map((id) => courseRow(id)),
    );
    await put('enrollments', [enrollmentRow('ann', 'a'), enrollmentRow('ann', 'b', { status: 'cancelled' })]);
    await put('studentProgress', [
      progressRow('ann', 'a', {
        totalProgress: 55,
        completedItems: 1,
        completedChapters: { two: { version: 1, completedAt: at }, one: { version: 1, completedAt: at } },
        watchedVideos: {
          z: { version: 2, seconds: 5, percent: 50, completed: false },
          y: { version: 0, seconds: 0, percent: 0, completed: true },
        },
        quizAttempts: { q: { 1: { version: 1, score: 30 }, 3: { version: 1, score: null } }, p: {} },
        waivedItems: {
          text: { version: 1, waived: true },
          quiz: { version: 2, waived: false },
          film: { version: 1, waived: true },
        },
        answeredQuestions: bitmapWith([0, 3, 77]),
      }),
      progressRow('ann', 'b'),
    ]);
    const [page] = await walk(school.db, (query) =>
      school.student('ann').call('get-student-progress', { query }),
    );
    expect(page?.courses).toEqual([
      {
        courseId: 'a',
        title: 'Course a',
        totalProgress: 55,
        completedItems: 1,
        requiredItems: 3,
        completedChapters: ['one', 'two'],
        watchedVideos: [
          { videoId: 'y', percent: 0, completed: true },
          { videoId: 'z', percent: 50, completed: false },
        ],
        quizAttempts: [
          { quizId: 'p', attempts: 0, bestScore: null },
          { quizId: 'q', attempts: 3, bestScore: 30 },
        ],
        waivedItems: ['film', 'text'],
        answeredQuestions: 3,
        version: 1,
      },
    ]);
  });

  it('pages through a hundred courses at a time', async () => {
    await put(
      'courses',
      ids(101).map((id) => courseRow(id)),
    );
    await put(
      'enrollments',
      ids(101).map((id) => enrollmentRow('ann', id)),
    );
    await put(
      'studentProgress',
      ids(101).map((id) => progressRow('ann', id)),
    );
    const pages = await walk(school.db, (query) =>
      school.student('ann').call('get-student-progress', { query: { limit: 100, ...query } }),
    );
    expect(pages.map((page) => page.courses.length)).toEqual([100, 1]);
  });
});

describe('the course detail', () => {
  const c = { params: { courseId: 'c' } };
  beforeEach(() => publish(school.admin, 'c', threeChapters({ access: 'open' })));

  it('shows what is completed, by the outline and the facts, in three requests', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', c);
    school.pass(60);
    await ann.call('record-video-beat', {
      params: { courseId: 'c', videoId: 'film' },
      body: { intervals: [[0, 4]] },
    });
    await put('studentProgress', [
      progressRow('ann', 'c', {
        totalProgress: 46,
        completedChapters: { read: { version: 1, completedAt: at } },
        watchedVideos: { film: { version: 1, seconds: 4, percent: 40, completed: false } },
        quizAttempts: { quiz: { 1: { version: 1, score: 0 }, 2: { version: 1, score: 100 } } },
      }),
    ]);
    school.db.faults.clear();
    const { body } = await ann.call('get-student-course-detail', c);
    expect(sent(school.db).length).toBeLessThanOrEqual(3);
    expect(body).toMatchObject({ totalProgress: 46, enrollment: { status: 'active' }, outlineVersion: 1 });
    expect(body.chapters.map((chapter) => [chapter.chapterId, chapter.completed])).toEqual([
      ['read', true],
      ['watch', false],
      ['answer', false],
    ]);
    expect(body.chapters.flatMap((chapter) => chapter.items)).toMatchObject([
      { kind: 'reading', completed: true },
      { kind: 'video', completed: false, percent: 40, positionSeconds: 4, durationSeconds: 10 },
      { kind: 'quiz', completed: true, attempts: 2, bestScore: 100, markedByHand: false },
    ]);
  });

  it.each([
    ['fewer', [5], { answered: 1, completed: false }],
    ['as many', [5, 9], { answered: 2, completed: true }],
    ['more', [5, 9, 10], { answered: 3, completed: true }],
  ])(
    'shows how many questions were answered of practice that asks for two: %s',
    async (_rule, ordinals, of) => {
      await put('qbankQuestions', [bankRow('p', 11)]);
      await publish(school.admin, 'p', practising(2));
      const ann = school.student('ann');
      const p = { params: { courseId: 'p' } };
      const item = async () => (await ann.call('get-student-course-detail', p)).body.chapters[1]?.items[0];
      expect(await item()).toMatchObject({ kind: 'qbank', questions: 2, answered: 0, completed: false });
      await ann.call('enroll-directly', p);
      await put('studentProgress', [
        progressRow('ann', 'p', {
          completedChapters: { practise: { version: 1, completedAt: at } },
          answeredQuestions: bitmapWith(ordinals),
        }),
      ]);
      expect(await item()).toMatchObject({ kind: 'qbank', questions: 2, waived: false, ...of });
    },
  );

  it('shows the questions without their keys', async () => {
    const ann = school.student('ann');
    await ann.call('enroll-directly', c);
    const { body } = await ann.call('get-student-course-detail', c);
    const quiz = body.chapters[2]?.items[0];
    expect(quiz).toMatchObject({ questions: [{ questionId: 'one' }, { questionId: 'two' }] });
    expect(JSON.stringify(body)).not.toContain('"key"');
  });

  it('shows no questions to who is not in the course', async () => {
    const ann = school.student('ann');
    const questions = async () => {
      const { body } = await ann.call('get-student-course-detail', c);
      const quiz = body.chapters[2]?.items[0];
      return quiz?.kind === 'quiz' ? quiz.questions : undefined;
    };
    expect(await questions()).toEqual([]);
    await ann.call('enroll-directly', c);
    expect(await questions()).toHaveLength(2);
    await ann.call('unenroll', c);
    expect(await questions()).toEqual([]);
  });

  it('is no course, while it is not published, to who is not in it', async () => {
    await school.student('ann').call('enroll-directly', c);
    await school.admin.call('set-course-status', { ...c, body: { status: 'archived' } });
    expect(await refusal(school.student('bob').call('get-student-course-detail', c))).toBe('course_unknown');
    const { body } = await school.student('ann').call('get-student-course-detail', c);
    expect(body.status).toBe('archived');
    await school.admin.call('put-course', { params: { courseId: 'd' }, body: threeChapters() });
    const draft = { params: { courseId: 'd' } };
    expect(await refusal(school.student('ann').call('get-student-course-detail', draft))).toBe(
      'course_unknown',
    );
  });
});

describe('no reply to a student', () => {
  it('tells the key of a question', async () => {
    await publish(school.admin, 'c', threeChapters());
    const ann = school.student('ann');
    const params = { courseId: 'c' };
    const replies = [
      await ann.call('enroll-directly', { params }),
      await ann.call('submit-quiz-attempt', {
        params: { ...params, quizId: 'quiz', attemptId: 'a' },
        body: rightAnswers,
      }),
      await ann.call('get-student-dashboard'),
      await ann.call('get-student-courses'),
      await ann.call('get-student-progress'),
      await ann.call('get-student-course-detail', { params }),
    ];
    for (const reply of replies) expect(JSON.stringify(reply.body)).not.toMatch(/"key"|"answers"/);
  });
});
