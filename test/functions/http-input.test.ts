import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { type HttpSchool, httpSchool, type RawRequest, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
  school = httpSchool(engine);
  await publish(school.admin, 'c', threeChapters());
  await school.student('ann').call('enroll-directly', { params: { courseId: 'c' } });
});
afterAll(() => engine.stop());

const beats = '/me/courses/c/videos/film/beats';
const attempt = '/me/courses/c/quizzes/quiz/attempts/a1';
const course = '/admin/courses/new';
const draft = (change: Record<string, unknown>) => JSON.stringify({ ...threeChapters(), ...change });
const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
const withWeight = (weight: number) => ({
  chapterId: 'a',
  title: 'A',
  items: [{ kind: 'reading', itemId: 'i', title: 'I', weight }],
});
const twoTitles = { chapterId: 'a', title: '', items: [] };

interface Bad extends Partial<RawRequest> {
  readonly status: number;
  readonly code: string;
  /** The name in `details`, or the value of its `field`. */
  readonly field?: string;
}

const invalid = { status: 400, code: 'invalid_request' } as const;

const bad: Record<string, Bad> = {
  'a body that is not JSON': { path: beats, body: '{', ...invalid, field: 'body' },
  'a missing body': { path: beats, ...invalid, field: 'body' },
  'a body of another kind': { path: beats, body: '[]', ...invalid, field: 'body' },
  'an infinite number': {
    path: beats,
    body: '{"intervals":[[0,1e999]]}',
    ...invalid,
    field: 'body.intervals.0.1',
  },
  'a word for a number': {
    path: beats,
    body: '{"positionSeconds":"NaN"}',
    ...invalid,
    field: 'body.positionSeconds',
  },
  'null for a number': {
    path: beats,
    body: '{"positionSeconds":null}',
    ...invalid,
    field: 'body.positionSeconds',
  },
  'a negative position': {
    path: beats,
    body: '{"positionSeconds":-1}',
    ...invalid,
    field: 'body.positionSeconds',
  },
  'an interval of one end': {
    path: beats,
    body: '{"intervals":[[1]]}',
    ...invalid,
    field: 'body.intervals.0',
  },
  'a beat that tells nothing': { path: beats, body: '{}', ...invalid, field: 'body.intervals' },
  "somebody else's userId": {
    path: beats,
    body: '{"positionSeconds":1,"userId":"bob"}',
    ...invalid,
    field: 'body.userId',
  },
  'a progress of its own making': {
    method: 'PUT',
    path: attempt,
    body: JSON.stringify({ ...rightAnswers, progress: 100, score: 100 }),
    ...invalid,
    field: 'body.progress',
  },
  'an interval backwards': {
    path: beats,
    body: '{"intervals":[[5,2]]}',
    status: 422,
    code: 'interval_invalid',
    field: 'body.intervals.0',
  },
  'an interval beyond the video': {
    path: beats,
    body: '{"intervals":[[0,99]]}',
    status: 422,
    code: 'interval_invalid',
    field: 'body.intervals.0.1',
  },
  'an answer to another question': {
    method: 'PUT',
    path: attempt,
    body: '{"answers":{"zero":"right"}}',
    status: 422,
    code: 'answers_invalid',
    field: 'body.answers.zero',
  },
  'an id with a separator': {
    method: 'PUT',
    path: '/me/enrollments/a%23b',
    ...invalid,
    field: 'path.courseId',
  },
  'an unknown course': {
    method: 'PUT',
    path: '/me/enrollments/nowhere',
    status: 404,
    code: 'course_unknown',
  },
  'an unknown chapter': {
    method: 'PUT',
    path: '/me/courses/c/chapters/nowhere/completion',
    status: 404,
    code: 'chapter_unknown',
  },
  'an Idempotency-Key with a space': {
    method: 'PUT',
    path: '/me/enrollments/c',
    headers: { 'idempotency-key': 'a b' },
    ...invalid,
    field: 'header.idempotency-key',
  },
  'an unknown access': {
    method: 'PUT',
    path: course,
    body: draft({ access: 'free' }),
    ...invalid,
    field: 'body.access',
  },
  'an unknown status': {
    method: 'PUT',
    path: '/admin/courses/c/status',
    body: '{"status":"PUBLISHED"}',
    ...invalid,
    field: 'body.status',
  },
  'a price without being paid for': {
    method: 'PUT',
    path: course,
    body: draft({ price: { amount: 100, currency: 'EUR' } }),
    ...invalid,
    field: 'body.price',
  },
  'a chapter without a title': {
    method: 'PUT',
    path: course,
    body: draft({ outline: { chapters: [twoTitles] } }),
    ...invalid,
    field: 'body.outline.chapters.0.title',
  },
  'a score with three decimals': {
    method: 'PUT',
    path: '/admin/courses/c/quizzes/quiz/students/ann/attempts/a1/mark',
    body: '{"score":33.333}',
    ...invalid,
    field: 'body.score',
  },
  'a score too near to nothing to be stored': {
    method: 'PUT',
    path: '/admin/courses/c/quizzes/quiz/students/ann/attempts/a/mark',
    body: '{"score":1e-200}',
    ...invalid,
    field: 'body.score',
  },
  'half a character': {
    method: 'PUT',
    path: course,
    body: draft({ title: '\ud83d' }),
    ...invalid,
    field: 'body',
  },
  'a weight too near to nothing to be stored': {
    method: 'PUT',
    path: course,
    body: draft({ outline: { chapters: [withWeight(1e-200)] } }),
    ...invalid,
    field: 'body.outline.chapters.0.items.0.weight',
  },
  'days beyond the year 9999': {
    method: 'GET',
    path: '/admin/analytics?from=9999-12-20',
    ...invalid,
    field: 'query.from',
  },
  'days before the year 0': {
    method: 'GET',
    path: '/admin/analytics?to=0000-01-05',
    ...invalid,
    field: 'query.to',
  },
  'a body over 256 kB': {
    method: 'PUT',
    path: course,
    body: draft({ summary: 'x'.repeat(300_000) }),
    status: 413,
    code: 'body_too_large',
  },
  'a page without rows': { method: 'GET', path: '/me/dashboard?limit=0', ...invalid, field: 'query.limit' },
  'a page of 101': { method: 'GET', path: '/me/progress?limit=101', ...invalid, field: 'query.limit' },
  'an unknown parameter': {
    method: 'GET',
    path: '/me/courses?userId=bob',
    ...invalid,
    field: 'query.userId',
  },
  'a day that is none': {
    method: 'GET',
    path: '/admin/analytics?from=2026-02-30',
    ...invalid,
    field: 'query.from',
  },
  'days the wrong way round': {
    method: 'GET',
    path: '/admin/analytics?from=2026-02-02&to=2026-02-01',
    ...invalid,
    field: 'query.to',
  },
  'more days than a year has': {
    method: 'GET',
    path: '/admin/analytics?from=2025-01-01&to=2026-02-01',
    ...invalid,
    field: 'query.from',
  },
  'analytics of an unknown course': {
    method: 'GET',
    path: '/admin/analytics?courseId=nowhere',
    status: 404,
    code: 'course_unknown',
  },
  'students of an unknown course': {
    method: 'GET',
    path: '/admin/students?courseId=nowhere',
    status: 404,
    code: 'course_unknown',
  },
  "a cursor of a course's list in the school's": {
    method: 'GET',
    path: `/admin/students?cursor=${cursorOf({ list: 'course', after: { userId: 'ann', courseId: 'c' } })}`,
    ...invalid,
    field: 'query.cursor',
  },
  "a cursor of the school's list in a course's": {
    method: 'GET',
    path: `/admin/students?courseId=c&cursor=${cursorOf({ list: 'enrolled', after: { userId: 'ann', courseId: 'c' } })}`,
    ...invalid,
    field: 'query.cursor',
  },
  "a cursor of another course's list": {
    method: 'GET',
    path: `/admin/students?courseId=c&cursor=${cursorOf({ list: 'course', after: { userId: 'ann', courseId: 'd' } })}`,
    ...invalid,
    field: 'query.cursor',
  },
};

const found = (key: string) =>
  cursorOf({ list: 'found', search: 'an', names: { key, userId: 'u' }, emails: null });
for (const [what, path] of Object.entries({
  'half a character in a profile': `/me/profile?cursor=${cursorOf({ certificate: 'a\ud800' })}`,
  'half a character in a search': `/admin/students?search=an&cursor=${found('an\ud800')}`,
  'more than a key holds in a search': `/admin/students?search=an&cursor=${found(`an${'漢'.repeat(341)}`)}`,
})) {
  bad[`a cursor with ${what}`] = { method: 'GET', path, ...invalid, field: 'query.cursor' };
}

const lists = [
  '/me/dashboard',
  '/me/courses',
  '/me/progress',
  '/me/profile',
  '/me/notifications',
  '/admin/dashboard',
  '/admin/students',
];
const cursors = [
  'x',
  '%00',
  cursorOf({}),
  cursorOf({ courseId: { N: '1' } }),
  cursorOf({ userId: 'bob', courseId: 'c' }),
];
for (const list of lists) {
  for (const [index, cursor] of cursors.entries()) {
    bad[`bad cursor ${index} of ${list}`] = {
      method: 'GET',
      path: `${list}?cursor=${cursor}`,
      ...invalid,
      field: 'query.cursor',
    };
  }
}

describe('bad input', () => {
  it.each(Object.entries(bad))(
    'is refused, naming what is wrong, and writes nothing: %s',
    async (_, request) => {
      const { status, code, field, method = 'POST', path = '', ...rest } = request;
      const caller = path.startsWith('/admin') ? 'admin:root' : 'ann';
      const before = await written(school.db);

      const reply = await school.send({ method, path, caller, ...rest });

      expect(reply).toMatchObject({ status, json: { status, code } });
      expect(reply.headers['content-type']).toBe('application/problem+json');
      if (field !== undefined) {
        const { details } = reply.json as { details: Record<string, string> };
        expect(Object.keys(details)).toContain(field);
      }
      expect(await written(school.db)).toEqual(before);
    },
  );

  it('is refused before anything else to who says not who they are', async () => {
    expect(await school.send({ method: 'POST', path: beats, body: '{}' })).toMatchObject({
      status: 401,
      json: { code: 'unauthenticated' },
    });
  });
});
