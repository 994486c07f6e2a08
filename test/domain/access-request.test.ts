import { describe, expect, test } from 'vitest';
import { checkApprovable, rejectRequest, requestAccess } from '../../shared/domain/access-request.ts';
import { accessRequest, at, cause, course, enrollment, id, refusal } from './builders.ts';

const onRequest = course({ access: 'request' });

function asking(over: Partial<Parameters<typeof requestAccess>[0]> = {}) {
  return requestAccess({
    userId: id('u1'),
    course: onRequest,
    enrollment: undefined,
    request: undefined,
    now: at(5),
    cause,
    ...over,
  });
}

function rejecting(over: Partial<Parameters<typeof rejectRequest>[0]> = {}) {
  return rejectRequest({
    request: accessRequest(),
    title: 'A course',
    reason: 'full',
    by: id('admin'),
    now: at(9),
    cause,
    ...over,
  });
}

describe('asking for access', () => {
  test('makes a request that waits', () => {
    expect(asking({ message: 'please', idempotencyKey: 'k1' })).toMatchObject({
      status: 'pending',
      message: 'please',
      requestedAt: at(5),
      requestedWith: 'k1',
    });
  });

  test('starts with a version above any that an earlier, deleted request can have had', () => {
    const first = asking();
    const later = asking({ now: at(6) });
    expect(first?.version).toBe(Date.parse(at(5)));
    expect(later?.version).toBeGreaterThan(first?.version ?? Infinity);
  });

  test('again while it waits is the same request', () => {
    expect(asking({ request: accessRequest(), message: 'hello?' })).toBeUndefined();
  });

  test('again after a rejection is a request anew, without the reason', () => {
    const rejected = accessRequest({ status: 'rejected', reason: 'full', decidedAt: at(1), version: 4 });
    const again = asking({ request: rejected });
    expect(again).toMatchObject({ status: 'pending', version: 5 });
    expect(again).not.toHaveProperty('reason');
  });

  test('again under the key of the request that was rejected since changes nothing', () => {
    const rejected = accessRequest({ status: 'rejected', requestedWith: 'k1' });
    expect(asking({ request: rejected, idempotencyKey: 'k1' })).toBeUndefined();
  });

  test.each([
    ['course_unknown', { course: undefined }],
    ['course_not_published', { course: course({ access: 'request', status: 'draft' }) }],
    ['course_closed', { course: course({ access: 'open' }) }],
    ['course_closed', { course: course({ access: 'paid' }) }],
    ['already_enrolled', { enrollment: enrollment() }],
    ['already_enrolled', { enrollment: enrollment({ status: 'completed' }) }],
  ])('is refused: %s', (code, over) => {
    expect(refusal(() => asking(over)).code).toBe(code);
  });

  test('is open to who has left the course', () => {
    expect(asking({ enrollment: enrollment({ status: 'cancelled' }) })).toMatchObject({ status: 'pending' });
  });
});

describe('approving', () => {
  test('is for a request that waits', () => {
    expect(() => checkApprovable(accessRequest())).not.toThrow();
    expect(refusal(() => checkApprovable(undefined)).code).toBe('request_unknown');
    expect(refusal(() => checkApprovable(accessRequest({ status: 'rejected' }))).code).toBe(
      'request_status_refused',
    );
  });
});

describe('rejecting', () => {
  test('says why, by whom and when, and tells the student', () => {
    expect(rejecting({ idempotencyKey: 'k2' })).toMatchObject({
      request: {
        status: 'rejected',
        reason: 'full',
        decidedAt: at(9),
        decidedBy: 'admin',
        rejectedWith: 'k2',
        version: 2,
      },
      notification: {
        notificationId: `${at(9)}.request_rejected.c1.2`,
        details: { title: 'A course', reason: 'full' },
      },
    });
  });

  test('again for the same reason changes nothing', () => {
    expect(rejecting({ request: accessRequest({ status: 'rejected', reason: 'full' }) })).toBeUndefined();
  });

  test('again for another reason is refused', () => {
    const rejected = accessRequest({ status: 'rejected', reason: 'too late' });
    expect(refusal(() => rejecting({ request: rejected })).code).toBe('request_status_refused');
  });

  test('that arrives again after the student has asked anew does not reject that', () => {
    const rejected = rejecting({ idempotencyKey: 'k2' })?.request;
    const anew = asking({ request: rejected, now: at(20) });
    expect(anew).toMatchObject({ status: 'pending' });
    expect(rejecting({ request: anew ?? accessRequest(), idempotencyKey: 'k2' })).toBeUndefined();
  });
});
