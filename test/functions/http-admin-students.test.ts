import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Table } from '../../shared/store/keys.ts';
import { register } from '../../shared/domain/profile.ts';
import { cause, id } from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { at, courseRow, enrollmentRow, ids, progressRow, putRows, stamp, walk } from './http-rows.ts';
import { holdNext, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';

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

const student = (userId: string, change: Record<string, unknown> = {}) => ({
  userId,
  joinedAt: at,
  ...stamp,
  ...change,
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
      people.map(([userId]) => student(userId)),
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
    const pages = await walk(school.db, (query) =>
      school.admin.call('get-admin-students', { query: { limit, ...query } }),
    );
    for (const page of pages) expect(page.students.length).toBeLessThanOrEqual(limit);
    const shown = pages.flatMap((page) => page.students);
    const enrollments = shown.flatMap((each) =>
      (each.enrollments ?? []).map((own) => `${each.userId} ${own.title}`),
    );
    expect(enrollments).toHaveLength(people * courses);
    expect(new Set(enrollments).size).toBe(people * courses);
    if (courses <= 100) expect(new Set(shown.map((each) => each.userId)).size).toBe(shown.length);
    expect(shown.every((each) => each.joinedAt === at)).toBe(true);
  });

  it('shows those in a course, with their place in it as the table has it', async () => {
    await fill(everybody(101, () => ['a', 'b']));
    await put('enrollments', [enrollmentRow('u5', 'a', { progress: 70 })]);
    const pages = await walk(school.db, (query) =>
      school.admin.call('get-admin-students', { query: { courseId: 'a', limit: 100, ...query } }),
    );
    expect(pages.map((page) => page.students.length)).toEqual([99, 2]);
    const shown = pages.flatMap((page) => page.students);
    expect(shown.every((each) => each.enrollments?.length === 1)).toBe(true);
    expect(shown.find((each) => each.userId === 'u5')?.enrollments).toMatchObject([
      { courseId: 'a', title: 'Course a', progress: 70 },
    ]);
  });

  it.each([
    { enrolled: 5, newcomers: 4, limit: 50, pages: 1 },
    { enrolled: 5, newcomers: 9, limit: 5, pages: 3 },
    { enrolled: 7, newcomers: 1, limit: 7, pages: 2 },
    { enrolled: 0, newcomers: 6, limit: 4, pages: 2 },
    { enrolled: 0, newcomers: 0, limit: 4, pages: 1 },
    { enrolled: 98, newcomers: 30, limit: 100, pages: 2 },
  ])(
    'goes on with those who were never enrolled: %o',
    async ({ enrolled, newcomers, limit, pages: count }) => {
      await fill(everybody(enrolled, () => ['a']));
      await put(
        'students',
        Array.from({ length: newcomers }, (_, index) =>
          student(`n${index}`, { newcomerSince: index % 2 === 0 ? '2026-11-21' : '2026-11-22' }),
        ),
      );
      const pages = await walk(school.db, (query) =>
        school.admin.call('get-admin-students', { query: { limit, ...query } }),
      );
      expect(pages).toHaveLength(count);
      for (const page of pages) expect(page.students.length).toBeLessThanOrEqual(limit);
      const shown = pages.flatMap((page) => page.students);
      expect(new Set(shown.map((each) => each.userId)).size).toBe(enrolled + newcomers);
      expect(shown).toHaveLength(enrolled + newcomers);
      expect(shown.slice(enrolled).every((each) => each.enrollments?.length === 0)).toBe(true);
    },
  );

  it('shows who enrolls once, though the index of newcomers lags', async () => {
    await put('students', [student('ann', { newcomerSince: '2026-11-22' }), student('bob')]);
    const held = holdNext(school.db, 'BatchGetItem');
    const listing = school.admin.call('get-admin-students');
    await held.reached;
    await put('students', [student('ann')]);
    held.release();
    expect((await listing).body).toEqual({ students: [] });
  });

  it('shows names and addresses, where they are known', async () => {
    await fill([['ann', ['a']]]);
    await put('students', [student('ann', { name: 'Ann', email: 'ann@school.example' })]);
    for (const query of [{}, { courseId: 'a' }]) {
      const { body } = await school.admin.call('get-admin-students', { query });
      expect(body.students).toMatchObject([{ name: 'Ann', email: 'ann@school.example', joinedAt: at }]);
    }
  });

  it('shows nobody of a course that nobody is in', async () => {
    await put('courses', [courseRow('a')]);
    const { body } = await school.admin.call('get-admin-students', { query: { courseId: 'a' } });
    expect(body).toEqual({ students: [] });
  });
});

describe('a search for students', () => {
  async function signUp(people: Record<string, { name?: string; email?: string }>): Promise<void> {
    const rows = Object.entries(people).map(([userId, person]) =>
      register({ userId: id(userId), student: undefined, ...person, now: at, cause }),
    );
    await put(
      'students',
      rows.flatMap((row) => row ?? []),
    );
  }

  async function found(search: string, limit = 50): Promise<string[]> {
    const pages = await walk(school.db, (query) =>
      school.admin.call('get-admin-students', { query: { search, limit, ...query } }),
    );
    for (const page of pages) expect(page.students.length).toBeLessThanOrEqual(limit);
    return pages.flatMap((page) => page.students.map((each) => each.userId));
  }

  const people = {
    zoe: { name: 'Zoë Ångström', email: 'zoe@school.example' },
    zora: { name: 'Zora Neale', email: 'hurston@school.example' },
    ann: { name: 'Ann Lee', email: 'zo.ann@school.example' },
    bob: { name: 'Bob' },
    mail: { email: 'annual@school.example' },
  };

  it.each([
    ['zo', ['zoe', 'zora', 'ann']],
    ['ZOË Å', ['zoe']],
    ['zoe angstrom', ['zoe']],
    ['zo.', ['ann']],
    ['ann', ['ann', 'mail']],
    ['hurston@SCHOOL', ['zora']],
    ['lee', []],
    ['zoz', []],
  ])('finds those whose name or address begins with %j', async (search, expected) => {
    await signUp(people);
    expect(await found(search)).toEqual(expected);
  });

  it('shows a person whom the name and the address find once, with the name and without enrollments', async () => {
    await signUp(people);
    const { body } = await school.admin.call('get-admin-students', { query: { search: 'zoe' } });
    expect(body).toEqual({
      students: [{ userId: 'zoe', name: 'Zoë Ångström', email: 'zoe@school.example', joinedAt: at }],
    });
  });

  it.each([1, 2, 7, 100])('shows everybody once, in pages of %d', async (limit) => {
    const many = Object.fromEntries(
      ids(40).map((each, index) => [
        each,
        {
          // Some are found by the name, some by the address, some by both, some by neither.
          name: index % 2 === 0 ? `Max ${each}` : `Mia ${each}`,
          email: index % 3 === 0 ? `max.${each}@school.example` : `${each}@school.example`,
        },
      ]),
    );
    await signUp(many);
    const expected = ids(40).filter((_, index) => index % 2 === 0 || index % 3 === 0);
    const shown = await found('max', limit);
    expect(shown).toHaveLength(expected.length);
    expect(shown.toSorted()).toEqual(expected);
  });

  it('does not show a person who is called otherwise by now, though the index lags', async () => {
    await signUp(people);
    const held = holdNext(school.db, 'BatchGetItem');
    const searching = school.admin.call('get-admin-students', { query: { search: 'bob' } });
    await held.reached;
    await school.student('bob').call('put-student-profile', { body: { name: 'Robert' } });
    held.release();
    expect((await searching).body.students).toEqual([]);
    expect(await found('rob')).toEqual(['bob']);
  });

  it('refuses one letter, a course beside it, and the cursor of another search', async () => {
    await signUp({ ...people, zed: { name: 'Zo Ed' } });
    const { body } = await school.admin.call('get-admin-students', { query: { search: 'zo', limit: 1 } });
    for (const query of [
      { search: 'z' },
      { search: 'e\u0301' },
      { search: 'zo', courseId: 'a' },
      { search: 'zoe', cursor: body.cursor ?? '' },
      { cursor: body.cursor ?? '' },
    ]) {
      expect(await refusal(school.admin.call('get-admin-students', { query }))).toBe('invalid_request');
    }
  });
});

const payment = (userId: string, change: Record<string, unknown>) => ({
  userId,
  paymentId: 'p',
  courseId: 'a',
  amount: 900,
  currency: 'EUR',
  status: 'pending',
  createdAt: at,
  order: {
    title: 'Course a',
    successUrl: 'https://school.example/yes',
    cancelUrl: 'https://school.example/no',
  },
  ...stamp,
  ...change,
});

describe('one student whole', () => {
  const whole = (userId: string) => school.admin.call('get-admin-student', { params: { userId } });

  it('shows every list of the student, with the titles of the courses', async () => {
    await put('courses', [courseRow('a'), courseRow('b')]);
    await put('students', [
      student('ann', { name: 'Ann', email: 'ann@school.example', nameKey: 'ann', namePrefix: 'an' }),
    ]);
    await put('enrollments', [enrollmentRow('ann', 'a', { progress: 50 }), enrollmentRow('bob', 'b')]);
    await put('studentProgress', [
      progressRow('ann', 'a', {
        waivedItems: {
          text: { version: 1, waived: true },
          quiz: { version: 2, waived: false },
          film: { version: 1, waived: true },
        },
      }),
    ]);
    await put('accessRequests', [
      { userId: 'ann', courseId: 'b', status: 'pending', requestedAt: at, ...stamp },
    ]);
    const waiver = { courseId: 'a', itemId: 'text', waived: true, reason: 'was ill', waivedBy: 'root' };
    await put('waivers', [{ userId: 'ann', waiver: 'a#text', ...waiver, waivedAt: at, ...stamp }]);
    const paid = { paymentId: 'p', courseId: 'a', amount: 900, currency: 'EUR', status: 'completed' };
    await put('payments', [payment('ann', { ...paid, completedBy: 'evt_1' })]);

    const { body } = await whole('ann');
    expect(body).toEqual({
      userId: 'ann',
      name: 'Ann',
      email: 'ann@school.example',
      joinedAt: at,
      enrollments: [expect.objectContaining({ courseId: 'a', title: 'Course a', progress: 50 })],
      progress: [
        expect.objectContaining({ courseId: 'a', title: 'Course a', waivedItems: ['film', 'text'] }),
      ],
      requests: [{ courseId: 'b', title: 'Course b', status: 'pending', requestedAt: at, version: 1 }],
      waivers: [{ userId: 'ann', ...waiver, waivedAt: at, version: 1 }],
      payments: [{ ...paid, createdAt: at, version: 1 }],
      certificates: [],
    });
    expect(sent(school.db)).toEqual([...Array<string>(6).fill('Query'), 'BatchGetItem']);
  });

  it('is there with any row at all, and unknown with none', async () => {
    await put('payments', [payment('ann', {})]);
    await put('students', [student('bob')]);
    expect((await whole('ann')).body.payments).toHaveLength(1);
    expect((await whole('bob')).body).toMatchObject({ joinedAt: at, enrollments: [] });
    expect(await refusal(whole('cleo'))).toBe('student_unknown');
  });
});
