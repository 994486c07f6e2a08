import { enrollmentView } from '../contracts/enrollment-view.ts';
import type { EnrollmentView } from '../contracts/views.ts';
import { enroll, unenroll } from '../domain/enrollment.ts';
import { DomainError } from '../domain/errors.ts';
import type { CourseId, UserId } from '../domain/ids.ts';
import type { Cause } from '../domain/stamp.ts';
import type { EnrollmentSource } from '../domain/status.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import type { Outlines } from './outlines.ts';
import { readRows, readSnapshot } from './reads.ts';
import { courseRow, enrollmentRow, progressRow, studentRow } from './rows.ts';
import { settle } from './settle.ts';
import { outlineInForce } from './study.ts';
import { asRead, commit, type Write } from './transact.ts';

/** Whose enrollment in which course, and what led to the change. */
export interface EnrollmentCommand {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly idempotencyKey?: string | undefined;
  readonly cause: Cause;
  readonly now: Date;
}

export interface EnrollDependencies {
  readonly documents: Documents;
  readonly tables: Named<'courses' | 'enrollments' | 'studentProgress' | 'students'>;
  readonly outlines: Outlines;
}

/**
 * Enrolls a student, or brings one back, with the rows of the student and of the progress.
 *
 * Requests: TransactGet of course, enrollment, progress and student; BatchGet of an outline not seen yet;
 * TransactWrite, unless nothing changes.
 *
 * The course is not pinned: every enrollment of a class would meet at its row, and an enrollment that was read
 * before the course was archived is as good as one that came a moment earlier.
 *
 * @throws DomainError course_unknown, course_not_published, course_closed, busy
 */
export function enrollStudent(
  { documents, tables, outlines }: EnrollDependencies,
  command: EnrollmentCommand & { readonly source: EnrollmentSource },
): Promise<EnrollmentView> {
  const { userId, courseId, source, idempotencyKey, cause } = command;
  const now = command.now.toISOString();
  return settle(async () => {
    const [course, enrollment, progress, student] = await readSnapshot(documents, [
      courseRow(tables, courseId),
      enrollmentRow(tables, userId, courseId),
      progressRow(tables, userId, courseId),
      studentRow(tables, userId),
    ]);
    const outline = course && (await outlineInForce(outlines, course));
    const decided = enroll({
      userId,
      course,
      outline,
      enrollment,
      progress,
      student,
      source,
      idempotencyKey,
      now,
      cause,
    });
    const writes: Write[] = [];
    const put = (
      table: string,
      read: { readonly version: number } | undefined,
      item: Readonly<Record<string, unknown>> | undefined,
    ) => {
      if (item !== undefined) writes.push({ kind: 'put', table, item, when: asRead(read, 'userId') });
    };
    put(tables.enrollments, enrollment, decided.enrollment);
    put(tables.studentProgress, progress, decided.progress);
    put(tables.students, student, decided.student);
    await commit(documents, writes);
    const enrolled = decided.enrollment ?? enrollment;
    if (enrolled === undefined) throw new Error('Enrolling left no enrollment');
    return enrollmentView(enrolled, course?.title);
  });
}

export interface UnenrollDependencies {
  readonly documents: Documents;
  readonly tables: Named<'courses' | 'enrollments'>;
}

/**
 * Cancels an enrollment. The progress is not touched: its owner is the projection, and it is there for a return.
 *
 * Requests: BatchGet of course and enrollment; Put, unless nothing changes.
 *
 * @throws DomainError not_enrolled, busy
 */
export function unenrollStudent(
  { documents, tables }: UnenrollDependencies,
  command: EnrollmentCommand,
): Promise<EnrollmentView> {
  const { userId, courseId, idempotencyKey, cause } = command;
  return settle(async () => {
    const [course, enrollment] = await readRows(documents, [
      courseRow(tables, courseId),
      enrollmentRow(tables, userId, courseId),
    ]);
    if (enrollment === undefined) {
      throw new DomainError('not_enrolled', 'There is no enrollment to cancel', { courseId });
    }
    const decided = unenroll({ enrollment, idempotencyKey, now: command.now.toISOString(), cause });
    if (decided.enrollment !== undefined) {
      const when = asRead(enrollment, 'userId');
      await commit(documents, [{ kind: 'put', table: tables.enrollments, item: decided.enrollment, when }]);
    }
    return enrollmentView(decided.enrollment ?? enrollment, course?.title);
  });
}
