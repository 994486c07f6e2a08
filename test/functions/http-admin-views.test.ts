import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../shared/store/keys.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { courseRow, ids, putRows, stamp, walk } from './http-rows.ts';
import { type HttpSchool, httpSchool, sent, SHARDS } from './http-school.ts';

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

describe('the admin dashboard', () => {
  it('adds the shards of the school and of each course', async () => {
    await put('courses', [courseRow('a'), courseRow('b', { status: 'draft', access: 'admin' })]);
    await put('analytics', [
      { scope: 'school', part: 'total#0', enrollments: 3, learners: 2, 'status.active': 3, ...stamp },
      { scope: 'school', part: 'total#1', enrollments: 4, learners: 1, 'status.cancelled': 4, ...stamp },
      { scope: 'course#a', part: 'total#0', learners: 2, progressCount: 2, progressSum: 100, ...stamp },
      {
        scope: 'course#a',
        part: 'total#1',
        learners: 1,
        progressCount: 1,
        progressSum: 11,
        pendingRequests: 5,
        ...stamp,
      },
    ]);
    const [page] = await walk(school.db, (query) => school.admin.call('get-admin-dashboard', { query }));
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
          pendingRequests: 5,
        },
        {
          courseId: 'b',
          title: 'Course b',
          status: 'draft',
          access: 'admin',
          learners: 0,
          completions: 0,
          meanProgress: null,
          pendingRequests: 0,
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
    const pages = await walk(school.db, (query) =>
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
