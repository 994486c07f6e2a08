import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnrollmentRow, StudentProgressRow } from '../../shared/contracts/rows.ts';
import type { Table } from '../../shared/store/keys.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { type HttpSchool, httpSchool, refusal, sent, SHARDS } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
});

const at = '2026-11-22T10:00:00.000Z';
const stamp = { version: 1, updatedAt: at, causedBy: 'test', causedAt: at };

async function put(table: Table, rows: Record<string, unknown>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 25) {
    const requests = rows.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await school.db.plain.send(
      new BatchWriteCommand({ RequestItems: { [school.db.tables[table]]: requests } }),
    );
  }
}

function courseRow(courseId: string, change: Record<string, unknown> = {}) {
  const basics = { title: `Course ${courseId}`, summary: '', status: 'published', access: 'open' };
  return { courseId, part: 'course', ...basics, outlineVersion: 0, ...stamp, ...change };
}

function enrollmentRow(userId: string, courseId: string, change: Partial<EnrollmentRow> = {}) {
  const basics = { status: 'active', source: 'direct', progress: 0, attempted: false, enrolledAt: at };
  return { userId, courseId, ...basics, ...stamp, ...change };
}

function progressRow(userId: string, courseId: string, change: Partial<StudentProgressRow> = {}) {
  const facts = { completedChapters: {}, watchedVideos: {}, quizAttempts: {} };
  const computed = {
    totalProgress: 0,
    completedItems: 0,
    requiredItems: 3,
    outlineVersion: 1,
    ruleVersion: 1,
  };
  return { userId, courseId, ...facts, ...computed, ...stamp, ...change };
}

/** Walks through the pages of a list, and checks that none takes more than three requests. */
async function walk<Page extends { cursor?: string | undefined }>(
  read: (cursor: { cursor?: string }) => Promise<{ body: Page }>,
): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    school.db.faults.clear();
    const { body } = await read(cursor === undefined ? {} : { cursor });
    expect(sent(school.db).length).toBeLessThanOrEqual(3);
    pages.push(body);
    cursor = body.cursor;
    expect(pages.length).toBeLessThan(100);
  } while (cursor !== undefined);
  return pages;
}

const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => `c${String(index).padStart(3, '0')}`);

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
    const pages = await walk((query) =>
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
    const pages = await walk((query) =>
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
      }),
      progressRow('ann', 'b'),
    ]);
    const [page] = await walk((query) => school.student('ann').call('get-student-progress', { query }));
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
    const pages = await walk((query) =>
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

describe('the admin dashboard', () => {
  it('adds the shards of the school and of each course', async () => {
    await put('courses', [courseRow('a'), courseRow('b', { status: 'draft', access: 'admin' })]);
    await put('analytics', [
      { scope: 'school', part: 'total#0', enrollments: 3, learners: 2, 'status.active': 3, ...stamp },
      { scope: 'school', part: 'total#1', enrollments: 4, learners: 1, 'status.cancelled': 4, ...stamp },
      { scope: 'course#a', part: 'total#0', learners: 2, progressCount: 2, progressSum: 100, ...stamp },
      { scope: 'course#a', part: 'total#1', learners: 1, progressCount: 1, progressSum: 11, ...stamp },
    ]);
    const [page] = await walk((query) => school.admin.call('get-admin-dashboard', { query }));
    expect(page?.totals).toMatchObject({
      enrollments: 7,
      learners: 3,
      byStatus: { active: 3, cancelled: 4, completed: 0 },
    });
    expect(page?.courses).toHaveLength(2);
    expect(page?.courses).toEqual(
      expect.arrayContaining([
        {
          courseId: 'a',
          title: 'Course a',
          status: 'published',
          access: 'open',
          learners: 3,
          completions: 0,
          meanProgress: 37,
        },
        {
          courseId: 'b',
          title: 'Course b',
          status: 'draft',
          access: 'admin',
          learners: 0,
          completions: 0,
          meanProgress: null,
        },
      ]),
    );
  });

  it('shows every course once, in whatever state, however many there are', async () => {
    const states = ['draft', 'published', 'archived'];
    await put(
      'courses',
      ids(150).map((id, index) => courseRow(id, { status: states[index % 3] })),
    );
    const pages = await walk((query) =>
      school.admin.call('get-admin-dashboard', { query: { limit: 100, ...query } }),
    );
    const shown = pages.flatMap((page) => page.courses.map((course) => course.courseId));
    expect(shown.toSorted()).toEqual(ids(150));
    expect(pages[0]?.courses).toHaveLength(Math.floor((200 - SHARDS) / (SHARDS + 1)));
  });
});

describe('the admin analytics', () => {
  const row = (scope: string, part: string, metrics: Record<string, number>) => ({
    scope,
    part,
    ...metrics,
    ...stamp,
  });

  it('shows a course with its quizzes and the learners of each day asked for', async () => {
    await put('courses', [courseRow('a')]);
    await put('analytics', [
      row('course#a', 'total#0', { enrollments: 1 }),
      row('course#a', 'total#1', { enrollments: 2 }),
      row('course#a', 'quiz#q#0', {
        attempts: 2,
        scored: 2,
        scoreSum: 10_000,
        scoreSquares: 100_000_000,
        passes: 1,
      }),
      row('course#a', 'quiz#q#1', { attempts: 1 }),
      row('course#a', 'quiz#r#1', { attempts: 1 }),
      row('course#a', 'day#2026-11-20#0', { activeLearners: 1 }),
      row('course#a', 'day#2026-11-22#0', { activeLearners: 2 }),
      row('course#a', 'day#2026-11-22#1', { activeLearners: 3 }),
      row('course#a', 'day#2026-11-23#1', { activeLearners: 9 }),
      row('course#ab', 'total#0', { enrollments: 100 }),
    ]);
    school.db.faults.clear();
    const { body } = await school.admin.call('get-admin-analytics', {
      query: { courseId: 'a', from: '2026-11-20', to: '2026-11-22' },
    });
    expect(sent(school.db)).toHaveLength(3);
    expect(body.scope).toEqual({ of: 'course', courseId: 'a' });
    expect(body.totals.enrollments).toBe(3);
    expect(body.activeLearners).toEqual([
      { day: '2026-11-20', learners: 1 },
      { day: '2026-11-21', learners: 0 },
      { day: '2026-11-22', learners: 5 },
    ]);
    expect(body.quizzes).toEqual([
      { quizId: 'q', attempts: 3, scored: 2, passes: 1, meanScore: 50, scoreDeviation: 50 },
      { quizId: 'r', attempts: 1, scored: 0, passes: 0, meanScore: null, scoreDeviation: null },
    ]);
  });

  it('shows of the school the last thirty days up to today', async () => {
    await put('analytics', [row('school', 'total#0', { chaptersCompleted: 8 })]);
    const { body } = await school.admin.call('get-admin-analytics');
    expect(body.scope).toEqual({ of: 'school' });
    expect(body.totals.chaptersCompleted).toBe(8);
    expect(body.activeLearners).toHaveLength(30);
    expect(body.activeLearners.at(-1)?.day).toBe('2026-11-22');
    expect(body.activeLearners[0]?.day).toBe('2026-10-24');
  });
});

describe('the admin students', () => {
  const everybody = (count: number, courses: (index: number) => string[]) =>
    Array.from({ length: count }, (_, index) => [`u${index}`, courses(index)] as const);

  async function fill(people: (readonly [string, string[]])[]): Promise<void> {
    const courses = new Set(people.flatMap(([, own]) => own));
    await put(
      'courses',
      [...courses].map((id) => courseRow(id)),
    );
    await put(
      'students',
      people.map(([userId]) => ({ userId, joinedAt: at, ...stamp })),
    );
    await put(
      'enrollments',
      people.flatMap(([userId, own]) => own.map((id) => enrollmentRow(userId, id))),
    );
  }

  it.each([
    { people: 60, courses: 3, limit: 7 },
    { people: 45, courses: 7, limit: 100 },
    { people: 3, courses: 60, limit: 50 },
    { people: 2, courses: 130, limit: 1 },
  ])('shows everybody once with all enrollments: %o', async ({ people, courses, limit }) => {
    await fill(everybody(people, () => ids(courses)));
    const pages = await walk((query) =>
      school.admin.call('get-admin-students', { query: { limit, ...query } }),
    );
    for (const page of pages) expect(page.students.length).toBeLessThanOrEqual(limit);
    const shown = pages.flatMap((page) => page.students);
    const enrollments = shown.flatMap((each) => each.enrollments.map((own) => `${each.userId} ${own.title}`));
    expect(enrollments).toHaveLength(people * courses);
    expect(new Set(enrollments).size).toBe(people * courses);
    if (courses <= 100) expect(new Set(shown.map((each) => each.userId)).size).toBe(shown.length);
    expect(shown.every((each) => each.joinedAt === at)).toBe(true);
  });

  it('shows those in a course, with their place in it as the table has it', async () => {
    await fill(everybody(101, () => ['a', 'b']));
    await put('enrollments', [enrollmentRow('u5', 'a', { progress: 70 })]);
    const pages = await walk((query) =>
      school.admin.call('get-admin-students', { query: { courseId: 'a', limit: 100, ...query } }),
    );
    expect(pages.map((page) => page.students.length)).toEqual([99, 2]);
    const shown = pages.flatMap((page) => page.students);
    expect(shown.every((each) => each.enrollments.length === 1)).toBe(true);
    expect(shown.find((each) => each.userId === 'u5')?.enrollments).toMatchObject([
      { courseId: 'a', title: 'Course a', progress: 70 },
    ]);
  });

  it('shows nobody of a course that nobody is in', async () => {
    await put('courses', [courseRow('a')]);
    const { body } = await school.admin.call('get-admin-students', { query: { courseId: 'a' } });
    expect(body).toEqual({ students: [] });
  });
});
