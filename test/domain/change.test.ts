import { describe, expect, test } from 'vitest';
import { visibleAdminChange, visibleStudentChange } from '../../shared/domain/change.ts';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import { at, cause, course, enrollment, progress } from './builders.ts';

const later = { version: 5, updatedAt: at(9), causedBy: 'request-2', causedAt: at(8) };

describe('what a student sees change', () => {
  test('is a new enrollment, in every view that lists it', () => {
    expect(visibleStudentChange('enrollments', undefined, enrollment({ progress: 5 }))).toEqual({
      views: ['StudentDashboard', 'StudentCourses', 'StudentProgress', 'StudentCourseDetail'],
      row: {
        table: 'enrollments',
        key: 'u1#c1',
        version: 1,
        removed: false,
        ...cause,
        values: {
          status: 'active',
          source: 'direct',
          progress: 5,
          progressVersion: null,
          enrolledAt: at(0),
          cancelledAt: null,
          completedAt: null,
        },
      },
    });
  });

  test('is progress, with the version and cause of the row', () => {
    const change = visibleStudentChange('enrollments', enrollment(), enrollment({ ...later, progress: 50 }));
    expect(change?.views).toEqual(['StudentDashboard', 'StudentCourses', 'StudentCourseDetail']);
    expect(change?.row).toMatchObject({
      version: 5,
      causedBy: 'request-2',
      causedAt: at(8),
      values: { progress: 50 },
    });
  });

  test.each([
    ['a version', enrollment(later)],
    ['a flag for the analytics', enrollment({ ...later, attempted: true })],
    ['a key of a command', enrollment({ ...later, enrolledWith: 'k' })],
  ])('is nothing where only %s changed', (_rule, after) => {
    expect(visibleStudentChange('enrollments', enrollment(), after)).toBeUndefined();
    expect(visibleAdminChange('enrollments', enrollment(), after)).toBeUndefined();
  });

  test('is nothing where only seconds within a percent or the outline version changed', () => {
    const before = progress({
      watchedVideos: { v1: { version: 1, seconds: 10, percent: 1, completed: false } },
    });
    const after = progress({
      ...later,
      outlineVersion: 2,
      watchedVideos: { v1: { version: 2, seconds: 15, percent: 1, completed: false } },
    });
    expect(visibleStudentChange('studentProgress', before, after)).toBeUndefined();
  });

  test('are the videos, chapters and quizzes that changed, and no others', () => {
    const before = progress({
      completedChapters: { ch1: { version: 1, completedAt: at(0) } },
      watchedVideos: {
        v1: { version: 1, seconds: 10, percent: 1, completed: false },
        gone: { version: 0, seconds: 0, percent: 0, completed: true },
      },
      quizAttempts: { q1: { 1: { version: 1, score: 40 } }, q2: { 1: { version: 1, score: null } } },
    });
    const after = progress({
      ...before,
      ...later,
      totalProgress: 12,
      watchedVideos: { v1: { version: 2, seconds: 20, percent: 2, completed: false } },
      quizAttempts: {
        q1: { 1: { version: 1, score: 40 }, 3: { version: 1, score: 30 } },
        q2: { 1: { version: 1, score: null } },
      },
    });
    expect(visibleStudentChange('studentProgress', before, after)).toMatchObject({
      views: ['StudentProgress', 'StudentCourseDetail'],
      row: {
        key: 'u1#c1',
        values: {
          totalProgress: 12,
          completedItems: 0,
          requiredItems: 0,
          completedAt: null,
          'videos.v1.percent': 2,
          'videos.gone.percent': null,
          'videos.gone.completed': null,
          'quizzes.q1.attempts': 3,
        },
      },
    });
    const { row } = visibleStudentChange('studentProgress', before, after) ?? {};
    expect(Object.keys(row?.values ?? {})).toHaveLength(8);
  });

  test('is how many questions were answered, where that changed, though the percentage did not', () => {
    const before = progress({ answeredQuestions: bitmapWith([1]) });
    const after = progress({ ...later, answeredQuestions: bitmapWith([1, 9]) });
    expect(visibleStudentChange('studentProgress', before, after)).toMatchObject({
      views: ['StudentProgress', 'StudentCourseDetail'],
      row: { values: { 'qbank.answered': 2 } },
    });
    const elsewhere = { ...after, version: 3, totalProgress: 5 };
    const { row } = visibleStudentChange('studentProgress', after, elsewhere) ?? {};
    expect(row?.values).not.toHaveProperty(['qbank.answered']);
  });

  test('is that a row is gone, later than all that was seen of it', () => {
    expect(visibleStudentChange('enrollments', enrollment({ version: 3 }), undefined)?.row).toMatchObject({
      removed: true,
      version: 4,
      values: {},
    });
  });

  test('is nothing of a row that came and went', () => {
    expect(visibleStudentChange('enrollments', undefined, undefined)).toBeUndefined();
  });
});

describe('what an admin sees change', () => {
  const shard = { scope: 'school', part: 'total#0', ...later, enrollments: 3 };

  test.each([
    ['total#0', ['AdminDashboard', 'AdminAnalytics']],
    ['day#2026-11-22#0', ['AdminAnalytics']],
    ['quiz#q1#0', ['AdminAnalytics']],
  ])('of the aggregate %s are the views %s', (part, views) => {
    const change = visibleAdminChange(
      'analytics',
      { ...shard, part },
      { ...shard, part, ...{ enrollments: 4 } },
    );
    expect(change).toMatchObject({
      views,
      row: { key: `school#${part}`, version: 5, values: { enrollments: 4 } },
    });
    expect(change?.row.values).toEqual({ enrollments: 4 });
  });

  test('is nothing of an aggregate whose numbers stay', () => {
    expect(visibleAdminChange('analytics', shard, { ...shard, version: 6 })).toBeUndefined();
  });

  test('of an enrollment is the list of students', () => {
    expect(
      visibleAdminChange('enrollments', enrollment(), enrollment({ status: 'cancelled' }))?.views,
    ).toEqual(['AdminStudents']);
  });

  test('of a course are its title, status and access', () => {
    expect(visibleAdminChange('courses', course(), course({ ...later, status: 'archived' }))).toMatchObject({
      views: ['AdminDashboard'],
      row: { key: 'c1#course', values: { title: 'A course', status: 'archived', access: 'open' } },
    });
    expect(visibleAdminChange('courses', course(), course({ title: 'B' }))?.views).toEqual([
      'AdminDashboard',
      'AdminStudents',
    ]);
    expect(
      visibleAdminChange('courses', course(), course({ ...later, outlineVersion: 2, summary: 's' })),
    ).toBeUndefined();
  });
});
