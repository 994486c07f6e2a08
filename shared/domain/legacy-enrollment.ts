import { type CourseId, isId, type PaymentId, type UserId } from './ids.ts';
import {
  firstStamp,
  isLegacy,
  keptOf,
  type LegacyRow,
  type Migrating,
  numberAt,
  oldest,
  textAt,
  timeAt,
  type Unreadable,
} from './legacy-row.ts';
import { called } from './profile.ts';
import type { AccessRequestState, EnrollmentState, PaymentState, StudentState } from './states.ts';
import { ENROLLMENT_SOURCES, type EnrollmentSource, statusOf } from './status.ts';

/** Each gives the row of today, undefined for one that is one already, or what cannot be read. */
type Migrated<State> = State | Unreadable | undefined;

function ids(row: LegacyRow): { userId: UserId; courseId: CourseId } | Unreadable {
  const { userId, courseId } = row;
  if (typeof userId !== 'string' || !isId<UserId>(userId)) return { unreadable: ['userId'] };
  if (typeof courseId !== 'string' || !isId<CourseId>(courseId)) return { unreadable: ['courseId'] };
  return { userId, courseId };
}

/**
 * A student: `createdAt` is `joinedAt` now, and the attributes that a search finds people by are new.
 *
 * @param given.enrolled whether there is any enrollment: who has none is listed as a newcomer
 */
export function migrateStudent(
  row: LegacyRow,
  given: Migrating & { readonly enrolled: boolean },
): Migrated<StudentState> {
  if (!isLegacy(row)) return undefined;
  const { userId } = row;
  if (typeof userId !== 'string' || !isId<UserId>(userId)) return { unreadable: ['userId'] };
  const joinedAt = timeAt(row, 'joinedAt', 'createdAt') ?? given.now;
  const student: StudentState = {
    userId,
    joinedAt,
    ...(given.enrolled ? {} : { newcomerSince: joinedAt.slice(0, 10) }),
    ...firstStamp(joinedAt, given),
  };
  const name = textAt(row, 'name', 'fullName')?.trim();
  return called(
    { ...keptOf(row, 'createdAt', 'fullName'), ...student },
    { name, email: textAt(row, 'email')?.trim() },
  );
}

/** Who is enrolled and has no row as a student: the old school made none for whom an admin enrolled. */
export function studentOfEnrollment({ userId, enrolledAt }: EnrollmentState, given: Migrating): StudentState {
  return { userId, joinedAt: enrolledAt, ...firstStamp(enrolledAt, given) };
}

/**
 * A wish to get in: `requestDate` is `requestedAt`, `reviewedAt`, `reviewedBy` and `rejectionReason` are `decidedAt`,
 * `decidedBy` and `reason`. Its version is the time of asking, like that of every request.
 */
export function migrateAccessRequest(row: LegacyRow, given: Migrating): Migrated<AccessRequestState> {
  if (!isLegacy(row)) return undefined;
  const key = ids(row);
  if ('unreadable' in key) return key;
  const status = typeof row.status === 'string' ? statusOf('accessRequests', row.status) : undefined;
  if (status === undefined) return { unreadable: ['status'] };
  const requestedAt = timeAt(row, 'requestedAt', 'requestDate', 'createdAt');
  if (requestedAt === undefined) return { unreadable: ['requestDate'] };
  const decidedAt = timeAt(row, 'decidedAt', 'reviewedAt');
  const decidedBy = textAt(row, 'decidedBy', 'reviewedBy');
  const reason = textAt(row, 'reason', 'rejectionReason');
  const request: AccessRequestState = {
    ...key,
    status,
    requestedAt,
    ...(decidedAt !== undefined && { decidedAt }),
    ...(decidedBy !== undefined && isId<UserId>(decidedBy) && { decidedBy }),
    ...(reason !== undefined && { reason }),
    ...firstStamp(decidedAt ?? requestedAt, given),
    version: Date.parse(requestedAt),
  };
  const placed = ['requestDate', 'createdAt', 'reviewedAt', 'reviewedBy', 'rejectionReason', 'decidedBy'];
  return { ...keptOf(row, ...placed), ...request };
}

/**
 * A payment: the currency was written as the provider writes it, in small letters; `paidAt` and `refundDate` are
 * `completedAt` and `refundedAt`, `stripeSessionId` is `checkoutId`. What was ordered was not kept: the course's title
 * stands in for it, and the addresses that a checkout led back to are not needed any more.
 */
export function migratePayment(
  row: LegacyRow,
  given: Migrating & { readonly courseTitle: string },
): Migrated<PaymentState> {
  if (!isLegacy(row)) return undefined;
  const key = ids(row);
  if ('unreadable' in key) return key;
  const { paymentId } = row;
  if (typeof paymentId !== 'string' || !isId<PaymentId>(paymentId)) return { unreadable: ['paymentId'] };
  const status = typeof row.status === 'string' ? statusOf('payments', row.status) : undefined;
  if (status === undefined) return { unreadable: ['status'] };
  const amount = numberAt(row, 'amount');
  if (amount === undefined) return { unreadable: ['amount'] };
  const createdAt = timeAt(row, 'createdAt') ?? given.now;
  const completedAt = timeAt(row, 'completedAt', 'paidAt');
  const refundedAt = timeAt(row, 'refundedAt', 'refundDate');
  const failedAt = timeAt(row, 'failedAt');
  const checkoutId = textAt(row, 'checkoutId', 'stripeSessionId');
  const payment: PaymentState = {
    ...key,
    paymentId,
    amount,
    currency: (textAt(row, 'currency') ?? 'usd').toUpperCase(),
    status,
    createdAt,
    order: { title: given.courseTitle, successUrl: '', cancelUrl: '' },
    ...(checkoutId !== undefined && { checkoutId }),
    ...(completedAt !== undefined && { completedAt }),
    ...(refundedAt !== undefined && { refundedAt }),
    ...(failedAt !== undefined && { failedAt }),
    ...firstStamp(refundedAt ?? failedAt ?? completedAt ?? createdAt, given),
  };
  return { ...keptOf(row, 'paidAt', 'refundDate', 'stripeSessionId'), ...payment };
}

/**
 * An enrollment: `enrollmentDate`, `completionDate` and `cancellationDate` are `enrolledAt`, `completedAt` and
 * `cancelledAt`. `enrollmentType` said how it came about, where it was there; what was paid for has a `paymentId`.
 * `progress` was never updated: it stays what it is until it is recalculated, and is unknown where it is missing. Whoever
 * had completed the course keeps that, from the latest time that the row knows of.
 */
export function migrateEnrollment(row: LegacyRow, given: Migrating): Migrated<EnrollmentState> {
  if (!isLegacy(row)) return undefined;
  const key = ids(row);
  if ('unreadable' in key) return key;
  const status = typeof row.status === 'string' ? statusOf('enrollments', row.status) : undefined;
  if (status === undefined) return { unreadable: ['status'] };
  const cancelledAt = timeAt(row, 'cancelledAt', 'cancellationDate');
  const completion = timeAt(row, 'completedAt', 'completionDate');
  const enrolledAt =
    timeAt(row, 'enrolledAt', 'enrollmentDate', 'createdAt') ??
    oldest([completion, cancelledAt]) ??
    given.now;
  const completedAt =
    completion ?? (status === 'completed' ? (timeAt(row, 'lastAccessed') ?? enrolledAt) : undefined);
  const progress = percentOf(row.progress);
  const enrollment: EnrollmentState = {
    ...key,
    status,
    source: sourceOf(row),
    progress,
    attempted: row.attempted === true,
    enrolledAt,
    ...(cancelledAt !== undefined && { cancelledAt }),
    ...(completedAt !== undefined && { completedAt }),
    ...firstStamp(cancelledAt ?? completedAt ?? enrolledAt, given),
  };
  const placed = ['enrollmentDate', 'completionDate', 'cancellationDate', 'enrollmentType', 'createdAt'];
  return { ...keptOf(row, ...placed), ...enrollment };
}

/** Whole percent; null where nobody knows. */
export function percentOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= 100 ? Math.floor(value) : null;
}

function sourceOf(row: LegacyRow): EnrollmentSource {
  const type = textAt(row, 'source', 'enrollmentType')?.toLowerCase();
  const named = ENROLLMENT_SOURCES.find((source) => source === type);
  return named ?? (textAt(row, 'paymentId') === undefined ? 'direct' : 'payment');
}
