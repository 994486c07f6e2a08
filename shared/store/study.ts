import type { CourseRow, EnrollmentRow, OutlineRow } from '../contracts/rows.ts';
import { DomainError } from '../domain/errors.ts';
import type { CourseId } from '../domain/ids.ts';
import type { Outlines } from './outlines.ts';

/** A learner in a course that is on. */
export interface Study {
  readonly course: CourseRow;
  readonly enrollment: EnrollmentRow;
  readonly outline: Pick<OutlineRow, 'chapters'>;
}

/**
 * Checks that someone may study: the course is published and the enrollment not cancelled.
 *
 * @throws DomainError course_unknown, course_not_published, not_enrolled
 */
export async function studyOf(
  outlines: Outlines,
  courseId: CourseId,
  course: CourseRow | undefined,
  enrollment: EnrollmentRow | undefined,
): Promise<Study> {
  const known = existing(courseId, course);
  if (known.status !== 'published') {
    throw new DomainError('course_not_published', 'The course is not published', { courseId });
  }
  if (enrollment === undefined || enrollment.status === 'cancelled') {
    throw new DomainError('not_enrolled', 'You are not enrolled in this course', { courseId });
  }
  return { course: known, enrollment, outline: await outlineInForce(outlines, known) };
}

/** The course's row. @throws DomainError course_unknown */
export function existing(courseId: CourseId, course: CourseRow | undefined): CourseRow {
  if (course !== undefined) return course;
  throw new DomainError('course_unknown', 'There is no such course', { courseId });
}

/** The outline in force of one course; without chapters before the first publishing. */
export async function outlineInForce(
  outlines: Outlines,
  course: CourseRow,
): Promise<Pick<OutlineRow, 'chapters'>> {
  const inForce = await outlines.inForce([course]);
  return inForce.get(course.courseId) ?? { chapters: [] };
}
