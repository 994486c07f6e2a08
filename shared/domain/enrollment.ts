import type { Outline } from './course.ts';
import { paidAgain, withoutPayments } from './enrollment-payments.ts';
import { DomainError } from './errors.ts';
import type { UserId } from './ids.ts';
import { emptyFacts } from './progress.ts';
import { computeProgress } from './project.ts';
import { goneRow, hadItsEffect, nextStamp, type Cause } from './stamp.ts';
import { notifyOf } from './notification.ts';
import type {
  AccessRequestState,
  CourseState,
  EnrollmentState,
  NotificationState,
  PaymentState,
  ProgressState,
  StudentState,
} from './states.ts';
import type { EnrollmentSource } from './status.ts';

/** The rows to write. An absent row stays as it is; none at all means that nothing changed. */
export interface EnrollmentDecision {
  readonly enrollment?: EnrollmentState;
  readonly progress?: ProgressState;
  readonly student?: StudentState;
  /** The request that has come to its end: to be deleted. */
  readonly endedRequest?: AccessRequestState;
  readonly notification?: NotificationState;
}

export interface Enrolling {
  readonly userId: UserId;
  readonly course: CourseState | undefined;
  /** The outline in force, of version `course.outlineVersion`. */
  readonly outline: Outline | undefined;
  readonly enrollment: EnrollmentState | undefined;
  readonly progress: ProgressState | undefined;
  readonly student: StudentState | undefined;
  readonly request: AccessRequestState | undefined;
  readonly source: EnrollmentSource;
  /** The payment that buys the enrollment, where `source` is `payment`. */
  readonly payment?: PaymentState | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}

function checkedCourse({ course, outline, source }: Enrolling): { course: CourseState; outline: Outline } {
  if (course === undefined) throw new DomainError('course_unknown', 'There is no such course.');
  // Who has paid gets in: the course was published when the money was asked for.
  const on = course.status === 'published' || (source === 'payment' && course.outlineVersion > 0);
  if (!on || outline === undefined) {
    throw new DomainError('course_not_published', 'The course is not published.', { status: course.status });
  }
  if (source === 'direct' && course.access !== 'open') {
    throw new DomainError('course_closed', 'One cannot enroll oneself in this course.', {
      access: course.access,
    });
  }
  return { course, outline };
}

function withoutPast(enrollment: EnrollmentState): EnrollmentState {
  const { cancelledAt: _cancelledAt, ...rest } = enrollment;
  return withoutPayments(rest);
}

function withoutNewcomer(student: StudentState): StudentState {
  const { newcomerSince: _newcomerSince, ...rest } = student;
  return rest;
}

/** What a student is told who did not do it alone; whoever pays is told of the payment. */
const TOLD_OF = {
  direct: undefined,
  admin: 'enrolled',
  request: 'request_approved',
  payment: undefined,
} as const;

/**
 * Enrolls a learner, or brings one back: the progress made before then counts again, by the outline in force.
 * Who is enrolled stays enrolled, also in a course that has closed since. A request to get in ends.
 * Throws DomainError course_unknown, course_not_published, course_closed.
 */
export function enroll(given: Enrolling): EnrollmentDecision {
  const { enrollment, progress, student, request, payment, userId, source, idempotencyKey, now, cause } =
    given;
  const ended = request === undefined ? {} : { endedRequest: request };
  if (enrollment !== undefined) {
    if (enrollment.status !== 'cancelled') {
      const again = payment && paidAgain(enrollment, payment.paymentId, now, cause);
      return { ...(again === undefined ? {} : { enrollment: again }), ...ended };
    }
    if (hadItsEffect(idempotencyKey, enrollment.enrolledWith)) return {};
  }
  const { course, outline } = checkedCourse(given);
  const { courseId, outlineVersion } = course;
  const { computed, complete } = computeProgress({
    enrollment,
    progress,
    outline,
    outlineVersion,
    facts: emptyFacts(),
    cause,
  });
  const { completedAt } = computed;
  const kind = TOLD_OF[source];
  // Who comes back had a row of progress.
  const previous = progress ?? (enrollment && goneRow(now));
  const nextProgress = { ...progress, userId, courseId, ...computed, ...nextStamp(previous, now, cause) };

  const enrolled: EnrollmentState = {
    ...(enrollment && withoutPast(enrollment)),
    userId,
    courseId,
    status: complete ? 'completed' : 'active',
    source,
    progress: computed.totalProgress,
    progressVersion: nextProgress.version,
    attempted: enrollment?.attempted ?? Object.keys(computed.quizAttempts).length > 0,
    enrolledAt: enrollment?.enrolledAt ?? now,
    ...(completedAt === undefined ? {} : { completedAt }),
    ...(idempotencyKey === undefined ? {} : { enrolledWith: idempotencyKey }),
    ...(payment === undefined ? {} : { paymentId: payment.paymentId }),
    ...nextStamp(enrollment, now, cause),
  };
  return {
    enrollment: enrolled,
    progress: nextProgress,
    ...studentOnEnrolling(userId, student, now, cause),
    ...ended,
    ...(kind === undefined ? {} : { notification: notifyOf(enrolled, kind, { title: course.title }) }),
  };
}

/** The student's row, where it is missing or still says that nobody enrolled. */
function studentOnEnrolling(
  userId: UserId,
  student: StudentState | undefined,
  now: string,
  cause: Cause,
): Pick<EnrollmentDecision, 'student'> {
  if (student === undefined)
    return { student: { userId, joinedAt: now, ...nextStamp(undefined, now, cause) } };
  if (student.newcomerSince === undefined) return {};
  return { student: { ...withoutNewcomer(student), ...nextStamp(student, now, cause) } };
}

/**
 * Cancels an enrollment; progress is kept for a return. `title` is the course's, for the news to a student
 * who did not leave by themselves. Throws DomainError not_enrolled.
 */
export function unenroll(given: {
  readonly enrollment: EnrollmentState | undefined;
  readonly by: 'student' | 'admin' | 'refund';
  readonly title: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): Pick<EnrollmentDecision, 'enrollment' | 'notification'> {
  const { enrollment, by, title, idempotencyKey, now, cause } = given;
  if (enrollment === undefined) throw new DomainError('not_enrolled', 'There is no enrollment to cancel.');
  if (enrollment.status === 'cancelled' || hadItsEffect(idempotencyKey, enrollment.cancelledWith)) return {};
  const cancelled: EnrollmentState = {
    ...enrollment,
    status: 'cancelled',
    cancelledAt: now,
    ...(idempotencyKey === undefined ? {} : { cancelledWith: idempotencyKey }),
    ...nextStamp(enrollment, now, cause),
  };
  const details = { title: title ?? enrollment.courseId };
  return {
    enrollment: cancelled,
    // A refund is told as such.
    ...(by === 'admin' ? { notification: notifyOf(cancelled, 'unenrolled', details) } : {}),
  };
}
