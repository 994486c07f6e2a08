import { describe, expect, test } from 'vitest';
import { outlinePart, putCourse, setCourseStatus } from '../../shared/domain/course-change.ts';
import { COURSE_STATUSES, mayBecome, statusOf, type CourseStatus } from '../../shared/domain/status.ts';
import { at, course, id, outline, outlineRow, qbank, quiz, reading, refusal } from './builders.ts';

const one = outline({ ch1: [reading('r1')] });
const two = outline({ ch1: [reading('r1'), quiz('q1')] });
const said = { title: 'A course', summary: '', access: 'open' } as const;
const later = { causedBy: 'request-9', causedAt: at(9) };

type Put = Parameters<typeof putCourse>[0];
function put(over: Partial<Put> = {}) {
  return putCourse({
    courseId: id('c1'),
    course: course({ version: 4 }),
    draft: outlineRow(one, { version: 2 }),
    change: { ...said, outline: one },
    now: at(9),
    cause: later,
    ...over,
  });
}

type SetStatus = Parameters<typeof setCourseStatus>[0];
function become(from: CourseStatus, status: CourseStatus, over: Partial<SetStatus> = {}) {
  return setCourseStatus({
    course: course({ status: from, version: 4, outlineVersion: from === 'draft' ? 0 : 1 }),
    draft: outlineRow(one),
    published: from === 'draft' ? undefined : outlineRow(one, { part: 'outline#000001' }),
    bank: undefined,
    status,
    now: at(9),
    cause: later,
    ...over,
  });
}

describe('putting a course', () => {
  test('that is new makes a draft', () => {
    const made = put({
      course: undefined,
      draft: undefined,
      change: { ...said, outline: one, ifVersion: 0 },
    });
    expect(made.course).toMatchObject({
      status: 'draft',
      outlineVersion: 0,
      part: 'course',
      version: 1,
      ...later,
    });
    expect(made.draft).toMatchObject({ part: 'draft', chapters: one.chapters, version: 1 });
  });

  test('as it is changes nothing, whatever version it was made on', () => {
    expect(put()).toEqual({});
    expect(put({ change: { ...said, outline: one, ifVersion: 3 } })).toEqual({});
  });

  test('with another title leaves the draft', () => {
    const { course: row, draft } = put({ change: { ...said, title: 'Other', outline: one, ifVersion: 4 } });
    expect(row).toMatchObject({ title: 'Other', status: 'published', outlineVersion: 1, version: 5 });
    expect(draft).toBeUndefined();
  });

  test('with another outline is a version of the course too, so that two changes are told apart', () => {
    const { course: row, draft } = put({ change: { ...said, outline: two } });
    expect(row).toMatchObject({ version: 5, outlineVersion: 1 });
    expect(draft).toMatchObject({ chapters: two.chapters, version: 3 });
  });

  test('that is paid no more drops the price', () => {
    const paid = course({ access: 'paid', price: { amount: 100, currency: 'EUR' }, version: 4 });
    expect(put({ course: paid }).course).not.toHaveProperty('price');
    expect(
      put({ change: { ...said, access: 'paid', price: { amount: 9, currency: 'EUR' }, outline: one } })
        .course,
    ).toMatchObject({
      price: { amount: 9 },
    });
  });

  test.each([0, 3, 5])('on version %d where 4 is in force is refused, naming it', (ifVersion) => {
    expect(refusal(() => put({ change: { ...said, outline: two, ifVersion } }))).toEqual({
      code: 'version_conflict',
      details: { version: 4 },
    });
  });

  test('on a version of a course that is not there is refused', () => {
    const nothing = { course: undefined, draft: undefined, change: { ...said, outline: one, ifVersion: 1 } };
    expect(refusal(() => put(nothing)).details).toEqual({ version: 0 });
  });
});

describe('the status of a course', () => {
  test('may change as the table says and no other way', () => {
    for (const from of COURSE_STATUSES) {
      for (const to of COURSE_STATUSES) {
        const attempt = () => become(from, to);
        if (mayBecome('courses', from, to) || (from === to && to !== 'published'))
          expect(attempt).not.toThrow();
        else expect(refusal(attempt)).toEqual({ code: 'course_status_refused', details: { from, to } });
      }
    }
  });

  test.each(COURSE_STATUSES)('%s asked for again changes nothing', (status) => {
    expect(become(status, status)).toEqual({});
  });

  test('published puts the draft in force as the next outline', () => {
    expect(become('draft', 'published')).toMatchObject({
      course: { status: 'published', outlineVersion: 1, version: 5 },
      outline: { part: 'outline#000001', chapters: one.chapters, version: 1 },
    });
    expect(become('published', 'published', { draft: outlineRow(two) })).toMatchObject({
      course: { outlineVersion: 2, version: 5 },
      outline: { part: 'outline#000002', chapters: two.chapters },
    });
  });

  test('published again after the archive keeps the outline that was in force', () => {
    const { course: row, outline: none } = become('archived', 'published');
    expect(row).toMatchObject({ status: 'published', outlineVersion: 1, version: 5 });
    expect(none).toBeUndefined();
  });

  test.each([
    ['nothing', outline({})],
    ['optional items', outline({ ch1: [reading('r1', { required: false })] })],
    ['items without weight', outline({ ch1: [reading('r1', { weight: 0 })] })],
  ])('cannot be published of %s', (_rule, of) => {
    expect(refusal(() => become('draft', 'published', { draft: outlineRow(of) })).code).toBe('course_empty');
  });

  describe('of a course with practice', () => {
    const draft = outlineRow(outline({ ch1: [reading('r1'), qbank('b1', 2)], ch2: [qbank('b2', 5)] }));

    test.each([
      ['no bank', undefined, { itemId: 'b1', asked: 2, has: 0 }],
      ['a bank of a question less', { questions: 4 }, { itemId: 'b2', asked: 5, has: 4 }],
    ])('is refused with %s, naming the item', (_rule, bank, details) => {
      expect(refusal(() => become('draft', 'published', { draft, bank }))).toEqual({
        code: 'bank_too_small',
        details,
      });
    });

    test('is refused for practice that is not required too: nobody could complete it', () => {
      const optional = outline({ ch1: [reading('r1'), qbank('b1', 1, { required: false })] });
      const asking = () => become('draft', 'published', { draft: outlineRow(optional) });
      expect(refusal(asking).code).toBe('bank_too_small');
    });

    test('may become published with a bank of as many questions', () => {
      const { outline: next } = become('draft', 'published', { draft, bank: { questions: 5 } });
      expect(next?.chapters).toEqual(draft.chapters);
    });

    test('may be archived whatever the bank has', () => {
      expect(become('published', 'archived', { draft }).course).toMatchObject({ status: 'archived' });
    });
  });

  test('of a course that is not there is refused', () => {
    expect(refusal(() => become('draft', 'published', { course: undefined })).code).toBe('course_unknown');
  });

  test.each([
    ['Published', 'published'],
    ['active', 'published'],
    ['Active', 'published'],
    ['draft', 'draft'],
    ['constructor', undefined],
    ['ACTIVE', undefined],
  ])('spelt %s is %s', (spelling, status) => {
    expect(statusOf('courses', spelling)).toBe(status);
  });

  test('outlines sort by version', () => {
    expect([outlinePart(2), outlinePart(10)].sort()).toEqual(['outline#000002', 'outline#000010']);
  });
});
