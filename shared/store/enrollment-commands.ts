import { enrollmentView } from '../contracts/enrollment-view.ts';
import type { EnrollmentView } from '../contracts/views.ts';
import { type EnrollmentDecision, enroll, unenroll } from '../domain/enrollment.ts';
import { checkApprovable } from '../domain/access-request.ts';
import { DomainError } from '../domain/errors.ts';
import type { CourseId, UserId } from '../domain/ids.ts';
import { hadItsEffect, type Cause } from '../domain/stamp.ts';
import type { AccessRequestState, EnrollmentState } from '../domain/states.ts';
import type { EnrollmentSource } from '../domain/status.ts';
import type { Documents } from './documents.ts';
import { accessRequestKey, type Named, type Table } from './keys.ts';
import type { Outlines } from './outlines.ts';
import { readRows, readSnapshot, type RowRequest } from './reads.ts';
import { accessRequestRow, courseRow, enrollmentRow, progressRow, studentRow } from './rows.ts';
import { settle } from './settle.ts';
import { outlineInForce } from './study.ts';
import { asReadToBecome } from './status-condition.ts';
import { absent, asRead, atVersion, commit, type Condition, type Write } from './transact.ts';

/** Whose enrollment in which course, and what led to the change. */
export interface EnrollmentCommand {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly idempotencyKey?: string | undefined;
  readonly cause: Cause;
  readonly now: Date;
}

/** The tables that letting a student in reads or writes; who has to tell the student of it needs `notifications` too. */
export const ENROLL_TABLES = [
  'courses',
  'enrollments',
  'studentProgress',
  'students',
  'accessRequests',
] as const satisfies readonly Table[];
type EnrollTable = (typeof ENROLL_TABLES)[number];

/** Who lets students in where they did not ask or pay for it themselves has to tell them. */
export interface EnrollDependencies<Told extends 'notifications' = never> {
  readonly documents: Documents;
  readonly tables: Named<EnrollTable | Told>;
  readonly outlines: Outlines;
}

type EnrollingRequests = ReturnType<typeof enrollingRequests>;

function enrollingRequests(tables: Named<EnrollTable>, userId: UserId, courseId: CourseId) {
  return [
    courseRow(tables, courseId),
    enrollmentRow(tables, userId, courseId),
    progressRow(tables, userId, courseId),
    studentRow(tables, userId),
    accessRequestRow(tables, userId, courseId),
  ] as const;
}

/**
 * Reads what an enrollment is decided on, as it is at one moment, with `further` rows.
 *
 * Requests: TransactGet; BatchGet of an outline not seen yet.
 */
export async function readEnrolling<const Further extends readonly RowRequest[] = readonly []>(
  { documents, tables, outlines }: EnrollDependencies,
  { userId, courseId }: Pick<EnrollmentCommand, 'userId' | 'courseId'>,
  ...further: Further
) {
  const [course, enrollment, progress, student, request, ...others] = await readSnapshot<
    [...EnrollingRequests, ...Further]
  >(documents, [...enrollingRequests(tables, userId, courseId), ...further]);
  const outline = course && (await outlineInForce(outlines, course));
  return { read: { course, outline, enrollment, progress, student, request }, others };
}

/** What an enrollment was decided on. */
type Read = Pick<
  Awaited<ReturnType<typeof readEnrolling>>['read'],
  'enrollment' | 'progress' | 'student' | 'request'
>;

/**
 * The writes of a decision, each pinned to what it was decided on. What was not read is not written. The course is
 * not pinned: every enrollment of a class would meet at its row, and an enrollment that was read before the course
 * was archived is as good as one that came a moment earlier.
 */
export function enrollmentWrites(
  tables: Partial<Named<EnrollTable | 'notifications'>>,
  read: Partial<Read>,
  decided: EnrollmentDecision,
): Write[] {
  const writes: Write[] = [];
  const put = <Row extends Readonly<Record<string, unknown>>>(
    table: string | undefined,
    row: Row | undefined,
    conditionOf: (row: Row) => Condition,
  ) => {
    if (row === undefined) return;
    if (table === undefined) throw new Error('A decided row has no table');
    writes.push({ kind: 'put', table, item: row, when: conditionOf(row) });
  };
  put(tables.enrollments, decided.enrollment, (row) =>
    asReadToBecome('enrollments', read.enrollment, row, 'userId'),
  );
  put(tables.studentProgress, decided.progress, () => asRead(read.progress, 'userId'));
  put(tables.students, decided.student, () => asRead(read.student, 'userId'));
  put(tables.notifications, decided.notification, () => absent('userId'));
  if (tables.accessRequests !== undefined && 'request' in read) {
    writes.push(...requestWrites(tables.accessRequests, read.request, decided));
  }
  return writes;
}

/** The end of a request; where there is none, none may have come meanwhile: nobody who is in still waits. */
function requestWrites(
  table: string,
  request: AccessRequestState | undefined,
  { enrollment, endedRequest }: EnrollmentDecision,
): Write[] {
  if (endedRequest !== undefined) {
    const { userId, courseId, version } = endedRequest;
    return [{ kind: 'delete', table, key: accessRequestKey(userId, courseId), when: atVersion(version) }];
  }
  if (enrollment === undefined || request !== undefined) return [];
  const { userId, courseId } = enrollment;
  return [{ kind: 'check', table, key: accessRequestKey(userId, courseId), when: absent('userId') }];
}

/**
 * Enrolls a student, or brings one back, with the rows of the student and of the progress; a request to get in is
 * gone with it.
 *
 * Requests: TransactGet of course, enrollment, progress, student and request; BatchGet of an outline not seen yet;
 * TransactWrite, unless nothing changes.
 *
 * @throws DomainError course_unknown, course_not_published, course_closed, busy
 */
export function enrollStudent(
  dependencies: EnrollDependencies,
  command: EnrollmentCommand & { readonly source: 'direct' },
): Promise<EnrollmentView>;
export function enrollStudent(
  dependencies: EnrollDependencies<'notifications'>,
  command: EnrollmentCommand & { readonly source: 'direct' | 'admin' },
): Promise<EnrollmentView>;
export function enrollStudent(
  dependencies: EnrollDependencies,
  command: EnrollmentCommand & { readonly source: EnrollmentSource },
): Promise<EnrollmentView> {
  return settle(async () => {
    const { read } = await readEnrolling(dependencies, command);
    const now = command.now.toISOString();
    const decided = enroll({ ...command, ...read, now });
    await commit(dependencies.documents, enrollmentWrites(dependencies.tables, read, decided));
    return enrolled(decided.enrollment ?? read.enrollment, read.course?.title);
  });
}

/**
 * Lets a student in who asked: the request is gone in the transaction that enrolls. Who is in already stays in, and
 * approving twice is approving once.
 *
 * Requests: as `enrollStudent`.
 *
 * @throws DomainError request_unknown, request_status_refused, course_unknown, course_not_published, busy
 */
export function approveRequest(
  dependencies: EnrollDependencies<'notifications'>,
  command: EnrollmentCommand,
): Promise<EnrollmentView> {
  return settle(async () => {
    const { read } = await readEnrolling(dependencies, command);
    const { enrollment, request, course } = read;
    const isIn = enrollment !== undefined && enrollment.status !== 'cancelled';
    const wasDone = hadItsEffect(command.idempotencyKey, enrollment?.enrolledWith);
    if (request === undefined && (isIn || wasDone)) return enrolled(enrollment, course?.title);
    checkApprovable(request);
    const decided = enroll({ ...command, ...read, source: 'request', now: command.now.toISOString() });
    await commit(dependencies.documents, enrollmentWrites(dependencies.tables, read, decided));
    return enrolled(decided.enrollment ?? enrollment, course?.title);
  });
}

function enrolled(enrollment: EnrollmentState | undefined, title: string | undefined): EnrollmentView {
  if (enrollment === undefined) throw new Error('Enrolling left no enrollment');
  return enrollmentView(enrollment, title);
}

export interface UnenrollDependencies<Told extends 'notifications' = never> {
  readonly documents: Documents;
  readonly tables: Named<'courses' | 'enrollments' | Told>;
}

/**
 * Cancels an enrollment. The progress is not touched: its owner is the projection, and it is there for a return.
 *
 * Requests: BatchGet of course and enrollment; Put, or with a notification TransactWrite, unless nothing changes.
 *
 * @throws DomainError not_enrolled, busy
 */
export function unenrollStudent(
  dependencies: UnenrollDependencies,
  command: EnrollmentCommand & { readonly by: 'student' },
): Promise<EnrollmentView>;
export function unenrollStudent(
  dependencies: UnenrollDependencies<'notifications'>,
  command: EnrollmentCommand & { readonly by: 'student' | 'admin' },
): Promise<EnrollmentView>;
export function unenrollStudent(
  { documents, tables }: UnenrollDependencies,
  command: EnrollmentCommand & { readonly by: 'student' | 'admin' },
): Promise<EnrollmentView> {
  const { userId, courseId, by, idempotencyKey, cause } = command;
  return settle(async () => {
    const [course, enrollment] = await readRows(documents, [
      courseRow(tables, courseId),
      enrollmentRow(tables, userId, courseId),
    ]);
    if (enrollment === undefined) {
      throw new DomainError('not_enrolled', 'There is no enrollment to cancel', { courseId });
    }
    const now = command.now.toISOString();
    const decided = unenroll({ enrollment, by, title: course?.title, idempotencyKey, now, cause });
    await commit(documents, enrollmentWrites(tables, { enrollment }, decided));
    return enrollmentView(decided.enrollment ?? enrollment, course?.title);
  });
}
