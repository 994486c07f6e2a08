import type { AccessRequestView } from '../contracts/access-requests.ts';
import type { RowChange } from '../contracts/publish.ts';
import type { EnrollmentView } from '../contracts/views.ts';
import { ENROLLMENT_SOURCES, statusOf } from '../domain/status.ts';
import { patchProgress } from './patch-progress.ts';
import { numberOrNull, text } from './row-values.ts';
import type { RowKind, ShownRows } from './view-rows.ts';

interface Patch<Kind extends RowKind> {
  readonly table: string;
  /** The row with the values of its change, or the same row where the change does not tell enough. */
  readonly patch: (row: ShownRows[Kind], change: RowChange) => ShownRows[Kind];
}

/** The table that each kind of row is of, and how its changes show. */
export const patches: { readonly [Kind in RowKind]: Patch<Kind> } = {
  enrollment: { table: 'enrollments', patch: patchEnrollment },
  progress: { table: 'studentProgress', patch: patchProgress },
  request: { table: 'accessRequests', patch: patchRequest },
  listedRequest: { table: 'accessRequests', patch: patchRequest },
};

function patchEnrollment(enrollment: EnrollmentView, { version, values }: RowChange): EnrollmentView {
  const status = statusOf('enrollments', text(values.status) ?? '');
  const source = ENROLLMENT_SOURCES.find((each) => each === values.source);
  const progress = numberOrNull(values.progress);
  const enrolledAt = text(values.enrolledAt);
  if (status === undefined || source === undefined) return enrollment;
  if (progress === undefined || enrolledAt === undefined) return enrollment;
  const { courseId, title } = enrollment;
  const cancelledAt = text(values.cancelledAt);
  const completedAt = text(values.completedAt);
  return {
    courseId,
    title,
    status,
    source,
    progress,
    enrolledAt,
    ...(cancelledAt !== undefined && { cancelledAt }),
    ...(completedAt !== undefined && { completedAt }),
    version,
  };
}

function patchRequest<Request extends AccessRequestView>(
  request: Request,
  { version, values }: RowChange,
): Request {
  const status = statusOf('accessRequests', text(values.status) ?? '');
  const requestedAt = text(values.requestedAt);
  if (status === undefined || requestedAt === undefined) return request;
  const decidedAt = status === 'rejected' ? text(values.decidedAt) : undefined;
  // What people wrote is in no event, and what they wrote before would be wrong.
  return { ...request, status, requestedAt, decidedAt, message: undefined, reason: undefined, version };
}
