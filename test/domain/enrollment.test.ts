import { describe, expect, test } from 'vitest';
import { enroll, unenroll, type EnrollmentDecision, type Enrolling } from '../../shared/domain/enrollment.ts';
import { factsOf } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import {
  accessRequest,
  at,
  cause,
  completion,
  course,
  enrollment,
  id,
  outline,
  progress,
  reading,
  refusal,
  student,
} from './builders.ts';

const two = outline({ ch1: [reading('r1')], ch2: [reading('r2')] });
const again = { causedBy: 'request-9', causedAt: at(90) };

const bySelf = { by: 'student', title: 'A course' } as const;

function enrolling(over: Partial<Enrolling> = {}): EnrollmentDecision {
  return enroll({
    userId: id('u1'),
    course: course(),
    outline: two,
    enrollment: undefined,
    progress: undefined,
    student: undefined,
    request: undefined,
    source: 'direct',
    now: at(90),
    cause: again,
    ...over,
  });
}

describe('enrolling', () => {
  test('makes the enrollment, the progress and, the first time, the student', () => {
    const stamp = { version: 1, updatedAt: at(90), ...again };
    expect(enrolling({ idempotencyKey: 'k1' })).toEqual({
      enrollment: {
        userId: 'u1',
        courseId: 'c1',
        status: 'active',
        source: 'direct',
        progress: 0,
        progressVersion: 1,
        attempted: false,
        enrolledAt: at(90),
        enrolledWith: 'k1',
        ...stamp,
      },
      progress: {
        userId: 'u1',
        courseId: 'c1',
        totalProgress: 0,
        completedItems: 0,
        requiredItems: 2,
        completedChapters: {},
        watchedVideos: {},
        quizAttempts: {},
        waivedItems: {},
        answeredQuestions: '',
        outlineVersion: 1,
        ruleVersion: 2,
        ...stamp,
      },
      student: { userId: 'u1', joinedAt: at(90), ...stamp },
    });
    expect(enrolling({ student: student() }).student).toBeUndefined();
  });

  test.each<[string, Partial<Enrolling>, string]>([
    ['in a course that is not there', { course: undefined, outline: undefined }, 'course_unknown'],
    [
      'in a draft',
      { course: course({ status: 'draft', outlineVersion: 0 }), outline: undefined },
      'course_not_published',
    ],
    ['in an archived course', { course: course({ status: 'archived' }) }, 'course_not_published'],
    [
      'in an archived course as an admin',
      { course: course({ status: 'archived' }), source: 'admin' },
      'course_not_published',
    ],
    ['oneself on request', { course: course({ access: 'request' }) }, 'course_closed'],
    ['oneself without paying', { course: course({ access: 'paid' }) }, 'course_closed'],
    ['oneself where an admin must', { course: course({ access: 'admin' }) }, 'course_closed'],
    [
      'oneself again in a course that has closed',
      { course: course({ access: 'paid' }), enrollment: enrollment({ status: 'cancelled' }) },
      'course_closed',
    ],
  ])('is refused %s', (_rule, over, code) => {
    expect(refusal(() => enrolling(over)).code).toBe(code);
  });

  test.each(['admin', 'request', 'payment'] as const)('by %s is possible whatever the access', (source) => {
    expect(enrolling({ source, course: course({ access: 'paid' }) }).enrollment).toMatchObject({ source });
  });

  test.each(['active', 'completed'] as const)(
    'changes nothing for who is %s, even if the course has closed since',
    (status) => {
      expect(
        enrolling({ enrollment: enrollment({ status }), course: course({ status: 'archived' }) }),
      ).toEqual({});
    },
  );

  test('brings back who had left, with the progress made, by the present outline', () => {
    const known = progress({
      version: 7,
      completedChapters: { ch1: { version: 1, completedAt: at(0) } },
      quizAttempts: {},
    });
    const left = enrollment({
      status: 'cancelled',
      cancelledAt: at(50),
      cancelledWith: 'k2',
      progress: 13,
      version: 4,
      source: 'admin',
    });
    const {
      enrollment: back,
      progress: row,
      student: none,
    } = enrolling({
      enrollment: left,
      progress: known,
      student: student(),
      course: course({ outlineVersion: 3 }),
    });
    expect(back).toMatchObject({
      status: 'active',
      source: 'direct',
      progress: 50,
      enrolledAt: at(0),
      cancelledWith: 'k2',
      version: 5,
    });
    expect(back).not.toHaveProperty('cancelledAt');
    expect(row).toMatchObject({ totalProgress: 50, outlineVersion: 3, version: 8 });
    expect(none).toBeUndefined();
  });

  test('brings back whose progress was lost, beyond any version that it had', () => {
    const left = enrollment({ status: 'cancelled', cancelledAt: at(50), progress: 80, progressVersion: 57 });
    const { enrollment: back, progress: row } = enrolling({ enrollment: left });
    expect(row?.version).toBe(Date.parse(at(90)));
    expect(back?.progressVersion).toBe(row?.version);
  });

  test('brings back who had completed it as completed, since when it was first', () => {
    const facts = factsOf({ chapters: [completion('ch1'), completion('ch2')] }, two);
    const done = project({
      enrollment: enrollment(),
      progress: progress(),
      outline: two,
      outlineVersion: 1,
      facts,
      now: at(5),
      cause,
    });
    const left = unenroll({ ...bySelf, enrollment: done.enrollment, now: at(6), cause }).enrollment;
    expect(left).toMatchObject({ status: 'cancelled', progress: 100, completedAt: at(0) });
    const back = enrolling({ enrollment: left, progress: done.progress });
    expect(back.enrollment).toMatchObject({ status: 'completed', progress: 100, completedAt: at(0) });

    const grown = outline({ ch1: [reading('r1')], ch2: [reading('r2')], ch3: [reading('r3')] });
    const toMore = enrolling({ enrollment: left, progress: done.progress, outline: grown });
    expect(toMore.enrollment).toMatchObject({ status: 'active', progress: 66, completedAt: at(0) });
  });

  test('completes at once who had done all that the course has shrunk to', () => {
    const left = enrollment({ status: 'cancelled', progress: 50 });
    const known = progress({ completedChapters: { ch1: { version: 1, completedAt: at(0) } } });
    const back = enrolling({ enrollment: left, progress: known, outline: outline({ ch1: [reading('r1')] }) });
    expect(back.enrollment).toMatchObject({ status: 'completed', progress: 100, completedAt: at(90) });
    expect(back.progress).toMatchObject({ completedAt: at(90) });
  });
});

describe('cancelling', () => {
  test('keeps the progress and when it was completed', () => {
    const done = enrollment({ status: 'completed', progress: 100, completedAt: at(1), version: 3 });
    expect(
      unenroll({ ...bySelf, enrollment: done, idempotencyKey: 'k2', now: at(9), cause }).enrollment,
    ).toMatchObject({
      status: 'cancelled',
      cancelledAt: at(9),
      cancelledWith: 'k2',
      progress: 100,
      completedAt: at(1),
      version: 4,
    });
  });

  test('changes nothing twice', () => {
    expect(
      unenroll({ ...bySelf, enrollment: enrollment({ status: 'cancelled' }), now: at(9), cause }),
    ).toEqual({});
  });

  test('is refused where nobody is enrolled', () => {
    expect(refusal(() => unenroll({ ...bySelf, enrollment: undefined, now: at(9), cause })).code).toBe(
      'not_enrolled',
    );
  });
});

describe('a command sent again under its Idempotency-Key', () => {
  const left = enrollment({ status: 'cancelled', enrolledWith: 'k1', cancelledWith: 'k2' });

  test('does not bring back who has left since', () => {
    expect(enrolling({ enrollment: left, idempotencyKey: 'k1' })).toEqual({});
    expect(enrolling({ enrollment: left, idempotencyKey: 'k3' }).enrollment).toMatchObject({
      status: 'active',
      enrolledWith: 'k3',
    });
  });

  test('is not refused because the course has closed since', () => {
    expect(
      enrolling({ enrollment: left, idempotencyKey: 'k1', course: course({ status: 'archived' }) }),
    ).toEqual({});
  });

  test('does not cancel who has come back since', () => {
    const back = enrolling({ enrollment: left, idempotencyKey: 'k3' }).enrollment;
    expect(unenroll({ ...bySelf, enrollment: back, idempotencyKey: 'k2', now: at(99), cause })).toEqual({});
    expect(
      unenroll({ ...bySelf, enrollment: back, idempotencyKey: 'k4', now: at(99), cause }).enrollment,
    ).toMatchObject({ status: 'cancelled' });
  });

  test('is not mistaken for one without a key', () => {
    const plain = enrollment({ status: 'cancelled' });
    expect(enrolling({ enrollment: plain }).enrollment).toMatchObject({ status: 'active' });
  });
});

describe('a request to get in', () => {
  const pending = accessRequest({ version: 7 });

  test.each(['direct', 'admin', 'request', 'payment'] as const)('ends with the enrollment: %s', (source) => {
    expect(enrolling({ source, request: pending }).endedRequest).toEqual(pending);
  });

  test('that was rejected ends too', () => {
    const rejected = accessRequest({ status: 'rejected', reason: 'full' });
    expect(enrolling({ source: 'admin', request: rejected }).endedRequest).toEqual(rejected);
  });

  test('of somebody who is in already ends, and nothing else happens', () => {
    expect(enrolling({ enrollment: enrollment(), request: pending })).toEqual({ endedRequest: pending });
  });
});

describe('news to the student', () => {
  test.each([
    ['admin', 'enrolled'],
    ['request', 'request_approved'],
  ] as const)('of an enrollment by %s is told as %s', (source, kind) => {
    const { notification } = enrolling({ source });
    expect(notification).toMatchObject({
      notificationId: `${at(90)}.${kind}.c1.1`,
      kind,
      courseId: 'c1',
      details: { title: 'A course' },
      version: 1,
    });
  });

  test('is none of what they did themselves', () => {
    expect(enrolling({ source: 'direct' }).notification).toBeUndefined();
    const left = unenroll({ ...bySelf, enrollment: enrollment(), now: at(9), cause });
    expect(left.notification).toBeUndefined();
  });

  test('is that an admin has cancelled', () => {
    const { notification } = unenroll({
      by: 'admin',
      title: 'T',
      enrollment: enrollment(),
      now: at(9),
      cause,
    });
    expect(notification).toMatchObject({ kind: 'unenrolled', createdAt: at(9), details: { title: 'T' } });
  });
});

describe('somebody who signed up and never enrolled', () => {
  test('is no newcomer any more', () => {
    const newcomer = student({ newcomerSince: '2026-11-22', name: 'Ada', version: 4 });
    const { student: known } = enrolling({ student: newcomer });
    expect(known).toMatchObject({ name: 'Ada', version: 5 });
    expect(known).not.toHaveProperty('newcomerSince');
  });

  test('keeps the row as it is when they enroll again', () => {
    expect(enrolling({ student: student() }).student).toBeUndefined();
  });
});

describe('an archived course', () => {
  const archived = course({ status: 'archived' });
  test('lets in who has paid while it was on, and nobody else', () => {
    expect(enrolling({ source: 'payment', course: archived }).enrollment).toMatchObject({
      source: 'payment',
    });
    expect(refusal(() => enrolling({ source: 'admin', course: archived })).code).toBe('course_not_published');
  });
});
