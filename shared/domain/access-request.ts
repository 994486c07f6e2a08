import { DomainError } from './errors.ts';
import type { UserId } from './ids.ts';
import { notifyOf } from './notification.ts';
import { goneRow, hadItsEffect, nextStamp, type Cause, type Stamp } from './stamp.ts';
import type { AccessRequestState, CourseState, EnrollmentState, NotificationState } from './states.ts';
import { mayBecome } from './status.ts';

/**
 * Asks for access to a course, or again after a rejection. While a request waits, asking is that request.
 * Undefined where nothing changes. Throws DomainError course_unknown, course_not_published, course_closed,
 * already_enrolled.
 */
export function requestAccess(given: {
  readonly userId: UserId;
  readonly course: CourseState | undefined;
  readonly enrollment: EnrollmentState | undefined;
  readonly request: AccessRequestState | undefined;
  readonly message?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): AccessRequestState | undefined {
  const { userId, course, enrollment, request, message, idempotencyKey, now, cause } = given;
  if (course === undefined) throw new DomainError('course_unknown', 'There is no such course.');
  const { courseId } = course;
  if (enrollment !== undefined && enrollment.status !== 'cancelled') {
    throw new DomainError('already_enrolled', 'You are in this course already.', { courseId });
  }
  if (request?.status === 'pending' || hadItsEffect(idempotencyKey, request?.requestedWith)) return undefined;
  if (course.status !== 'published') {
    throw new DomainError('course_not_published', 'The course is not published.', { status: course.status });
  }
  if (course.access !== 'request') {
    throw new DomainError('course_closed', 'One cannot ask for access to this course.', {
      access: course.access,
    });
  }
  return {
    userId,
    courseId,
    status: 'pending',
    ...(message === undefined || message === '' ? {} : { message }),
    requestedAt: now,
    ...(idempotencyKey === undefined ? {} : { requestedWith: idempotencyKey }),
    ...(request?.rejectedWith === undefined ? {} : { rejectedWith: request.rejectedWith }),
    ...stampOf(request, now, cause),
  };
}

/**
 * Of the first row, the version is the time in ms: rows of this table are deleted, and whoever knows an older one
 * must find the next one newer.
 */
function stampOf(request: AccessRequestState | undefined, now: string, cause: Cause): Stamp {
  return nextStamp(request ?? goneRow(now), now, cause);
}

/**
 * Checks that a request waits to be approved. Throws DomainError request_unknown, request_status_refused.
 */
export function checkApprovable(
  request: AccessRequestState | undefined,
): asserts request is AccessRequestState {
  if (request === undefined) throw new DomainError('request_unknown', 'There is no such request.');
  refuseUnlessAllowed(request, 'approved');
}

/**
 * Turns a request down. Undefined where it was, for the same reason, or by this very command.
 * Throws DomainError request_status_refused.
 */
export function rejectRequest(given: {
  readonly request: AccessRequestState;
  /** The course's. */
  readonly title: string | undefined;
  readonly reason: string;
  readonly by: UserId;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): { readonly request: AccessRequestState; readonly notification: NotificationState } | undefined {
  const { request, title, reason, by, idempotencyKey, now, cause } = given;
  if (hadItsEffect(idempotencyKey, request.rejectedWith)) return undefined;
  if (request.status === 'rejected' && request.reason === reason) return undefined;
  refuseUnlessAllowed(request, 'rejected');
  const rejected: AccessRequestState = {
    ...request,
    status: 'rejected',
    reason,
    decidedAt: now,
    decidedBy: by,
    ...(idempotencyKey === undefined ? {} : { rejectedWith: idempotencyKey }),
    ...nextStamp(request, now, cause),
  };
  const details = { title: title ?? request.courseId, reason };
  return { request: rejected, notification: notifyOf(rejected, 'request_rejected', details) };
}

function refuseUnlessAllowed({ status }: AccessRequestState, to: 'approved' | 'rejected'): void {
  if (!mayBecome('accessRequests', status, to)) {
    throw new DomainError('request_status_refused', `A request that is ${status} cannot become ${to}.`, {
      from: status,
      to,
    });
  }
}
