import type { Outline } from './course.ts';
import { DomainError } from './errors.ts';
import type { UserId } from './ids.ts';
import { emptyFacts } from './progress.ts';
import { computeProgress } from './project.ts';
import { hadItsEffect, nextStamp, type Cause } from './stamp.ts';
import type { CourseState, EnrollmentState, ProgressState, StudentState } from './states.ts';
import type { EnrollmentSource } from './status.ts';

/** The rows to write. An absent row stays as it is; none at all means that nothing changed. */
export interface EnrollmentDecision {
  readonly enrollment?: EnrollmentState;
  readonly progress?: ProgressState;
  readonly student?: StudentState;
}

export interface Enrolling {
  readonly userId: UserId;
  readonly course: CourseState | undefined;
  /** The outline in force, of version `course.outlineVersion`. */
  readonly outline: Outline | undefined;
  readonly enrollment: EnrollmentState | undefined;
  readonly progress: ProgressState | undefined;
  readonly student: StudentState | undefined;
  readonly source: EnrollmentSource;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}

function checkedCourse({ course, outline, source }: Enrolling): { course: CourseState; outline: Outline } {
  if (course === undefined) throw new DomainError('course_unknown', 'There is no such course.');
  if (course.status !== 'published' || outline === undefined) {
    throw new DomainError('course_not_published', 'The course is not published.', { status: course.status });
  }
  if (source === 'direct' && course.access !== 'open') {
    throw new DomainError('course_closed', 'One cannot enroll oneself in this course.', {
      access: course.access,
    });
  }
  return { course, outline };
}

function withoutCancelledAt(enrollment: EnrollmentState): EnrollmentState {
  const { cancelledAt: _cancelledAt, ...rest } = enrollment;
  return rest;
}

/**
 * Enrolls a learner, or brings one back: the progress made before then counts again, by the outline in force.
 * Who is enrolled stays enrolled, also in a course that has closed since.
 * Throws DomainError course_unknown, course_not_published, course_closed.
 */
export function enroll(given: Enrolling): EnrollmentDecision {
  const { enrollment, progress, student, userId, source, idempotencyKey, now, cause } = given;
  if (enrollment !== undefined) {
    if (enrollment.status !== 'cancelled' || hadItsEffect(idempotencyKey, enrollment.enrolledWith)) return {};
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

  return {
    enrollment: {
      ...(enrollment && withoutCancelledAt(enrollment)),
      userId,
      courseId,
      status: complete ? 'completed' : 'active',
      source,
      progress: computed.totalProgress,
      attempted: enrollment?.attempted ?? Object.keys(computed.quizAttempts).length > 0,
      enrolledAt: enrollment?.enrolledAt ?? now,
      ...(completedAt === undefined ? {} : { completedAt }),
      ...(idempotencyKey === undefined ? {} : { enrolledWith: idempotencyKey }),
      ...nextStamp(enrollment, now, cause),
    },
    progress: { ...progress, userId, courseId, ...computed, ...nextStamp(progress, now, cause) },
    ...(student === undefined
      ? { student: { userId, joinedAt: now, ...nextStamp(undefined, now, cause) } }
      : {}),
  };
}

/** Cancels an enrollment; progress is kept for a return. Throws DomainError not_enrolled. */
export function unenroll(given: {
  readonly enrollment: EnrollmentState | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): Pick<EnrollmentDecision, 'enrollment'> {
  const { enrollment, idempotencyKey, now, cause } = given;
  if (enrollment === undefined) throw new DomainError('not_enrolled', 'There is no enrollment to cancel.');
  if (enrollment.status === 'cancelled' || hadItsEffect(idempotencyKey, enrollment.cancelledWith)) return {};
  return {
    enrollment: {
      ...enrollment,
      status: 'cancelled',
      cancelledAt: now,
      ...(idempotencyKey === undefined ? {} : { cancelledWith: idempotencyKey }),
      ...nextStamp(enrollment, now, cause),
    },
  };
}
