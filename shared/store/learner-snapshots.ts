import type { CourseRow, EnrollmentRow, StudentProgressRow } from '../contracts/rows.ts';
import type { CourseId, UserId } from '../domain/ids.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import type { Outlines, PublishedOutline } from './outlines.ts';
import { readLists } from './read-lists.ts';
import { courseRow, enrollmentRow, progressRow } from './rows.ts';

/** A learner in a course. */
export interface Learner {
  readonly userId: UserId;
  readonly courseId: CourseId;
}

/** What is known of a learner in a course: rows that may be missing, and the outline in force. */
export interface LearnerSnapshot {
  readonly enrollment: EnrollmentRow | undefined;
  readonly progress: StudentProgressRow | undefined;
  readonly course: CourseRow | undefined;
  readonly outline: PublishedOutline;
}

/**
 * The snapshots of many learners, at their positions. Each row is as it is now; rows of one learner need not be
 * of one moment, so a write must be pinned to them. One request for each hundred rows, one for outlines not yet
 * known.
 *
 * @throws MalformedRow
 */
export async function readLearners(
  documents: Documents,
  tables: Named<'courses' | 'enrollments' | 'studentProgress'>,
  outlines: Outlines,
  learners: readonly Learner[],
): Promise<LearnerSnapshot[]> {
  const courseIds = [...new Set(learners.map((learner) => learner.courseId))];
  const { enrollments, progresses, courses } = await readLists(documents, {
    enrollments: learners.map(({ userId, courseId }) => enrollmentRow(tables, userId, courseId)),
    progresses: learners.map(({ userId, courseId }) => progressRow(tables, userId, courseId)),
    courses: courseIds.map((courseId) => courseRow(tables, courseId)),
  });
  const known = courses.filter((course) => course !== undefined);
  const byId = new Map(known.map((course) => [course.courseId, course]));
  const inForce = await outlines.inForce(known);
  return learners.map(({ courseId }, index) => ({
    enrollment: enrollments[index],
    progress: progresses[index],
    course: byId.get(courseId),
    outline: inForce.get(courseId) ?? { chapters: [] },
  }));
}
